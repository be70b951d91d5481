using System.Text;
using Titanic.Web.Lifecycle.Archives;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>The archive of the first version of a store, created once for a test class, and forgeries of it.</summary>
public sealed class TrainedArchive(TestPostgres postgres) : IAsyncLifetime
{
    /// <summary>The bytes of the archive.</summary>
    public byte[] Bytes { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        Bytes = await workflow.Export(1);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The archive with a changed file and matching checksums, so that container and checksums are valid.</summary>
    public byte[] With(string name, Func<string, string> forge) => With(files => files[name] = Encoding.UTF8.GetBytes(forge(Encoding.UTF8.GetString(files[name]))));

    public byte[] With(Action<Dictionary<string, byte[]>> forge)
    {
        var files = FilesOf(Bytes);
        forge(files);
        return SampleArchive.Pack(files);
    }

    internal static Dictionary<string, byte[]> FilesOf(byte[] archive)
    {
        using var stream = new MemoryStream(archive);
        return StoredZipReader.Open(stream, ArchiveLayout.Names).ToDictionary(entry => entry.Name, entry => archive[(int)entry.Start..(int)entry.End]);
    }

    public static ArchiveVerificationResult Check(byte[] archive)
    {
        using var stream = new MemoryStream(archive, writable: false);
        return ArchiveVerification.Check(stream);
    }
}

internal static class ArchiveWorkflow
{
    public static async Task<byte[]> Export(this TestWorkflow workflow, int version)
    {
        var stored = await workflow.InScope<ModelRegistry, ModelVersion?>(registry => registry.Find(version, TestWorkflow.Cancellation));
        var archive = await workflow.InScope<ArchiveExport, ArchiveFile>(export => export.Write(stored!, TestWorkflow.Cancellation));
        await using var content = archive.Content;
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, TestWorkflow.Cancellation);
        return bytes.ToArray();
    }

    public static Task<ImportedArchive> Import(this TestWorkflow workflow, byte[] archive) =>
        workflow.InScope<ArchiveImport, ImportedArchive>(import => import.Import(new MemoryStream(archive), "a test", TestWorkflow.Cancellation));
}
