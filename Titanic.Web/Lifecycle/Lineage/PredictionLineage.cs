using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Receipts;

namespace Titanic.Web.Lifecycle.Lineage;

/// <summary>Reads the lineage of a prediction: a few rows by their keys, and the size of the artifact but not its bytes.</summary>
public sealed class PredictionLineageReader(TitanicDb db, ModelRegistry registry)
{
    public async Task<PredictionLineage> Read(Prediction prediction, CancellationToken cancellation)
    {
        var input = await PredictedRow.Find(db, prediction, cancellation);
        var passenger = input is { Row: var row }
            ? new RowOrigin(row.Source, row.SourceKey, row.Name, input.MatchesPrediction, await ReadCommit(row.CommitId, cancellation))
            : null;
        var outcome = await ReadOutcome(prediction.PassengerId, cancellation);
        var (model, dataset) = await ReadModel(prediction, cancellation);
        (long? RunId, string Did)[] steps =
        [
            (dataset.AsOf?.RunId, "imported the newest training rows"),
            (model.RunId, "trained the model"),
            (passenger?.Commit.RunId, "imported the passenger"),
            (prediction.RunId, "made the prediction"),
            (outcome?.Commit.RunId, "imported the outcome"),
        ];
        return new PredictionLineage(passenger, outcome, model, dataset, await ReadRuns(steps, cancellation));
    }

    private async Task<RecordedOutcome?> ReadOutcome(long? passengerId, CancellationToken cancellation)
    {
        var outcome = passengerId is null
            ? null
            : await db.Outcomes.AsNoTracking().SingleOrDefaultAsync(o => o.PassengerId == passengerId && o.SupersededBy == null, cancellation);
        return outcome is null ? null : new RecordedOutcome(outcome.Survived, outcome.KnownAt, await ReadCommit(outcome.CommitId, cancellation));
    }

    private Task<CommitOrigin> ReadCommit(long commitId, CancellationToken cancellation) => db.Commits
        .Where(commit => commit.CommitId == commitId)
        .Select(commit => new CommitOrigin(commit.CommitId, commit.CommittedAt, commit.Source, commit.Description, commit.RunId, commit.CodeVersion))
        .SingleAsync(cancellation);

    private async Task<(PredictionModel Model, DatasetOrigin Dataset)> ReadModel(Prediction prediction, CancellationToken cancellation)
    {
        var found = await db.ModelVersions
            .Where(version => version.Name == prediction.ModelName && version.Version == prediction.ModelVersion)
            .Select(version => new
            {
                Model = new PredictionModel(
                    version.Name, version.Version, version.Algorithm, version.ArtifactSha256, version.Artifact.Length, version.CreatedAt, version.RunId, version.CodeVersion),
                version.TrainingDatasetId,
                version.Origin,
            })
            .SingleAsync(cancellation);
        return (found.Model, await ReadDataset(await registry.ReadDataset(found.TrainingDatasetId, found.Origin, cancellation), cancellation));
    }

    private async Task<DatasetOrigin> ReadDataset(TrainingDataset dataset, CancellationToken cancellation)
    {
        var commits = !dataset.IsLocal ? 0 : await db.Commits.CountAsync(commit => commit.CommitId <= dataset.AsOfCommitId && dataset.Sources.Contains(commit.Source), cancellation);
        return new DatasetOrigin(
            dataset.IsLocal ? dataset.TrainingDatasetId : null, $"{dataset.ViewName} v{dataset.ViewVersion}", dataset.Sha256, dataset.Rows, dataset.Survivors, dataset.KnownBefore, dataset.Sources,
            dataset.IsLocal ? await ReadCommit(dataset.AsOfCommitId, cancellation) : null, commits);
    }

    /// <summary>Groups the steps by run, so that a run with several steps is listed once.</summary>
    private async Task<IReadOnlyList<RunOrigin>> ReadRuns((long? RunId, string Did)[] steps, CancellationToken cancellation)
    {
        long[] ids = [.. steps.Select(step => step.RunId).OfType<long>().Distinct()];
        var runs = await db.Database.SqlQuery<RunRow>($"select run_id, pipeline, code_version, started_at from runs where run_id = any({ids})")
            .ToDictionaryAsync(run => run.RunId, cancellation);
        return
        [
            .. steps.Where(step => step.RunId is not null).GroupBy(step => step.RunId!.Value, step => step.Did)
                .Select(group => (Run: runs[group.Key], Did: string.Join(" and ", group)))
                .Select(step => new RunOrigin(step.Run.RunId, step.Run.Pipeline, step.Did, step.Run.CodeVersion, step.Run.StartedAt)),
        ];
    }

    /// <summary>The columns of a run that a lineage requires. The entity itself belongs to a later module.</summary>
    private sealed record RunRow(long RunId, string Pipeline, string CodeVersion, DateTimeOffset? StartedAt);
}

/// <summary>
/// The lineage of a prediction: input row, outcome, model, training dataset and runs.
/// </summary>
/// <param name="Passenger">The row of the predicted passenger; null for a prediction of inputs without a passenger.</param>
/// <param name="Outcome">The recorded outcome; null while it is unknown.</param>
/// <param name="Model">The model version that made the prediction.</param>
/// <param name="TrainingDataset">The training dataset of that version.</param>
/// <param name="Runs">The runs behind the prediction, in the order of their steps.</param>
public sealed record PredictionLineage(
    RowOrigin? Passenger, RecordedOutcome? Outcome, PredictionModel Model, DatasetOrigin TrainingDataset, IReadOnlyList<RunOrigin> Runs)
{
    /// <summary>The code versions of the runs, each with its steps.</summary>
    public IEnumerable<IGrouping<string, string>> CodeVersions() =>
        Runs.GroupBy(run => run.CodeVersion, run => FormattableString.Invariant($"run {run.RunId}, which {run.Did}"));
}

/// <summary>A passenger row in the feature store.</summary>
/// <param name="Source">One of <see cref="FeatureStore.PassengerSources"/>.</param>
/// <param name="Key">The key of the row in its source.</param>
/// <param name="Name">The name of the passenger; null when unknown.</param>
/// <param name="MatchesPrediction">Whether a version of the row has exactly the values of the prediction's inputs.</param>
/// <param name="Commit">The commit of the row.</param>
public sealed record RowOrigin(string Source, string Key, string? Name, [property: JsonPropertyName("isAsAsked")] bool MatchesPrediction, CommitOrigin Commit)
{
    public string Page => $"/features/passengers/{Uri.EscapeDataString(Source)}/{Uri.EscapeDataString(Key)}";
}

/// <summary>A recorded outcome with its commit.</summary>
/// <param name="KnownAt">When the outcome became known.</param>
public sealed record RecordedOutcome(bool Survived, DateTimeOffset KnownAt, CommitOrigin Commit);

/// <summary>A commit of the feature store.</summary>
/// <param name="RunId">The run that made the commit; null for an import outside a run.</param>
public sealed record CommitOrigin(long CommitId, DateTimeOffset CommittedAt, string Source, string Description, long? RunId, string CodeVersion)
{
    public string Page => FormattableString.Invariant($"/features/commits/{CommitId}");
}

/// <summary>The model version that made a prediction.</summary>
/// <param name="ArtifactSha256">Registered digest of the artifact; lower-case hexadecimal.</param>
/// <param name="SizeInBytes">Size of the artifact.</param>
public sealed record PredictionModel(string Name, int Version, string Algorithm, string ArtifactSha256, int SizeInBytes, DateTimeOffset RegisteredAt, long? RunId, string CodeVersion)
{
    public string Page => FormattableString.Invariant($"/models/{Version}");
}

/// <summary>The training dataset of a model version.</summary>
/// <param name="Id">Null for the rows of an imported version, which are not in this store.</param>
/// <param name="AsOf">The newest commit that the dataset includes; null for rows that are not in this store.</param>
/// <param name="Commits">Number of commits of its sources up to that one; 0 for rows that are not in this store.</param>
public sealed record DatasetOrigin(
    long? Id, string View, string Sha256, int Rows, int Survivors, DateTimeOffset KnownBefore, IReadOnlyList<string> Sources, CommitOrigin? AsOf, int Commits)
{
    public string? Page => Id is { } id ? FormattableString.Invariant($"/features/datasets/{id}") : null;
}

/// <summary>A run that contributed to a prediction.</summary>
/// <param name="Did">What the run did, such as "trained the model".</param>
public sealed record RunOrigin(long RunId, string Pipeline, string Did, string CodeVersion, DateTimeOffset? StartedAt)
{
    public string Page => FormattableString.Invariant($"/runs/{RunId}");
}
