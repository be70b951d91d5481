using System.Buffers.Binary;
using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle.Lineage;
using Titanic.Web.Registry;

namespace Titanic.Web.Pipelines;

/// <summary><c>GET /api/runs/{id}/lineage</c>: a run as an OpenLineage event, which lineage collectors can import.</summary>
internal static class LineageApi
{
    public static void MapLineageApi(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api/runs/{id:long}").WithTags("Pipelines").MapGet("lineage", Show).WithName("showLineage")
            .WithSummary("Show a run as an OpenLineage event")
            .WithDescription("The run's current state, or its start, as an OpenLineage RunEvent with inputs and outputs.");

    internal static async Task<Results<Ok<OpenLineageEvent>, ProblemHttpResult>> Show(
        [Description("Number of the run."), Example(1)] long id,
        [Description("start for the start event; default: the event of the run's current state."), Example("start"), OneOf("start")] string? @event,
        OpenLineageReader lineage, TitanicDb db, CancellationToken cancellation)
    {
        if (@event is not (null or "" or "start"))
        {
            return TypedResults.Problem(
                ErrorText.Invalid("The event", @event, "start, or omitted for the run's current state"),
                statusCode: StatusCodes.Status400BadRequest);
        }
        if (await lineage.Read(id, @event == "start", cancellation) is { } runEvent)
            return TypedResults.Ok(runEvent);
        return TypedResults.Problem(
            await db.Runs.AnyAsync(run => run.RunId == id, cancellation) ? $"Run {id} has not started yet." : NotFoundText.Run(id),
            statusCode: StatusCodes.Status404NotFound);
    }
}

/// <summary>Converts a run to an OpenLineage event: its inputs, its outputs and the code version.</summary>
public sealed class OpenLineageReader(TitanicDb db, RunDatasets datasets, RunViewer viewer)
{
    /// <param name="isStart">True for the run's start event; false for the event of its current state.</param>
    /// <returns>Null when there is no such run, or when the start event is requested of a run that has not started.</returns>
    public async Task<OpenLineageEvent?> Read(long runId, bool isStart, CancellationToken cancellation)
    {
        if (await db.Runs.AsNoTracking().SingleOrDefaultAsync(run => run.RunId == runId, cancellation) is not { } run || isStart && run.StartedAt is null)
            return null;
        var (type, time) = isStart ? ("START", run.StartedAt!.Value) : CurrentEvent(run);
        var producer = $"urn:titanic:{Uri.EscapeDataString(run.CodeVersion)}";
        var facets = new OpenLineageFacets(producer);
        var (inputs, outputs) = run.StartedAt is null ? ([], []) : await datasets.Of(run, facets, cancellation);
        return new OpenLineageEvent(
            type, time, producer, new OpenLineageRun(RunUuid.Of(run), RunFacets(run, run.DescribeError(await viewer.IsOperator()), facets, isStart)),
            new OpenLineageJob(OpenLineageEvent.Namespace, run.Pipeline, new Dictionary<string, JsonObject>([facets.JobType(), facets.JobDocumentation(PipelineNames.DescriptionOf(run.Pipeline))])),
            inputs, isStart ? [] : outputs);
    }

    private static (string Type, DateTimeOffset Time) CurrentEvent(Run run) => run.Status switch
    {
        RunStatus.Queued => ("OTHER", run.QueuedAt),
        RunStatus.Running => ("START", run.StartedAt ?? run.QueuedAt),
        RunStatus.Succeeded => ("COMPLETE", run.EndedAt ?? run.QueuedAt),
        RunStatus.Failed => ("FAIL", run.EndedAt ?? run.QueuedAt),
        _ => ("ABORT", run.EndedAt ?? run.QueuedAt),
    };

    private static Dictionary<string, JsonObject> RunFacets(Run run, string? error, OpenLineageFacets facets, bool isStart) => new(
    [
        facets.ProcessingEngine(run.CodeVersion),
        .. run.LogicalDate is { } day ? [facets.NominalTime(day)] : (KeyValuePair<string, JsonObject>[])[],
        .. error is not null && !isStart ? [facets.ErrorMessage(error)] : (KeyValuePair<string, JsonObject>[])[],
    ]);
}

/// <summary>The datasets that a run read and wrote, found by the run ID that the stored rows reference.</summary>
public sealed class RunDatasets(TitanicDb db)
{
    private const string Outcomes = "outcomes";
    private const string Predictions = "predictions";
    private const string DailyPerformance = "daily_performance";

    private static readonly (string, string)[] _passengerFields =
        [("source", "text"), ("source_key", "text"), ("name", "text"), ("pclass", "smallint"), ("sex", "text"), ("age", "double precision"), ("fare", "double precision"), ("event_time", "timestamptz"), ("person", "text")];
    private static readonly (string, string)[] _outcomeFields = [("passenger_id", "bigint"), ("survived", "boolean"), ("known_at", "timestamptz")];
    private static readonly string[] _inputColumns = ["pclass", "sex", "age", "fare"];
    private static readonly string[] _predictionColumns = ["survived", "probability", "survivors", "neighbors"];
    private static readonly string[] _performanceColumns = ["predictions", "true_negatives", "false_positives", "false_negatives", "true_positives", "squared_error"];

    internal async Task<(IReadOnlyList<OpenLineageDataset> Inputs, IReadOnlyList<OpenLineageDataset> Outputs)> Of(Run run, OpenLineageFacets facets, CancellationToken cancellation) =>
        run.Pipeline switch
        {
            PipelineNames.Feature => await OfFeature(run, facets, cancellation),
            PipelineNames.Inference => await OfInference(run, facets, cancellation),
            PipelineNames.Training => await OfTraining(run, facets, cancellation),
            PipelineNames.Monitoring => OfMonitoring(run, facets),
            _ => ([], []),
        };

    /// <summary>The inputs are the lists, uploads or stream days that the run validated; a rejected one is an input, too.</summary>
    private async Task<(OpenLineageDataset[], OpenLineageDataset[])> OfFeature(Run run, OpenLineageFacets facets, CancellationToken cancellation)
    {
        var reports = await db.ValidationReports.AsNoTracking().Where(report => report.RunId == run.RunId).OrderBy(report => report.ValidationId).ToListAsync(cancellation);
        var commits = await db.Commits.AsNoTracking().Where(commit => commit.RunId == run.RunId).OrderBy(commit => commit.CommitId).ToListAsync(cancellation);
        OpenLineageDataset[] read =
        [
            .. reports.Select(report => Dataset(
                $"source/{report.Source}", [facets.Documentation(report.Description), facets.DataQualityAssertions(report.Expectations)],
                inputFacets: [facets.DataQualityMetrics(report.RowsRead)])),
        ];
        if (commits.Count == 0)
            return (read, []);
        var version = commits[^1].CommitId;
        return (read,
        [
            Passengers(facets, version, rowsWritten: commits.Sum(commit => (long)commit.RowsInserted + commit.RowsUpdated)),
            OutcomesAsOf(facets, version, rowsWritten: commits.Sum(commit => (long)commit.OutcomesRecorded)),
        ]);
    }

    private async Task<(OpenLineageDataset[], OpenLineageDataset[])> OfInference(Run run, OpenLineageFacets facets, CancellationToken cancellation)
    {
        var versions = await db.Predictions.Where(prediction => prediction.RunId == run.RunId)
            .GroupBy(prediction => prediction.ModelVersion).Select(group => new { Version = group.Key, Rows = group.LongCount() }).OrderBy(group => group.Version)
            .ToListAsync(cancellation);
        if (versions.Count == 0)
            return ([Passengers(facets, null)], []);
        var newest = await db.Predictions.Where(prediction => prediction.RunId == run.RunId)
            .Join(db.Passengers, prediction => prediction.PassengerId, row => row.PassengerId, (prediction, row) => new { prediction.CreatedAt, row.CommitId })
            .Where(pair => db.Commits.Any(commit => commit.CommitId == pair.CommitId && commit.CommittedAt <= pair.CreatedAt))
            .MaxAsync(pair => (long?)pair.CommitId, cancellation);
        return (
            [Passengers(facets, newest), .. await Models(versions.Select(group => group.Version), facets, cancellation)],
            [
                Dataset(
                    Predictions,
                    [
                        facets.Schema([.. _inputColumns.Select(column => (column, column == "sex" ? "text" : "double precision")), ("survived", "boolean"), ("probability", "double precision"), ("survivors", "integer"), ("neighbors", "integer")]),
                        facets.ColumnLineage([
                            .. _inputColumns.Select(column => (column, (IEnumerable<(string, string)>)[(FeatureGroup.Name, column)])),
                            .. _predictionColumns.Select(column => (column, _inputColumns.Select(input => (FeatureGroup.Name, input)))),
                        ]),
                    ],
                    outputFacets: [facets.OutputStatistics(versions.Sum(group => group.Rows))]),
            ]);
    }

    private async Task<(OpenLineageDataset[], OpenLineageDataset[])> OfTraining(Run run, OpenLineageFacets facets, CancellationToken cancellation)
    {
        var trained = await db.ModelVersions.Where(version => version.RunId == run.RunId)
            .Join(db.TrainingDatasets, version => version.TrainingDatasetId, dataset => dataset.TrainingDatasetId, (version, dataset) => new { version.Version, Dataset = dataset })
            .OrderBy(pair => pair.Version).ToListAsync(cancellation);
        long? asOf = trained.Count == 0 ? null : trained[^1].Dataset.AsOfCommitId;
        return (
            [Passengers(facets, asOf), OutcomesAsOf(facets, asOf), .. trained.Select(pair => pair.Dataset).DistinctBy(dataset => dataset.TrainingDatasetId).Select(dataset => Training(dataset, facets))],
            [.. await Models(trained.Select(pair => pair.Version), facets, cancellation, areWritten: true)]);
    }

    private static (OpenLineageDataset[], OpenLineageDataset[]) OfMonitoring(Run run, OpenLineageFacets facets)
    {
        OpenLineageDataset[] read = [Dataset(Predictions, [], inputFacets: []), OutcomesAsOf(facets, null)];
        return run.Counts.GetValueOrDefault("days") == 0 ? (read, []) : (read,
        [
            Dataset(DailyPerformance,
            [
                facets.Schema([("logical_date", "date"), ("is_live", "boolean"), .. _performanceColumns.Select(column => (column, column == "squared_error" ? "double precision" : "integer"))]),
                facets.ColumnLineage(_performanceColumns.Select(column => (column, (IEnumerable<(string, string)>)[(Predictions, column == "squared_error" ? "probability" : "survived"), (Outcomes, "survived")]))),
            ], outputFacets: []),
        ]);
    }

    private static OpenLineageDataset Training(TrainingDataset dataset, OpenLineageFacets facets) => Dataset(
        $"training_dataset/{dataset.ViewName}_v{dataset.ViewVersion}",
        [
            facets.Version(dataset.Sha256),
            facets.Documentation(FormattableString.Invariant($"Training dataset {dataset.TrainingDatasetId} as of commit {dataset.AsOfCommitId}; the version is the SHA-256 of its rows.")),
            facets.Schema([.. TrainingDatasetDefinition.Of(dataset).View.Schema.Features.Select(feature => (feature.Name, feature.Type)), (FeatureViewSchema.Label, "boolean")]),
        ],
        inputFacets: [facets.DataQualityMetrics(dataset.Rows, (FeatureViewSchema.Label, dataset.Rows, dataset.Survivors))]);

    private async Task<IEnumerable<OpenLineageDataset>> Models(IEnumerable<int> versions, OpenLineageFacets facets, CancellationToken cancellation, bool areWritten = false)
    {
        var models = await db.ModelVersions.Where(version => version.Name == ModelRegistry.ModelName && versions.Contains(version.Version)).OrderBy(version => version.Version)
            .Select(version => new { version.Name, version.Version, version.ArtifactSha256, version.Artifact.Length, version.Signature }).ToListAsync(cancellation);
        return models.Select(model => Dataset(
            model.Name,
            [
                facets.Version(FormattableString.Invariant($"{model.Version}")),
                facets.Documentation($"Model artifact with SHA-256 {model.ArtifactSha256}; the schema lists the model's outputs."),
                facets.Schema(model.Signature.Outputs.Select(output => (output.Name, output.Type))),
            ],
            inputFacets: areWritten ? null : [], outputFacets: areWritten ? [facets.OutputStatistics(1, model.Length)] : null));
    }

    /// <param name="version">The commit that was read or written; null where it is not recorded.</param>
    /// <param name="rowsWritten">Number of rows written; null for an input.</param>
    private static OpenLineageDataset Passengers(OpenLineageFacets facets, long? version, long? rowsWritten = null) => Table(FeatureGroup.Name, _passengerFields, facets, version, rowsWritten);

    /// <inheritdoc cref="Passengers"/>
    private static OpenLineageDataset OutcomesAsOf(OpenLineageFacets facets, long? version, long? rowsWritten = null) => Table(Outcomes, _outcomeFields, facets, version, rowsWritten);

    private static OpenLineageDataset Table(string name, (string, string)[] fields, OpenLineageFacets facets, long? version, long? rowsWritten) => Dataset(
        name, [facets.Schema(fields), .. version is { } commit ? [facets.Version(FormattableString.Invariant($"{commit}"))] : (KeyValuePair<string, JsonObject>[])[]],
        inputFacets: rowsWritten is null ? [] : null, outputFacets: rowsWritten is { } rows ? [facets.OutputStatistics(rows)] : null);

    private static OpenLineageDataset Dataset(
        string name, IEnumerable<KeyValuePair<string, JsonObject>> facets,
        IEnumerable<KeyValuePair<string, JsonObject>>? inputFacets = null, IEnumerable<KeyValuePair<string, JsonObject>>? outputFacets = null) => new(
            OpenLineageEvent.Namespace, name, new Dictionary<string, JsonObject>(facets),
            inputFacets is null ? null : new Dictionary<string, JsonObject>(inputFacets), outputFacets is null ? null : new Dictionary<string, JsonObject>(outputFacets));
}

/// <summary>
/// The globally unique ID of a run: a UUID of version 7 (RFC 9562, https://doi.org/10.17487/RFC9562) that starts with the millisecond in
/// which the run was queued. In place of random bits it has bits of a SHA-256 over the values that identify the run. So it needs no column,
/// is stable across dump and restore, and sorts by time.
/// </summary>
internal static class RunUuid
{
    public static Guid Of(Run run)
    {
        var microseconds = run.QueuedAt.UtcTicks / TimeSpan.TicksPerMicrosecond; // PostgreSQL's precision
        Span<byte> uuid = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"titanic run {run.RunId} {run.Pipeline} {microseconds} {run.CodeVersion}")), uuid);
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, run.QueuedAt.ToUnixTimeMilliseconds());
        time[2..].CopyTo(uuid);
        uuid[6] = (byte)(uuid[6] & 0x0f | 0x70); // version 7
        uuid[8] = (byte)(uuid[8] & 0x3f | 0x80); // the variant of RFC 9562
        return new Guid(uuid[..16], bigEndian: true);
    }
}
