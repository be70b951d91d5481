using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Lifecycle.Lineage;

namespace Titanic.Web.Pipelines;

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
