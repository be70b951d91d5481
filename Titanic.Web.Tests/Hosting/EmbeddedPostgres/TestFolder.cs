using System.Security.Cryptography;
using Titanic.Web.Hosting.EmbeddedPostgres;
using Titanic.Web.Tests.Repository;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>A state folder for one test. Its path is short enough for a Unix socket (107 bytes on Linux); dispose deletes it.</summary>
internal sealed class TestFolder : IDisposable
{
    private TestFolder(string path) => Path = path;

    public string Path { get; }

    /// <summary>
    /// Options with the product's binaries and this folder, without fsync, because the tests do not cover power failures.
    /// </summary>
    public EmbeddedServerOptions Options => new()
    {
        BinariesRoot = EmbeddedServerOptions.PackagesIn(RepositoryFolder.Web),
        DataDirectory = Path,
        Durable = false,
    };

    public static TestFolder Create()
    {
        var name = "titanic-" + RandomNumberGenerator.GetHexString(8, lowercase: true);
        var path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), name);
        StateFolder.CreateSharedFolder(path);
        return new TestFolder(path);
    }

    /// <summary>Copies a folder with owners, permissions and links.</summary>
    public static async Task CopyTree(string source, string target)
    {
        var copy = await ServerProgram.Run("/bin/cp", ["-a", source, target], null, CancellationToken.None);
        Assert.True(copy.ExitCode == 0, copy.Output);
    }

    public string PathTo(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
