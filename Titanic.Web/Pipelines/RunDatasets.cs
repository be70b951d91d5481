using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle.Lineage;
using Titanic.Web.Registry;

namespace Titanic.Web.Pipelines;

/// <summary>What a run read and wrote, found by its id in the rows that name it.</summary>
public sealed class RunDatasets(TitanicDb db)
{
    private const string Outcomes = "outcomes";
    private const string Predictions = "predictions";
    private const string DailyPerformance = "daily_performance";

    private static readonly (string, string)[] _passengerFields =
        [("source", "text"), ("source_key", "text"), ("name", "text"), ("pclass", "smallint"), ("sex", "text"), ("age", "double precision"), ("fare", "double precision"), ("event_time", "timestamptz")];
    private static readonly (string, string)[] _outcomeFields = [("passenger_id", "bigint"), ("survived", "boolean"), ("known_at", "timestamptz")];
    private static readonly string[] _asked = ["pclass", "sex", "age", "fare"];
    private static readonly string[] _answered = ["survived", "probability", "survivors", "neighbors"];
    private static readonly string[] _counts = ["predictions", "true_negatives", "false_positives", "false_negatives", "true_positives", "squared_error"];

    internal async Task<(IReadOnlyList<OpenLineageDataset> Inputs, IReadOnlyList<OpenLineageDataset> Outputs)> Of(Run run, OpenLineageFacets facets, CancellationToken cancellation) =>
        run.Pipeline switch
        {
            PipelineNames.Feature => await OfFeatures(run, facets, cancellation),
            PipelineNames.Inference => await OfInference(run, facets, cancellation),
            PipelineNames.Training => await OfTraining(run, facets, cancellation),
            PipelineNames.Monitoring => OfMonitoring(run, facets),
            _ => ([], []),
        };

    /// <summary>A list, an upload or the stream; a refused one has been read too.</summary>
    private async Task<(OpenLineageDataset[], OpenLineageDataset[])> OfFeatures(Run run, OpenLineageFacets facets, CancellationToken cancellation)
    {
        var reports = await db.ValidationReports.AsNoTracking().Where(report => report.RunId == run.RunId).OrderBy(report => report.ValidationId).ToListAsync(cancellation);
        var commits = await db.Commits.AsNoTracking().Where(commit => commit.RunId == run.RunId).OrderBy(commit => commit.CommitId).ToListAsync(cancellation);
        OpenLineageDataset[] read =
        [
            .. reports.Select(report => Dataset(
                $"source/{report.Source}", [facets.Documentation(report.Description), facets.DataQualityAssertions(report.Expectations)],
                reads: [facets.DataQualityMetrics(report.RowsRead)])),
        ];
        if (commits.Count == 0)
            return (read, []);
        var version = commits[^1].CommitId;
        return (read,
        [
            Passengers(facets, version, wrote: commits.Sum(commit => (long)commit.RowsInserted + commit.RowsUpdated)),
            OutcomesAsOf(facets, version, wrote: commits.Sum(commit => (long)commit.OutcomesRecorded)),
        ]);
    }

    private async Task<(OpenLineageDataset[], OpenLineageDataset[])> OfInference(Run run, OpenLineageFacets facets, CancellationToken cancellation)
    {
        var answers = await db.Predictions.Where(prediction => prediction.RunId == run.RunId)
            .GroupBy(prediction => prediction.ModelVersion).Select(said => new { Version = said.Key, Rows = said.LongCount() }).OrderBy(said => said.Version)
            .ToListAsync(cancellation);
        if (answers.Count == 0)
            return ([Passengers(facets, null)], []);
        var newest = await db.Predictions.Where(prediction => prediction.RunId == run.RunId)
            .Join(db.Passengers, prediction => prediction.PassengerId, row => row.PassengerId, (prediction, row) => new { prediction.CreatedAt, row.CommitId })
            .Where(pair => db.Commits.Any(commit => commit.CommitId == pair.CommitId && commit.CommittedAt <= pair.CreatedAt))
            .MaxAsync(pair => (long?)pair.CommitId, cancellation);
        return (
            [Passengers(facets, newest), .. await Models(answers.Select(said => said.Version), facets, cancellation)],
            [
                Dataset(
                    Predictions,
                    [
                        facets.Schema([.. _asked.Select(column => (column, column == "sex" ? "text" : "double precision")), ("survived", "boolean"), ("probability", "double precision"), ("survivors", "integer"), ("neighbors", "integer")]),
                        facets.ColumnLineage([
                            .. _asked.Select(column => (column, (IEnumerable<(string, string)>)[(FeatureGroup.Name, column)])),
                            .. _answered.Select(column => (column, _asked.Select(asked => (FeatureGroup.Name, asked)))),
                        ]),
                    ],
                    writes: [facets.OutputStatistics(answers.Sum(said => said.Rows))]),
            ]);
    }

    private async Task<(OpenLineageDataset[], OpenLineageDataset[])> OfTraining(Run run, OpenLineageFacets facets, CancellationToken cancellation)
    {
        var learned = await db.ModelVersions.Where(version => version.RunId == run.RunId)
            .Join(db.TrainingDatasets, version => version.TrainingDatasetId, dataset => dataset.TrainingDatasetId, (version, dataset) => new { version.Version, Dataset = dataset })
            .OrderBy(pair => pair.Version).ToListAsync(cancellation);
        long? asOf = learned.Count == 0 ? null : learned[^1].Dataset.AsOfCommitId;
        return (
            [Passengers(facets, asOf), OutcomesAsOf(facets, asOf), .. learned.Select(pair => pair.Dataset).DistinctBy(dataset => dataset.TrainingDatasetId).Select(dataset => Training(dataset, facets))],
            [.. await Models(learned.Select(pair => pair.Version), facets, cancellation, areWritten: true)]);
    }

    private static (OpenLineageDataset[], OpenLineageDataset[]) OfMonitoring(Run run, OpenLineageFacets facets)
    {
        OpenLineageDataset[] read = [Dataset(Predictions, [], reads: []), OutcomesAsOf(facets, null)];
        return run.Counts.GetValueOrDefault("days") == 0 ? (read, []) : (read,
        [
            Dataset(DailyPerformance,
            [
                facets.Schema([("logical_date", "date"), ("is_live", "boolean"), .. _counts.Select(column => (column, column == "squared_error" ? "double precision" : "integer"))]),
                facets.ColumnLineage(_counts.Select(column => (column, (IEnumerable<(string, string)>)[(Predictions, column == "squared_error" ? "probability" : "survived"), (Outcomes, "survived")]))),
            ], writes: []),
        ]);
    }

    private static OpenLineageDataset Training(TrainingDataset dataset, OpenLineageFacets facets) => Dataset(
        $"training_dataset/{dataset.ViewName}_v{dataset.ViewVersion}",
        [
            facets.Version(dataset.Sha256),
            facets.Documentation(FormattableString.Invariant($"Training dataset {dataset.TrainingDatasetId} as of commit {dataset.AsOfCommitId}; the version is the SHA-256 of its rows.")),
            facets.Schema([.. TrainingDatasetDefinition.Of(dataset).View.Schema.Features.Select(feature => (feature.Name, feature.Type)), (FeatureViewSchema.Label, "boolean")]),
        ],
        reads: [facets.DataQualityMetrics(dataset.Rows, (FeatureViewSchema.Label, dataset.Rows, dataset.Survivors))]);

    private async Task<IEnumerable<OpenLineageDataset>> Models(IEnumerable<int> versions, OpenLineageFacets facets, CancellationToken cancellation, bool areWritten = false)
    {
        var models = await db.ModelVersions.Where(version => version.Name == ModelRegistry.ModelName && versions.Contains(version.Version)).OrderBy(version => version.Version)
            .Select(version => new { version.Name, version.Version, version.ArtifactSha256, version.Artifact.Length, version.Signature }).ToListAsync(cancellation);
        return models.Select(model => Dataset(
            model.Name,
            [
                facets.Version(FormattableString.Invariant($"{model.Version}")),
                facets.Documentation($"Model bytes with SHA-256 {model.ArtifactSha256}; the schema is what they answer."),
                facets.Schema(model.Signature.Outputs.Select(output => (output.Name, output.Type))),
            ],
            reads: areWritten ? null : [], writes: areWritten ? [facets.OutputStatistics(1, model.Length)] : null));
    }

    /// <param name="version">The commit that was read, or written; null where that is not kept.</param>
    /// <param name="wrote">How many rows; null where it was read.</param>
    private static OpenLineageDataset Passengers(OpenLineageFacets facets, long? version, long? wrote = null) => Table(FeatureGroup.Name, _passengerFields, facets, version, wrote);

    /// <inheritdoc cref="Passengers"/>
    private static OpenLineageDataset OutcomesAsOf(OpenLineageFacets facets, long? version, long? wrote = null) => Table(Outcomes, _outcomeFields, facets, version, wrote);

    private static OpenLineageDataset Table(string name, (string, string)[] fields, OpenLineageFacets facets, long? version, long? wrote) => Dataset(
        name, [facets.Schema(fields), .. version is { } commit ? [facets.Version(FormattableString.Invariant($"{commit}"))] : (KeyValuePair<string, JsonObject>[])[]],
        reads: wrote is null ? [] : null, writes: wrote is { } rows ? [facets.OutputStatistics(rows)] : null);

    private static OpenLineageDataset Dataset(
        string name, IEnumerable<KeyValuePair<string, JsonObject>> facets,
        IEnumerable<KeyValuePair<string, JsonObject>>? reads = null, IEnumerable<KeyValuePair<string, JsonObject>>? writes = null) => new(
            OpenLineageEvent.Namespace, name, new Dictionary<string, JsonObject>(facets),
            reads is null ? null : new Dictionary<string, JsonObject>(reads), writes is null ? null : new Dictionary<string, JsonObject>(writes));
}
