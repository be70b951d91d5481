using Titanic.Web.Registry;
using Titanic.Web.Training;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>
/// Verifies an archive: container, checksums, metadata, rows, retrained model, prediction and metrics. It requires neither a database nor
/// settings and treats all bytes as untrusted. It proves that the archive is complete and consistent, not who created it.
/// </summary>
public static class ArchiveVerification
{
    /// <summary>Runs the checks until one fails. An invalid archive results in a failed check, not in an exception.</summary>
    /// <param name="archive">A seekable stream.</param>
    public static ArchiveVerificationResult Check(Stream archive)
    {
        var checks = new List<IntegrityCheck>();
        try
        {
            return new ArchiveVerificationResult(checks, CheckAll(archive, checks));
        }
        catch (Exception failure) when (failure is InvalidArchiveException or InvalidDataException or TrainingFailedException)
        {
            checks.Add(new IntegrityCheck(NextCheckName(checks), false, failure.Message));
        }
        return new ArchiveVerificationResult(checks, null);
    }

    private static readonly string[] _checkNames = ["container", "checksums", "description", "training data", "model", "retraining", "input example", "hold-out metrics"];

    private static ImportedModelVersion? CheckAll(Stream archive, List<IntegrityCheck> checks)
    {
        var opened = OpenedArchive.Of(archive);
        Add(FormattableString.Invariant($"{opened.Files.Count} files in {archive.Length:#,##0} bytes in the layout of Titanic archives; SHA-256 {opened.Sha256}"));
        opened.RequireChecksums();
        Add($"Every file has the SHA-256 listed in {ArchiveLayout.Sums}");
        var (version, metrics) = opened.ReadDescription();
        Add($"Version {version.Version} of {version.Name}, {LearnerNames.Display(version.Algorithm)}, by code {version.CodeVersion}");
        var rows = opened.ReadRows(version.Dataset);
        Add(FormattableString.Invariant($"The {rows.Rows:#,##0} rows have the dataset's SHA-256 {rows.Sha256}"));
        var artifact = opened.ReadModel(version.Artifact);
        var model = ArchivedModel.Of(version, artifact);
        Add(FormattableString.Invariant($"{artifact.Length:#,##0} bytes: {model.Description}, SHA-256 {version.Artifact.Sha256}"));
        var split = TrainingSplit.Of(rows.Points);
        if (model.Retrain(split.All) is { } reason)
        {
            checks.Add(new IntegrityCheck(NextCheckName(checks), null, reason));
            return null;
        }
        Add("Retraining on the rows results in the same bytes");
        model.RequirePrediction(version.InputExample);
        Add("The model predicts the registered result");
        model.RequireMetrics(metrics, split);
        Add(FormattableString.Invariant($"A fit on the training split predicts the {split.HeldOut.Rows:#,##0} hold-out rows with the stated metrics"));
        return new ImportedModelVersion(version, metrics, artifact, opened.ReadBytes(ArchiveLayout.Rows), opened.Sha256);

        void Add(string finding) => checks.Add(new IntegrityCheck(NextCheckName(checks), true, finding + "."));
    }

    private static string NextCheckName(List<IntegrityCheck> checks) => _checkNames[checks.Count];
}

/// <summary>The result of a verification. Each check requires the ones before it, so the checks end with the first that fails.</summary>
/// <param name="Checks">The checks that were made, in order.</param>
/// <param name="Version">The version to import; null unless all checks pass.</param>
public sealed record ArchiveVerificationResult(IReadOnlyList<IntegrityCheck> Checks, ImportedModelVersion? Version)
{
    /// <summary>Whether all checks passed.</summary>
    public bool IsValid => Version is not null;

    /// <summary>The first check that failed or could not be made; null when all passed.</summary>
    public IntegrityCheck? FirstFailure => Checks.FirstOrDefault(check => check.Holds is not true);
}

/// <summary>Registers a version from an archive that passes all checks.</summary>
public sealed class ArchiveImport(ModelRegistry registry)
{
    /// <summary>Verifies an archive and registers its version with the verdict HOLD.</summary>
    /// <param name="body">The archive; it is read once and does not have to be seekable.</param>
    /// <param name="by">The caller for the audit log; see <see cref="Access.AuditLog.CallerName"/>.</param>
    /// <exception cref="InvalidArchiveException">
    /// The archive is too large, or a check failed or could not be made. Nothing is stored.
    /// </exception>
    public async Task<ImportedArchive> Import(Stream body, string by, CancellationToken cancellation)
    {
        await using var archive = await TemporaryFile.CopyFrom(body, cancellation);
        var result = ArchiveVerification.Check(archive);
        if (result.Version is null)
            throw new InvalidArchiveException(
                $"Nothing was imported. {Capitalize(result.FirstFailure!.Name)}: {result.FirstFailure.Sentence}");
        var (version, isNew) = await registry.Import(result.Version, by, cancellation);
        return new ImportedArchive(version, isNew, result.Version.ArchiveSha256, result.Checks);
    }

    private static string Capitalize(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}

/// <summary>The result of an import.</summary>
/// <param name="Version">The version with its number in this store.</param>
/// <param name="IsNew">False when a version with the same artifact existed already; nothing was stored.</param>
/// <param name="Sha256">Digest of the archive; lower-case hexadecimal.</param>
/// <param name="Checks">The checks that were made.</param>
public sealed record ImportedArchive(ModelVersion Version, bool IsNew, string Sha256, IReadOnlyList<IntegrityCheck> Checks)
{
    public override string ToString() => IsNew
        ? $"Version {Version.Version} was imported; it is version {Version.Origin!.Version} of the exporting store. Gate: HOLD. {Version.Gate.Reason}"
        : $"Nothing was imported: version {Version.Version} already has the same artifact.";
}
