namespace Titanic.Web.Lifecycle.Lineage;

/// <summary>
/// What an answer rests on, from the row that was asked about to the code that ran: each step names the next, and has a page.
/// </summary>
/// <param name="Passenger">The row that was asked about; null for a question about nobody in particular.</param>
/// <param name="Outcome">What happened; null while it is not known.</param>
/// <param name="Runs">Every run behind the answer, in the order of their work.</param>
public sealed record PredictionLineage(
    RowOrigin? Passenger, ToldOutcome? Outcome, AnsweringModel Model, DatasetOrigin TrainingDataset, IReadOnlyList<RunOrigin> Runs)
{
    /// <summary>The versions of the code that ran, each with what it did.</summary>
    public IEnumerable<IGrouping<string, string>> CodeVersions() =>
        Runs.GroupBy(run => run.CodeVersion, run => FormattableString.Invariant($"run {run.RunId}, which {run.Did}"));
}

/// <param name="Source">One of <see cref="FeatureStore.PassengerSources"/>.</param>
/// <param name="IsAsAsked">False when no version of the row says what was asked.</param>
public sealed record RowOrigin(string Source, string Key, string? Name, bool IsAsAsked, CommitOrigin Commit)
{
    public string Page => $"/features/passengers/{Uri.EscapeDataString(Source)}/{Uri.EscapeDataString(Key)}";
}

public sealed record ToldOutcome(bool Survived, DateTimeOffset KnownAt, CommitOrigin Commit);

public sealed record CommitOrigin(long CommitId, DateTimeOffset CommittedAt, string Source, string Description, long? RunId, string CodeVersion)
{
    public string Page => FormattableString.Invariant($"/features/commits/{CommitId}");
}

/// <param name="ArtifactSha256">Lower-case hexadecimal, of <paramref name="SizeInBytes"/> bytes.</param>
public sealed record AnsweringModel(string Name, int Version, string Algorithm, string ArtifactSha256, int SizeInBytes, DateTimeOffset RegisteredAt, long? RunId, string CodeVersion)
{
    public string Page => FormattableString.Invariant($"/models/{Version}");
}

/// <param name="Id">Null for rows that came with an imported version: they are not of this store, and neither are their commits.</param>
/// <param name="AsOf">The newest commit whose rows it may hold; null for rows that are not of this store.</param>
/// <param name="Commits">How many commits of its sources there are up to that one.</param>
public sealed record DatasetOrigin(
    long? Id, string View, string Sha256, int Rows, int Survivors, DateTimeOffset KnownBefore, IReadOnlyList<string> Sources, CommitOrigin? AsOf, int Commits)
{
    public string? Page => Id is { } id ? FormattableString.Invariant($"/features/datasets/{id}") : null;
}

/// <param name="Did">For this answer, such as "trained the model".</param>
public sealed record RunOrigin(long RunId, string Pipeline, string Did, string CodeVersion, DateTimeOffset? StartedAt)
{
    public string Page => FormattableString.Invariant($"/runs/{RunId}");
}
