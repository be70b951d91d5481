using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class DatasetSourceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("titanic-datasets-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Opens_the_bundled_dataset()
    {
        await using var dataset = await SourceWithLimit().OpenAsync(null, Cancellation);

        var list = await PassengerListResult.Of(dataset.Content);

        Assert.Equal(1309, list.Accepted.Count);
        Assert.Equal(("titanic3", BundledDataset.Sha256), (dataset.Source, dataset.Sha256));
    }

    [Fact]
    public async Task Opens_a_file()
    {
        var path = Path.Combine(_directory, "list.csv");
        await File.WriteAllTextAsync(path, PassengerListResult.Header + "1,0,3,A,male,,\n", Cancellation);

        await using var dataset = await SourceWithLimit().OpenAsync(path, Cancellation);

        Assert.Single((await PassengerListResult.Of(dataset.Content)).Accepted);
        Assert.Equal(("upload", $"the file {path}"), (dataset.Source, dataset.Description));
        Assert.Equal(64, dataset.Sha256.Length);
    }

    [Fact]
    public async Task Rejects_an_upload_over_the_size_limit()
    {
        await using var dataset = SourceWithLimit(maximumBytes: 20).OpenUpload(new MemoryStream(new byte[21]), "the request's body");

        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => PassengerListResult.Of(dataset.Content));

        Assert.Equal("upload", dataset.Source);
        Assert.StartsWith("the request's body is larger than 20 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_a_path_that_does_not_exist()
    {
        var path = Path.Combine(_directory, "absent.csv");

        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => SourceWithLimit().OpenAsync(path, Cancellation));

        Assert.StartsWith($"The file {path} cannot be read", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_a_directory()
    {
        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => SourceWithLimit().OpenAsync(_directory, Cancellation));

        Assert.Contains("is a directory", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_a_file_over_the_size_limit_before_reading_it()
    {
        var path = Path.Combine(_directory, "large.csv");
        await File.WriteAllBytesAsync(path, new byte[101], Cancellation);

        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => SourceWithLimit(maximumBytes: 100).OpenAsync(path, Cancellation));

        Assert.Contains("larger than 100 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://example.org/titanic.csv")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://")]
    public async Task Rejects_other_URL_schemes(string location)
    {
        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => SourceWithLimit().OpenAsync(location, Cancellation));

        Assert.Contains("it must be an http or https URL, or a path.", exception.Message, StringComparison.Ordinal);
    }

    private static DatasetSource SourceWithLimit(long maximumBytes = 1 << 20) =>
        DatasetWebServer.SourceWith(new PassengersOptions { MaximumFileSizeInBytes = maximumBytes });
}
