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
        var checks = new List<ArchiveCheck>();
        try
        {
            return new CheckedArchive(checks, CheckAll(archive, checks));
        }
        catch (Exception refused) when (refused is ArchiveRefusedException or InvalidDataException or TrainingRefusedException)
        {
            checks.Add(new ArchiveCheck(NameOfNext(checks), false, refused.Message));
        }
        return new CheckedArchive(checks, null);
    }

    private static readonly string[] _names = ["container", "checksums", "description", "training data", "model", "learned again", "input example", "hold-out figures"];

    private static ImportedModelVersion? CheckAll(Stream archive, List<ArchiveCheck> checks)
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
            checks.Add(new ArchiveCheck(NameOfNext(checks), null, reason));
            return null;
        }
        Add("the rows give the same bytes when they are learned again");
        model.RequireAnswer(version.InputExample);
        Add("the bytes answer it as it was registered");
        model.RequireFigures(metrics, split);
        Add($"fitted on the other rows, it answers the {split.HeldOut.Rows} that are held out as the figures say");
        return new ImportedModelVersion(version, metrics, artifact, opened.Bytes(ArchiveLayout.Rows), opened.Sha256);

        void Add(string sentence) => checks.Add(new ArchiveCheck(NameOfNext(checks), true, sentence + "."));
    }

    private static string NameOfNext(List<ArchiveCheck> checks) => _names[checks.Count];
}
