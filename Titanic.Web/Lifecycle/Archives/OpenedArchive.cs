using System.Security.Cryptography;
using System.Text.Unicode;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>An archive whose container is sound; its files are read one at a time, each within its limit.</summary>
internal sealed class OpenedArchive
{
    private readonly Stream _archive;

    private OpenedArchive(Stream archive, IReadOnlyList<StoredEntry> files, string sha256) => (_archive, Files, Sha256) = (archive, files, sha256);

    public IReadOnlyList<StoredEntry> Files { get; }

    /// <summary>Of the whole archive.</summary>
    public string Sha256 { get; }

    /// <exception cref="ArchiveRefusedException">It is no archive of this product, or is damaged.</exception>
    public static OpenedArchive Of(Stream archive)
    {
        var files = StoredZipReader.Open(archive, ArchiveLayout.Names);
        archive.Position = 0;
        return new OpenedArchive(archive, files, Convert.ToHexStringLower(SHA256.HashData(archive)));
    }

    /// <exception cref="ArchiveRefusedException">A file is not the one that is listed, or the list is not one of these files.</exception>
    public void RequireChecksums() => Checksums.Require(
        Text(ArchiveLayout.Sums), [.. Files.Where(file => file.Name != ArchiveLayout.Sums).Select(file => (file.Name, Digest(file)))]);

    /// <exception cref="ArchiveRefusedException">One of the texts cannot have been written by this product.</exception>
    public (ArchivedVersion Version, ArchivedMetrics Metrics) ReadDescription()
    {
        var version = ArchiveJson.Read<ArchivedVersion>(ArchiveLayout.Version, Text(ArchiveLayout.Version));
        var metrics = ArchiveJson.Read<ArchivedMetrics>(ArchiveLayout.Metrics, Text(ArchiveLayout.Metrics));
        if (version.Problem() is { } wrongVersion)
            throw new ArchiveRefusedException($"{ArchiveLayout.Version}: {wrongVersion}");
        if (metrics.Problem() is { } wrongMetrics)
            throw new ArchiveRefusedException($"{ArchiveLayout.Metrics}: {wrongMetrics}");
        if (!Utf8.IsValid(Text(ArchiveLayout.Card)))
            throw new ArchiveRefusedException($"{ArchiveLayout.Card} is no UTF-8.");
        return (version, metrics);
    }

    /// <exception cref="ArchiveRefusedException">They are not the rows of the dataset.</exception>
    /// <exception cref="InvalidDataException">They are no rows.</exception>
    public SnapshotContent ReadRows(ArchivedDataset dataset)
    {
        using var csv = Open(ArchiveLayout.Rows);
        var rows = SnapshotContent.Read(csv, TrainingViews.Of(dataset.View, dataset.ViewVersion));
        if (rows.Sha256 != dataset.Sha256)
            throw new ArchiveRefusedException($"{ArchiveLayout.Rows} reads as SHA-256 {rows.Sha256} ({rows.Rows} rows); {ArchiveLayout.Version} says {dataset.Sha256} ({dataset.Rows} rows).");
        return (rows.Rows, rows.Survivors, rows.HeldOutRows) == (dataset.Rows, dataset.Survivors, dataset.HeldOutRows)
            ? rows
            : throw new ArchiveRefusedException($"{ArchiveLayout.Rows} has {rows.Rows} rows, {rows.Survivors} survivors and {rows.HeldOutRows} rows held out; {ArchiveLayout.Version} says {dataset.Rows}, {dataset.Survivors} and {dataset.HeldOutRows}.");
    }

    /// <exception cref="ArchiveRefusedException">They are other bytes than the version says.</exception>
    public byte[] ReadModel(ArchivedArtifact artifact)
    {
        var bytes = Bytes(ArchiveLayout.Model);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return bytes.Length == artifact.Bytes && sha256 == artifact.Sha256
            ? bytes
            : throw new ArchiveRefusedException($"{ArchiveLayout.Model} has {bytes.Length} bytes with SHA-256 {sha256}; {ArchiveLayout.Version} says {artifact.Bytes} with {artifact.Sha256}.");
    }

    public byte[] Bytes(string name)
    {
        using var content = Open(name);
        var bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        return bytes;
    }

    private byte[] Text(string name) => Files.Single(file => file.Name == name).Length is var length && length <= ArchiveLayout.MostTextBytes
        ? Bytes(name)
        : throw new ArchiveRefusedException($"{name} has {length} bytes; it may have {ArchiveLayout.MostTextBytes}.");

    private string Digest(StoredEntry file)
    {
        using var content = new StoredContent(_archive, file);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }

    private StoredContent Open(string name) => new(_archive, Files.Single(file => file.Name == name));
}
