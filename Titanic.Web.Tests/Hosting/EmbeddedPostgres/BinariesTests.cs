using Microsoft.Extensions.Logging.Abstractions;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

public sealed class BinariesTests(PreparedCluster prepared) : IDisposable
{
    private readonly TestFolder _folder = TestFolder.Create();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Links_that_an_install_without_scripts_left_out_are_made_in_a_copy()
    {
        var packages = await PackagesWithoutLinks();
        using var folder = await prepared.Copy();
        var options = folder.Options with { BinariesRoot = packages, BinariesCache = _folder.In("cache") };

        await using var server = await EmbeddedServer.Start(options, NullLogger.Instance, Cancellation);

        Assert.Equal("up", await EmbeddedServerTests.Ask(server.ConnectionString, "SELECT 'up'"));
        Assert.Empty(LinksIn(packages));
        Assert.NotEmpty(LinksIn(_folder.In("cache")));
    }

    [Fact]
    public async Task A_copy_is_made_once_and_is_whole_when_two_make_it_at_the_same_moment()
    {
        var binaries = Binaries.Locate(await PackagesWithoutLinks());

        var both = await Task.WhenAll(
            Task.Run(() => binaries.MadeUsable(_folder.In("cache"), null, Cancellation), Cancellation),
            Task.Run(() => binaries.MadeUsable(_folder.In("cache"), null, Cancellation), Cancellation));

        Assert.Equal(both[0].Folder, both[1].Folder);
        Assert.Equal(_folder.In("cache"), Path.GetDirectoryName(both[0].Folder));
        Assert.Equal(both[0].Folder, Assert.Single(Directory.GetDirectories(_folder.In("cache"))));
        Assert.All(binaries.Links, link => Assert.True(File.Exists(Path.Combine(both[0].Folder, link.Link)), link.Link));
        Assert.Same(both[0], await both[0].MadeUsable(_folder.In("cache"), null, Cancellation));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> PackagesWithoutLinks()
    {
        await TestFolder.CopyTree(_folder.Options.BinariesRoot, _folder.Path);
        var packages = _folder.In("@embedded-postgres");
        foreach (var link in LinksIn(packages).ToList())
            link.Delete();
        return packages;
    }

    private static IEnumerable<FileInfo> LinksIn(string folder) => new DirectoryInfo(folder)
        .EnumerateFiles("*", SearchOption.AllDirectories)
        .Where(file => file.LinkTarget is not null);
}
