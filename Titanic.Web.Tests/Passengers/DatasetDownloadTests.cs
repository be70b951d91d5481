using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class DatasetDownloadTests(DatasetWebServer server) : IClassFixture<DatasetWebServer>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/titanic.csv")]
    [InlineData("/far/5")]
    public async Task Reads_a_list_directly_and_after_five_redirects(string path)
    {
        await using var dataset = await DatasetWebServer.SourceWith(new()).OpenAsync(server.Address + path, Cancellation);

        var list = await ListReading.Of(dataset.Content);

        Assert.Equal(1309, list.Accepted.Count);
        Assert.Equal(("upload", BundledDataset.Sha256), (dataset.Source, dataset.Sha256));
    }

    [Fact]
    public async Task Shows_a_URL_without_what_may_be_secret()
    {
        var url = server.Address.Replace("http://", "http://user:word@", StringComparison.Ordinal) + "/titanic.csv?token=abc#part";

        await using var dataset = await DatasetWebServer.SourceWith(new()).OpenAsync(url, Cancellation);

        Assert.Equal(server.Address + "/titanic.csv", dataset.Description);
    }

    [Theory]
    [InlineData("/far/6", "redirects more than 5 times")]
    [InlineData("/circle/0", "redirect loop")]
    [InlineData("/elsewhere", "only http and https are followed")]
    [InlineData("/gone", "answered 410 (Gone)")]
    [InlineData("/nothing-here", "answered 404 (Not Found)")]
    [InlineData("/page", "is an HTML page, not a CSV file")]
    [InlineData("/declared/1001", "is larger than 1000 bytes")]
    public async Task Refuses_a_bad_answer(string path, string said)
    {
        var source = DatasetWebServer.SourceWith(new() { MaximumFileSizeInBytes = 1000 });

        var refusal = await Assert.ThrowsAsync<PassengerFileException>(() => source.OpenAsync(server.Address + path, Cancellation));

        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(server.Address, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Hint:", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/undeclared/1001", "is larger than 1000 bytes")]
    [InlineData("/hidden-page", "HTML")]
    public async Task Refuses_a_bad_body_while_reading(string path, string said)
    {
        var source = DatasetWebServer.SourceWith(new() { MaximumFileSizeInBytes = 1000 });
        await using var dataset = await source.OpenAsync(server.Address + path, Cancellation);

        var refusal = await Assert.ThrowsAsync<PassengerFileException>(() => ListReading.Of(dataset.Content));

        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_body_that_breaks_off()
    {
        await using var dataset = await DatasetWebServer.SourceWith(new()).OpenAsync(server.Address + "/torn", Cancellation);
        server.Tear.SetResult();

        var refusal = await Assert.ThrowsAsync<PassengerFileException>(() => ListReading.Of(dataset.Content));

        Assert.Contains("broke off after", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gives_up_when_no_answer_comes()
    {
        var clock = new FakeTimeProvider();
        var source = DatasetWebServer.SourceWith(new(), clock);

        var opening = source.OpenAsync(server.Address + "/silent", Cancellation);
        await clock.AdvanceUntilCompleted(opening);

        var refusal = await Assert.ThrowsAsync<PassengerFileException>(() => opening);
        Assert.Contains("did not answer within 00:05:00", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gives_up_when_the_body_stalls()
    {
        var clock = new FakeTimeProvider();
        await using var dataset = await DatasetWebServer.SourceWith(new(), clock).OpenAsync(server.Address + "/stalled", Cancellation);

        var reading = ListReading.Of(dataset.Content);
        await clock.AdvanceUntilCompleted(reading);

        var refusal = await Assert.ThrowsAsync<PassengerFileException>(() => reading);
        Assert.Contains("did not arrive in time", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("longer than 00:05:00", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_cancels_is_not_told_about_the_time_out()
    {
        using var cancellation = new CancellationTokenSource();
        var opening = DatasetWebServer.SourceWith(new()).OpenAsync(server.Address + "/silent", cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
    }

    [Fact]
    public async Task Refuses_an_address_where_nobody_listens()
    {
        using var reserved = new TcpListener(IPAddress.Loopback, 0);
        reserved.Start();
        var port = ((IPEndPoint)reserved.LocalEndpoint).Port;
        reserved.Stop();

        var refusal = await Assert.ThrowsAsync<PassengerFileException>(
            () => DatasetWebServer.SourceWith(new()).OpenAsync($"http://127.0.0.1:{port}/titanic.csv", Cancellation));

        Assert.Contains("cannot be reached", refusal.Message, StringComparison.Ordinal);
    }
}
