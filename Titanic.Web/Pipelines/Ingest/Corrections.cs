using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines.Ingest;

/// <summary>
/// Deletes and corrects single passengers at once, in the request. A correction can turn a passenger into a person that a model has learned, so
/// the daily metrics are refreshed in the same run.
/// </summary>
public sealed class Corrections(PipelineRunner runner, Ingestion ingestion, PredictionRollup predictions, AuditLog audit)
{
    /// <summary>Deletes a passenger and its outcome in a new commit. Reads as of earlier commits still return them.</summary>
    public async Task<UploadResult> Delete(string source, string sourceKey, RunTrigger trigger, string caller, CancellationToken cancellation)
    {
        IngestionResult? result = null;
        var description = $"deletion of passenger {source}/{Excerpt.Truncate(sourceKey)}";
        var run = await runner.RunConcurrent(new RunRequest(PipelineNames.Feature, default, trigger, description) { RequestedBy = caller }, Execute, cancellation);
        return new UploadResult(run, run.Failure is null ? result : null);

        async Task<string> Execute(RunContext context, CancellationToken stop)
        {
            await audit.Record(caller, "deletion requested", $"{source}/{sourceKey}", $"run {context.RunId}", stop);
            context.Step("Delete the passenger");
            result = await ingestion.Delete(source, [sourceKey], description, context.Provenance, stop);
            context.SetCount("deleted", result.Deleted);
            context.Step("Count predictions and outcomes by day");
            context.SetCount("days", (await predictions.Refresh(null, stop)).Performance.Count);
            return $"{description}: {result}.";
        }
    }

    /// <summary>Stores corrected values of a passenger as a new version of its row, and a corrected or late outcome.</summary>
    public async Task<UploadResult> Correct(string source, Passenger passenger, string caller, CancellationToken cancellation)
    {
        IngestionResult? result = null;
        var description = $"correction of passenger {source}/{Excerpt.Truncate(passenger.SourceKey)}";
        var run = await runner.RunConcurrent(new RunRequest(PipelineNames.Feature, default, RunTrigger.Button, description) { RequestedBy = caller }, Execute, cancellation);
        return new UploadResult(run, run.Failure is null ? result : null);

        async Task<string> Execute(RunContext context, CancellationToken stop)
        {
            await audit.Record(caller, "correction requested", $"{source}/{passenger.SourceKey}", $"run {context.RunId}", stop);
            context.Step("Store the correction");
            result = await ingestion.Ingest(PassengerBatch.FromPassengers(source, description, context.StartedAt, context.StartedAt, [passenger]), context.Provenance, stop);
            await context.ReportIngestion(result);
            context.Step("Count predictions and outcomes by day");
            context.SetCount("days", (await predictions.Refresh(null, stop)).Performance.Count);
            return $"{description}: {result}.";
        }
    }
}
