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
