using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

public sealed class BinariesTests(PreparedCluster prepared) : IDisposable
{
    private readonly TestFolder _folder = TestFolder.Create();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Creates_missing_library_links_in_a_copy()
    {
        var packages = await PackagesWithoutLinks();
        using var folder = await prepared.Copy();
        var options = folder.Options with { BinariesRoot = packages, BinariesCache = _folder.PathTo("cache") };

        await using var server = await EmbeddedServer.Start(options, NullLogger.Instance, Cancellation);

        Assert.Equal("up", await EmbeddedServerTests.Query(server.ConnectionString, "SELECT 'up'"));
        Assert.Empty(LinksIn(packages));
        Assert.NotEmpty(LinksIn(_folder.PathTo("cache")));
    }

    [Fact]
    public async Task Two_concurrent_calls_create_one_complete_copy()
    {
        var binaries = SmallPackage();

        var both = await Task.WhenAll(
            Task.Run(() => binaries.EnsureUsable(_folder.PathTo("cache"), null, Cancellation), Cancellation),
            Task.Run(() => binaries.EnsureUsable(_folder.PathTo("cache"), null, Cancellation), Cancellation));

        Assert.Equal(both[0].Folder, both[1].Folder);
        Assert.Equal(_folder.PathTo("cache"), Path.GetDirectoryName(both[0].Folder));
        Assert.Equal(both[0].Folder, Assert.Single(Directory.GetDirectories(_folder.PathTo("cache"))));
        Assert.Equal("library", File.ReadAllText(Path.Combine(both[0].Folder, "lib/libpq.so.5")));
        Assert.Same(both[0], await both[0].EnsureUsable(_folder.PathTo("cache"), null, Cancellation));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> PackagesWithoutLinks()
    {
        await TestFolder.CopyTree(_folder.Options.BinariesRoot, _folder.Path);
        var packages = _folder.PathTo("@embedded-postgres");
        foreach (var link in LinksIn(packages).ToList())
            link.Delete();
        return packages;
    }

    private Binaries SmallPackage()
    {
        var platform = Binaries.PlatformOf(RuntimeInformation.RuntimeIdentifier);
        var native = _folder.PathTo($"packages/{platform}/native");
        foreach (var folder in (string[])["bin", "lib"])
            Directory.CreateDirectory(Path.Combine(native, folder));
        File.WriteAllText(_folder.PathTo($"packages/{platform}/package.json"), """{"version": "18.9.1"}""");
        File.WriteAllText(Path.Combine(native, "lib/libpq.so.5.18"), "library");
        File.WriteAllText(
            Path.Combine(native, "pg-symlinks.json"), """[{"source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5"}]""");
        return Binaries.Locate(_folder.PathTo("packages"));
    }

    private static IEnumerable<FileInfo> LinksIn(string folder) => new DirectoryInfo(folder)
        .EnumerateFiles("*", SearchOption.AllDirectories)
        .Where(file => file.LinkTarget is not null);
}
