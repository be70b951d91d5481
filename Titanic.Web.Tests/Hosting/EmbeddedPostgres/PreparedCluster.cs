using Microsoft.Extensions.Logging.Abstractions;
using Titanic.Web.Hosting.EmbeddedPostgres;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

[assembly: AssemblyFixture(typeof(PreparedCluster))]

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>
/// A state folder after a first start and a graceful stop, which tests of later starts copy: a copy takes a tenth of the time of a first
/// start.
/// </summary>
public sealed class PreparedCluster : IDisposable
{
    private readonly Lazy<Task<TestFolder>> _original = new(Create);

    /// <summary>Copies the state folder.</summary>
    /// <returns>The copy; the caller disposes it.</returns>
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

    private static async Task<TestFolder> Create()
    {
        var folder = TestFolder.Create();
        await (await EmbeddedServer.Start(folder.Options, NullLogger.Instance, CancellationToken.None)).DisposeAsync();
        // Servers of concurrent copies would otherwise all start with the same port.
        File.Delete(folder.PathTo("port"));
        return folder;
    }
}
