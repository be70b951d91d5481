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
    public async Task Downloads_directly_and_after_five_redirects(string path)
    {
        await using var dataset = await DatasetWebServer.SourceWith(new() { AllowPrivateAddresses = true }).OpenAsync(server.Address + path, Cancellation);

        var list = await PassengerListResult.Of(dataset.Content);

        Assert.Equal(1309, list.Accepted.Count);
        Assert.Equal(("upload", BundledDataset.Sha256), (dataset.Source, dataset.Sha256));
    }

    [Fact]
    public async Task Hides_user_password_and_query_of_a_URL()
    {
        var url = server.Address.Replace("http://", "http://user:word@", StringComparison.Ordinal) + "/titanic.csv?token=abc#part";

        await using var dataset = await DatasetWebServer.SourceWith(new() { AllowPrivateAddresses = true }).OpenAsync(url, Cancellation);

        Assert.Equal(server.Address + "/titanic.csv", dataset.Description);
    }

    [Theory]
    [InlineData("/far/6", "redirects more than 5 times")]
    [InlineData("/circle/0", "redirect loop")]
    [InlineData("/elsewhere", "only http and https are followed")]
    [InlineData("/gone", "returned status 410 (Gone)")]
    [InlineData("/nothing-here", "returned status 404 (Not Found)")]
    [InlineData("/page", "is an HTML page, not a CSV file")]
    [InlineData("/declared/1001", "is larger than 1,000 bytes")]
    public async Task Rejects_an_invalid_response(string path, string message)
    {
        var source = DatasetWebServer.SourceWith(new() { MaximumFileSizeInBytes = 1000, AllowPrivateAddresses = true });

        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => source.OpenAsync(server.Address + path, Cancellation));

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Contains(server.Address, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Hint:", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/undeclared/1001", "is larger than 1,000 bytes")]
    [InlineData("/hidden-page", "HTML")]
    public async Task Rejects_an_invalid_body_while_reading(string path, string message)
    {
        var source = DatasetWebServer.SourceWith(new() { MaximumFileSizeInBytes = 1000, AllowPrivateAddresses = true });
        await using var dataset = await source.OpenAsync(server.Address + path, Cancellation);

        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => PassengerListResult.Of(dataset.Content));

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_an_interrupted_body()
    {
        await using var dataset = await DatasetWebServer.SourceWith(new() { AllowPrivateAddresses = true }).OpenAsync(server.Address + "/torn", Cancellation);
        server.AbortDownload.SetResult();

        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => PassengerListResult.Of(dataset.Content));

        Assert.Contains("was interrupted after", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_out_without_a_response()
    {
        var clock = new FakeTimeProvider();
        var source = DatasetWebServer.SourceWith(new() { AllowPrivateAddresses = true }, clock);

        var opening = source.OpenAsync(server.Address + "/silent", Cancellation);
        await clock.AdvanceUntilCompleted(opening);

        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => opening);
        Assert.Contains("did not respond within 00:05:00", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_out_if_the_body_stalls()
    {
        var clock = new FakeTimeProvider();
        await using var dataset = await DatasetWebServer.SourceWith(new() { AllowPrivateAddresses = true }, clock).OpenAsync(server.Address + "/stalled", Cancellation);

        var reading = PassengerListResult.Of(dataset.Content);
        await clock.AdvanceUntilCompleted(reading);

        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => reading);
        Assert.Contains("timed out after", exception.Message, StringComparison.Ordinal);
        Assert.Contains("exceeded 00:05:00", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Throws_OperationCanceledException_if_the_caller_cancels()
    {
        using var cancellation = new CancellationTokenSource();
        var opening = DatasetWebServer.SourceWith(new() { AllowPrivateAddresses = true }).OpenAsync(server.Address + "/silent", cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
    }

    [Fact]
    public async Task Rejects_an_unreachable_address()
    {
        using var reserved = new TcpListener(IPAddress.Loopback, 0);
        reserved.Start();
        var port = ((IPEndPoint)reserved.LocalEndpoint).Port;
        reserved.Stop();

        var exception = await Assert.ThrowsAsync<PassengerFileException>(
            () => DatasetWebServer.SourceWith(new() { AllowPrivateAddresses = true }).OpenAsync($"http://127.0.0.1:{port}/titanic.csv", Cancellation));

        Assert.Contains("cannot be reached", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_private_address_by_default()
    {
        var exception = await Assert.ThrowsAsync<PassengerFileException>(
            () => DatasetWebServer.SourceWith(new()).OpenAsync($"{server.Address}/titanic.csv", Cancellation));

        Assert.Equal(
            $"{server.Address}/titanic.csv cannot be read. The host 127.0.0.1 has only private, loopback or link-local addresses; they need "
            + "Passengers:AllowPrivateAddresses. Hint: download the file and import it, or set that setting to true.",
            exception.Message);
    }

    /// <summary>The second connection is to a name, so that it is not the first one again.</summary>
    [Fact]
    public async Task Refuses_a_redirect_to_a_private_address()
    {
        var options = new PassengersOptions { AllowPrivateAddresses = true };
        server.Redirecting = () => options.AllowPrivateAddresses = false;
        var target = server.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) + "/titanic.csv";

        var exception = await Assert.ThrowsAsync<PassengerFileException>(
            () => DatasetWebServer.SourceWith(options).OpenAsync($"{server.Address}/to/{target}", Cancellation));

        Assert.Contains("The host localhost has only private, loopback or link-local addresses", exception.Message, StringComparison.Ordinal);
    }
}
