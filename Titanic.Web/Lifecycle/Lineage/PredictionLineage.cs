using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Receipts;

namespace Titanic.Web.Lifecycle.Lineage;

/// <summary>Follows an answer back. A few rows are looked up by their keys; a model's bytes are only measured.</summary>
public sealed class PredictionLineageReader(TitanicDb db, ModelRegistry registry)
{
    public async Task<PredictionLineage> Read(Prediction prediction, CancellationToken cancellation)
    {
        var asked = await AskedRow.Find(db, prediction, cancellation);
        var passenger = asked is { Row: var row }
            ? new RowOrigin(row.Source, row.SourceKey, row.Name, asked.IsAsAsked, await Commit(row.CommitId, cancellation))
            : null;
        var outcome = await Outcome(prediction.PassengerId, cancellation);
        var (model, dataset) = await Model(prediction, cancellation);
        (long? RunId, string Did)[] did =
        [
            (dataset.AsOf?.RunId, "brought the newest rows to learn from"),
            (model.RunId, "trained the model"),
            (passenger?.Commit.RunId, "brought the passenger"),
            (prediction.RunId, "asked the model"),
            (outcome?.Commit.RunId, "brought the outcome"),
        ];
        return new PredictionLineage(passenger, outcome, model, dataset, await Runs(did, cancellation));
    }

    private async Task<ToldOutcome?> Outcome(long? passengerId, CancellationToken cancellation)
    {
        var outcome = passengerId is null
            ? null
            : await db.Outcomes.AsNoTracking().SingleOrDefaultAsync(o => o.PassengerId == passengerId && o.SupersededBy == null, cancellation);
        return outcome is null ? null : new ToldOutcome(outcome.Survived, outcome.KnownAt, await Commit(outcome.CommitId, cancellation));
    }

    private Task<CommitOrigin> Commit(long commitId, CancellationToken cancellation) => db.Commits
        .Where(commit => commit.CommitId == commitId)
        .Select(commit => new CommitOrigin(commit.CommitId, commit.CommittedAt, commit.Source, commit.Description, commit.RunId, commit.CodeVersion))
        .SingleAsync(cancellation);

    private async Task<(AnsweringModel Model, DatasetOrigin Dataset)> Model(Prediction prediction, CancellationToken cancellation)
    {
        var found = await db.ModelVersions
            .Where(version => version.Name == prediction.ModelName && version.Version == prediction.ModelVersion)
            .Select(version => new
            {
                Model = new AnsweringModel(
                    version.Name, version.Version, version.Algorithm, version.ArtifactSha256, version.Artifact.Length, version.CreatedAt, version.RunId, version.CodeVersion),
                version.TrainingDatasetId,
                version.Origin,
            })
            .SingleAsync(cancellation);
        return (found.Model, await Dataset(await registry.DatasetOf(found.TrainingDatasetId, found.Origin, cancellation), cancellation));
    }

    private async Task<DatasetOrigin> Dataset(TrainingDataset dataset, CancellationToken cancellation)
    {
        var commits = !dataset.IsOfThisStore ? 0 : await db.Commits.CountAsync(commit => commit.CommitId <= dataset.AsOfCommitId && dataset.Sources.Contains(commit.Source), cancellation);
        return new DatasetOrigin(
            dataset.IsOfThisStore ? dataset.TrainingDatasetId : null, $"{dataset.ViewName} v{dataset.ViewVersion}", dataset.Sha256, dataset.Rows, dataset.Survivors, dataset.KnownBefore, dataset.Sources,
            dataset.IsOfThisStore ? await Commit(dataset.AsOfCommitId, cancellation) : null, commits);
    }

    /// <summary>A run that did several things is told once, with all of them.</summary>
    private async Task<IReadOnlyList<RunOrigin>> Runs((long? RunId, string Did)[] did, CancellationToken cancellation)
    {
        long[] ids = [.. did.Select(one => one.RunId).OfType<long>().Distinct()];
        var runs = await db.Database.SqlQuery<RunRow>($"select run_id, pipeline, code_version, started_at from runs where run_id = any({ids})")
            .ToDictionaryAsync(run => run.RunId, cancellation);
        return
        [
            .. did.Where(one => one.RunId is not null).GroupBy(one => one.RunId!.Value, one => one.Did)
                .Select(work => (Run: runs[work.Key], Did: string.Join(" and ", work)))
                .Select(one => new RunOrigin(one.Run.RunId, one.Run.Pipeline, one.Did, one.Run.CodeVersion, one.Run.StartedAt)),
        ];
    }

    /// <summary>Of a run of a later module, the columns that a lineage shows.</summary>
    private sealed record RunRow(long RunId, string Pipeline, string CodeVersion, DateTimeOffset? StartedAt);
}

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
