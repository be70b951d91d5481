using Titanic.Web.Registry;
using Titanic.Web.Training;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>
/// Holds everything in an archive against everything else. It needs neither database nor settings, trusts nothing that it reads, and ends
/// with a sentence whatever the bytes are. What it proves is that the archive is whole and agrees with itself, not who made it.
/// </summary>
public static class ArchiveVerification
{
    /// <param name="archive">Can seek.</param>
    public static CheckedArchive Check(Stream archive)
    {
        var checks = new List<IntegrityCheck>();
        try
        {
            return new CheckedArchive(checks, CheckAll(archive, checks));
        }
        catch (Exception refused) when (refused is ArchiveRefusedException or InvalidDataException or TrainingRefusedException)
        {
            checks.Add(new IntegrityCheck(NameOfNext(checks), false, refused.Message));
        }
        return new CheckedArchive(checks, null);
    }

    private static readonly string[] _names = ["container", "checksums", "description", "training data", "model", "learned again", "input example", "hold-out figures"];

    private static ImportedModelVersion? CheckAll(Stream archive, List<IntegrityCheck> checks)
    {
        var opened = OpenedArchive.Of(archive);
        Add($"{opened.Files.Count} files in {archive.Length} bytes, stored as Titanic stores them; SHA-256 {opened.Sha256}");
        opened.RequireChecksums();
        Add($"every file has the SHA-256 that {ArchiveLayout.Sums} lists");
        var (version, metrics) = opened.ReadDescription();
        Add($"version {version.Version} of {version.Name}, {version.Algorithm}, by code {version.CodeVersion}");
        var rows = opened.ReadRows(version.Dataset);
        Add($"{rows.Rows} rows have the dataset's SHA-256 {rows.Sha256}");
        var artifact = opened.ReadModel(version.Artifact);
        var model = ArchivedModel.Of(version, artifact);
        Add($"{artifact.Length} bytes are {model.Description}, SHA-256 {version.Artifact.Sha256}");
        var split = TrainingSplit.Of(rows.Points);
        if (model.WhyNotLearnedAgain(split.All) is { } reason)
        {
            checks.Add(new IntegrityCheck(NameOfNext(checks), null, reason));
            return null;
        }
        Add("the rows give the same bytes when they are learned again");
        model.RequireAnswer(version.InputExample);
        Add("the bytes answer it as it was registered");
        model.RequireFigures(metrics, split);
        Add($"fitted on the other rows, it answers the {split.HeldOut.Rows} that are held out as the figures say");
        return new ImportedModelVersion(version, metrics, artifact, opened.Bytes(ArchiveLayout.Rows), opened.Sha256);

        void Add(string sentence) => checks.Add(new IntegrityCheck(NameOfNext(checks), true, sentence + "."));
    }

    private static string NameOfNext(List<IntegrityCheck> checks) => _names[checks.Count];
}

/// <summary>An archive after all checks, or after the first that failed: what comes after it would rest on nothing.</summary>
/// <param name="Version">What may be imported; null unless every check holds.</param>
public sealed record CheckedArchive(IReadOnlyList<IntegrityCheck> Checks, ImportedModelVersion? Version)
{
    public bool Holds => Version is not null;

    /// <summary>The first check that does not hold; null when all do.</summary>
    public IntegrityCheck? Failed => Checks.FirstOrDefault(check => check.Holds is not true);
}

/// <summary>Registers a version from an archive, after all checks or not at all.</summary>
public sealed class ArchiveImport(ModelRegistry registry)
{
    /// <param name="body">Read once, up to the longest archive that there may be.</param>
    /// <param name="by">For the audit log; see <see cref="Access.AuditLog.NameOf"/>.</param>
    /// <exception cref="ArchiveRefusedException">A check does not hold, or could not be made; nothing is stored.</exception>
    public async Task<ImportedArchive> Import(Stream body, string by, CancellationToken cancellation)
    {
        await using var archive = await SpooledFile.Of(body, cancellation);
        var result = ArchiveVerification.Check(archive);
        if (result.Version is null)
            throw new ArchiveRefusedException($"Nothing was imported. {Capitalized(result.Failed!.Name)}: {result.Failed.Sentence}");
        var (version, isNew) = await registry.Import(result.Version, by, cancellation);
        return new ImportedArchive(version, isNew, result.Version.ArchiveSha256, result.Checks);
    }

    private static string Capitalized(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}

/// <summary>What became of an archive.</summary>
/// <param name="Version">With its number here.</param>
/// <param name="IsNew">False where a version had these very bytes already, and nothing was stored.</param>
public sealed record ImportedArchive(ModelVersion Version, bool IsNew, string Sha256, IReadOnlyList<IntegrityCheck> Checks)
{
    public override string ToString() => IsNew
        ? $"Version {Version.Version} was imported: it was version {Version.Origin!.Version} where it was learned. Gate: HOLD. {Version.Gate.Reason}"
        : $"Nothing was stored: version {Version.Version} has these very bytes already.";
}
