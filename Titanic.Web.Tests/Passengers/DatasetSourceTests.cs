using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class DatasetSourceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("titanic-datasets-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Opens_the_shipped_list()
    {
        await using var dataset = await Source().OpenAsync(null, Cancellation);

        var list = await ListReading.Of(dataset.Content);

        Assert.Equal(1309, list.Accepted.Count);
        Assert.Equal(("titanic3", BundledDataset.Sha256), (dataset.Source, dataset.Sha256));
    }

    [Fact]
    public async Task Opens_a_file()
    {
        var path = Path.Combine(_directory, "list.csv");
        await File.WriteAllTextAsync(path, ListReading.Header + "1,0,3,A,male,,\n", Cancellation);

        await using var dataset = await Source().OpenAsync(path, Cancellation);

        Assert.Single((await ListReading.Of(dataset.Content)).Accepted);
        Assert.Equal(("upload", $"the file {path}"), (dataset.Source, dataset.Description));
        Assert.Equal(64, dataset.Sha256.Length);
    }

    [Fact]
    public async Task Opens_an_upload_within_the_size_limit()
    {
        await using var dataset = Source(maximumBytes: 20).OpenUpload(new MemoryStream(new byte[21]), "the request's body");

        var refusal = await Assert.ThrowsAsync<PassengerFileException>(() => ListReading.Of(dataset.Content));

        Assert.Equal("upload", dataset.Source);
        Assert.StartsWith("the request's body is larger than 20 bytes", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_path_that_leads_nowhere()
    {
        var path = Path.Combine(_directory, "absent.csv");

        var refusal = await Assert.ThrowsAsync<PassengerFileException>(() => Source().OpenAsync(path, Cancellation));

        Assert.StartsWith($"The file {path} cannot be read", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_directory()
    {
        var refusal = await Assert.ThrowsAsync<PassengerFileException>(() => Source().OpenAsync(_directory, Cancellation));

        Assert.Contains("is a directory", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_file_over_the_size_limit_before_reading_it()
    {
        var path = Path.Combine(_directory, "large.csv");
        await File.WriteAllBytesAsync(path, new byte[101], Cancellation);

        var refusal = await Assert.ThrowsAsync<PassengerFileException>(() => Source(maximumBytes: 100).OpenAsync(path, Cancellation));

        Assert.Contains("larger than 100 bytes", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://example.org/titanic.csv")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://")]
    public async Task Refuses_other_schemes(string location)
    {
        var refusal = await Assert.ThrowsAsync<PassengerFileException>(() => Source().OpenAsync(location, Cancellation));

        Assert.Contains("is not an http or https URL", refusal.Message, StringComparison.Ordinal);
    }

    private static DatasetSource Source(long maximumBytes = 1 << 20) =>
        DatasetWebServer.SourceWith(new PassengersOptions { MaximumFileSizeInBytes = maximumBytes });
}
