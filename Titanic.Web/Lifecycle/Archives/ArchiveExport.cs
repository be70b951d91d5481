using System.Security.Cryptography;
using System.Text;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>Writes the archive of a version: model, model card, metrics, training rows and checksums in one file.</summary>
public sealed class ArchiveExport(ModelRegistry registry, TrainingDatasetExport rows, VersionTrainingRows trainingRows)
{
    /// <summary>
    /// Writes the archive after verifying the digests of the artifact and of the rows. The same version results in the same bytes on every
    /// machine, until its description or tags are edited.
    /// </summary>
    /// <exception cref="InvalidDataException">The artifact or the rows do not have the registered digest.</exception>
    /// <exception cref="InvalidArchiveException">The archive would exceed <see cref="ArchiveLayout.MaximumBytes"/>.</exception>
    public async Task<ArchiveFile> Write(ModelVersion version, CancellationToken cancellation)
    {
        version.RequireRegisteredBytes();
        var dataset = await registry.ReadDataset(version, cancellation);
        var archived = ArchivedVersion.Of(version, ArchivedDataset.Of(dataset));
        var metrics = ArchivedMetrics.Of(version);
        var file = TemporaryFile.Create();
        try
        {
            var zip = new StoredZipWriter(file);
            (string Name, string Sha256)[] sums =
            [
                (ArchiveLayout.Version, await zip.Add(ArchiveLayout.Version, ArchiveJson.Write(archived))),
                (ArchiveLayout.Metrics, await zip.Add(ArchiveLayout.Metrics, ArchiveJson.Write(metrics))),
                (ArchiveLayout.Card, await zip.Add(ArchiveLayout.Card, ModelCard.Of(archived, metrics))),
                (ArchiveLayout.Model, await zip.Add(ArchiveLayout.Model, version.Artifact)),
                (ArchiveLayout.Rows, await zip.Add(ArchiveLayout.Rows, content => WriteRows(version, dataset, content, cancellation))),
            ];
            await zip.Add(ArchiveLayout.Sums, Encoding.UTF8.GetBytes(Checksums.Format(sums)));
            await zip.Close();
            file.Position = 0;
            var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
            file.Position = 0;
            return new ArchiveFile(file, ArchiveLayout.NameOf(version), sha256);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private async Task WriteRows(ModelVersion version, TrainingDataset dataset, Stream content, CancellationToken cancellation)
    {
        if (dataset.IsLocal)
            await rows.WriteCsv(dataset, content, cancellation);
        else
            await content.WriteAsync((await trainingRows.ReadImported(version, cancellation)).Csv, cancellation);
    }
}

/// <summary>An exported archive.</summary>
/// <param name="Content">The archive, positioned at its start; the caller disposes it.</param>
/// <param name="Name">The file name for downloads.</param>
/// <param name="Sha256">Digest of the whole file; lower-case hexadecimal.</param>
public sealed record ArchiveFile(Stream Content, string Name, string Sha256);
