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
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Pipelines;

/// <summary><c>GET /api/runs/{id}/lineage</c>: the run as an OpenLineage event, as collectors of lineage take it.</summary>
internal static class LineageApi
{
    public static void MapLineageApi(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api/runs/{id:long}").WithTags("Pipelines").MapGet("lineage", Show).WithName("showLineage")
            .WithSummary("Show a run as OpenLineage does")
            .WithDescription("The run as a RunEvent of OpenLineage.");

    internal static async Task<Results<Ok<OpenLineageEvent>, ProblemHttpResult>> Show(
        [Description("Number of the run."), Example(1)] long id,
        [Description("start for the event of the start; the newest when it is left out."), Example("start"), OneOf("start")] string? @event,
        OpenLineageReader lineage, TitanicDb db, CancellationToken cancellation)
    {
        if (@event is not (null or "" or "start"))
            return TypedResults.Problem($"The event is \"{Excerpt.Truncate(@event)}\"; it must be start, or left out for the newest.", statusCode: StatusCodes.Status400BadRequest);
        if (await lineage.Read(id, @event == "start", cancellation) is { } told)
            return TypedResults.Ok(told);
        return TypedResults.Problem(
            await db.Runs.AnyAsync(run => run.RunId == id, cancellation) ? $"Run {id} has not been started." : $"There is no run {id}.", statusCode: StatusCodes.Status404NotFound);
    }
}

/// <summary>Tells a run as OpenLineage does: what it read, what it wrote, by which code.</summary>
public sealed class OpenLineageReader(TitanicDb db, RunDatasets datasets)
{
    /// <param name="isStart">The event of the run's start, however it went on; else the newest.</param>
    /// <returns>Null when there is no such run, or no such event of it yet.</returns>
    public async Task<OpenLineageEvent?> Read(long runId, bool isStart, CancellationToken cancellation)
    {
        if (await db.Runs.AsNoTracking().SingleOrDefaultAsync(run => run.RunId == runId, cancellation) is not { } run || isStart && run.StartedAt is null)
            return null;
        var (type, time) = isStart ? ("START", run.StartedAt!.Value) : Newest(run);
        var producer = $"urn:titanic:{Uri.EscapeDataString(run.CodeVersion)}";
        var facets = new OpenLineageFacets(producer);
        var (inputs, outputs) = run.StartedAt is null ? ([], []) : await datasets.Of(run, facets, cancellation);
        return new OpenLineageEvent(
            type, time, producer, new OpenLineageRun(RunUuid.Of(run), RunFacets(run, facets, isStart)),
            new OpenLineageJob(OpenLineageEvent.Namespace, run.Pipeline, new Dictionary<string, JsonObject>([facets.JobType(), facets.JobDocumentation(StoryOf(run.Pipeline))])),
            inputs, isStart ? [] : outputs);
    }

    private static (string Type, DateTimeOffset Time) Newest(Run run) => run.Status switch
    {
        RunStatus.Queued => ("OTHER", run.QueuedAt),
        RunStatus.Running => ("START", run.StartedAt ?? run.QueuedAt),
        RunStatus.Succeeded => ("COMPLETE", run.EndedAt ?? run.QueuedAt),
        RunStatus.Failed => ("FAIL", run.EndedAt ?? run.QueuedAt),
        _ => ("ABORT", run.EndedAt ?? run.QueuedAt),
    };

    private static Dictionary<string, JsonObject> RunFacets(Run run, OpenLineageFacets facets, bool isStart) => new(
    [
        facets.ProcessingEngine(run.CodeVersion),
        .. run.LogicalDate is { } day ? [facets.NominalTime(day)] : (KeyValuePair<string, JsonObject>[])[],
        .. run.Error is { } error && !isStart ? [facets.ErrorMessage(error)] : (KeyValuePair<string, JsonObject>[])[],
    ]);

    private static string StoryOf(string pipeline) => pipeline switch
    {
        PipelineNames.Feature => "Passengers and outcomes come in as commits of the feature group.",
        PipelineNames.Inference => "The champion predicts every passenger of the stream who has no prediction yet.",
        PipelineNames.Training => "A model learns from everybody who has been predicted, and the gate decides whether it serves.",
        PipelineNames.Monitoring => "Predictions are held against outcomes, day by day.",
        _ => pipeline,
    };
}

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

/// <summary>
/// The run's id for the world, which knows other sites too: a UUID of version 7 (RFC 9562) with the millisecond in which the run was queued
/// in front and, in place of chance, bits of a digest over what tells the run from all others. So it needs no column, is the same whenever
/// it is asked for, also after dump and restore, and sorts by time.
/// </summary>
internal static class RunUuid
{
    public static Guid Of(Run run)
    {
        var microseconds = run.QueuedAt.UtcTicks / TimeSpan.TicksPerMicrosecond; // as fine as PostgreSQL keeps it
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
