using Microsoft.Extensions.Logging.Abstractions;
using Titanic.Web.Hosting.EmbeddedPostgres;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

[assembly: AssemblyFixture(typeof(PreparedCluster))]

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>
/// A state folder after one first start and a proper stop, to copy for tests about later starts: a copy takes a tenth of the time.
/// </summary>
public sealed class PreparedCluster : IDisposable
{
    private readonly Lazy<Task<TestFolder>> _original = new(Make);

    /// <returns>To be disposed by the caller.</returns>
    internal async Task<TestFolder> Copy()
    {
        var original = await _original.Value;
        var copy = TestFolder.Create();
        await TestFolder.CopyTree(original.Path + "/.", copy.Path);
        return copy;
    }

    public void Dispose()
    {
        if (_original is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            _original.Value.Result.Dispose();
    }

    private static async Task<TestFolder> Make()
    {
        var folder = TestFolder.Create();
        await (await EmbeddedServer.Start(folder.Options, NullLogger.Instance, CancellationToken.None)).DisposeAsync();
        // Copies that run side by side would all begin with the same port.
        File.Delete(folder.In("port"));
        return folder;
    }
}
