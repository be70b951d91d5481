using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages.Runs;

/// <summary>What a run has read and written, found by the number of the run that the stored rows reference.</summary>
/// <param name="Commits">The commits that it made.</param>
/// <param name="Validations">Its validation reports; a rejected upload has a report and no commit.</param>
/// <param name="Trained">The versions that it registered, with their training datasets.</param>
/// <param name="Predictions">The first predictions, at most <see cref="PredictionsShown"/>.</param>
/// <param name="Reproductions">For an audit: the versions that it reproduced, with the result.</param>
public sealed record RunLinks(
    IReadOnlyList<long> Commits, IReadOnlyList<long> Validations, IReadOnlyList<TrainedVersion> Trained, IReadOnlyList<Prediction> Predictions,
    IReadOnlyList<ReproducedVersion> Reproductions)
{
    private const int PredictionsShown = 20;

    /// <summary>The number of all predictions.</summary>
    public int PredictionCount { get; private init; }

    /// <summary>For inference: the versions that predicted.</summary>
    public IReadOnlyList<int> PredictingVersions { get; private init; } = [];

    public static async Task<RunLinks> Read(TitanicDb db, Run run, CancellationToken cancellation)
    {
        var id = run.RunId;
        var predictions = db.Predictions.AsNoTracking().Where(prediction => prediction.RunId == id);
        var byVersion = run.Pipeline == PipelineNames.Inference
            ? await predictions.GroupBy(prediction => prediction.ModelVersion).Select(group => new { Version = group.Key, Rows = group.Count() })
                .OrderBy(group => group.Version).ToListAsync(cancellation)
            : [];
        return new RunLinks(
            await db.Commits.Where(commit => commit.RunId == id).OrderBy(commit => commit.CommitId).Select(commit => commit.CommitId).ToListAsync(cancellation),
            await db.ValidationReports.Where(report => report.RunId == id).OrderBy(report => report.ValidationId).Select(report => report.ValidationId).ToListAsync(cancellation),
            await db.ModelVersions.Where(version => version.RunId == id).OrderBy(version => version.Version)
                .Join(db.TrainingDatasets, version => version.TrainingDatasetId, dataset => dataset.TrainingDatasetId,
                    (version, dataset) => new TrainedVersion(version.Version, dataset.TrainingDatasetId, dataset.AsOfCommitId))
                .ToListAsync(cancellation),
            byVersion.Count == 0 ? [] : await predictions.OrderBy(prediction => prediction.PredictionId).Take(PredictionsShown).ToListAsync(cancellation),
            await db.Reproductions.Where(reproduction => reproduction.RunId == id).OrderBy(reproduction => reproduction.Version)
                .Select(reproduction => new ReproducedVersion(reproduction.Version, reproduction.Verdict)).ToListAsync(cancellation))
        {
            PredictionCount = byVersion.Sum(group => group.Rows),
            PredictingVersions = [.. byVersion.Select(group => group.Version)],
        };
    }
}

/// <summary>A version that a training run registered.</summary>
/// <param name="AsOfCommit">The commit as of which the training dataset was read.</param>
public sealed record TrainedVersion(int Version, long TrainingDatasetId, long AsOfCommit);

/// <summary>A version that an audit reproduced.</summary>
public sealed record ReproducedVersion(int Version, ReproductionVerdict Verdict);
