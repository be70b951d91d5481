using Microsoft.Extensions.Options;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Takes in what people and programs send, as runs that their sender carries: the answer comes when the rows are committed, so whoever
/// has it can read them.
/// </summary>
public sealed class Uploads(
    PipelineRunner runner, DatasetSource datasets, IOptions<PassengersOptions> options, Ingestion ingestion, AuditLog audit, TimeProvider clock)
{
    /// <summary>Passengers, with or without their outcomes. Those of history sailed in 1912; others now, unless their row tells when.</summary>
    public Task<UploadResult> TakePassengers(Upload upload, CancellationToken cancellation) => Carry("passengers", upload, async (dataset, run, stop) =>
    {
        var now = clock.GetUtcNow();
        var time = PassengerSources.History.Contains(upload.Source) ? BackfillPipeline.NightOfTheSinking : now;
        var list = await UploadReading.Passengers(upload.Format, dataset.Content, now, options.Value, stop);
        var rows = new PassengerBatch(upload.Source, dataset.Description, time, time, list.Rows, list.Warnings, upload.Policy, LearnedAt: now);
        return await ingestion.Ingest(rows, run.Provenance, stop);
    }, cancellation);

    /// <summary>Outcomes of passengers who are known already: late ones, and corrections.</summary>
    public Task<UploadResult> TakeOutcomes(Upload upload, CancellationToken cancellation) => Carry("outcomes", upload, async (dataset, run, stop) =>
    {
        var now = clock.GetUtcNow();
        var list = await UploadReading.Outcomes(upload.Format, dataset.Content, new(upload.Source, now), options.Value, stop);
        var outcomes = new OutcomeBatch(upload.Source, dataset.Description, now, list.Rows, list.Warnings, upload.Policy);
        return await ingestion.IngestOutcomes(outcomes, run.Provenance, stop);
    }, cancellation);

    /// <summary>Ends a passenger and the outcome that belongs to it; every commit before reads as it did.</summary>
    public async Task<UploadResult> Delete(string source, string sourceKey, RunTrigger trigger, string who, CancellationToken cancellation)
    {
        IngestionResult? result = null;
        var what = $"the deletion of passenger {Excerpt.Truncate(sourceKey)} of source {source}";
        var run = await runner.RunBeside(Request(what, null, trigger), async (context, stop) =>
        {
            await audit.Record(who, "deletion requested", $"{source}/{sourceKey}", $"run {context.RunId}", stop);
            result = await ingestion.Delete(source, [sourceKey], what, context.Provenance, stop);
            context.Count("deleted", result.Deleted);
            return $"{what}: {result}.";
        }, cancellation);
        return new UploadResult(run, run.Failure is null ? result : null);
    }

    private async Task<UploadResult> Carry(
        string kind, Upload upload, Func<Dataset, RunContext, CancellationToken, Task<IngestionResult>> ingest, CancellationToken cancellation)
    {
        using var sender = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        IngestionResult? result = null;
        var what = $"{kind} sent as {upload.Format.ToString().ToUpperInvariant()}";
        var run = await runner.RunBeside(Request(what, upload.Policy, upload.Trigger), async (context, stop) =>
        {
            await audit.Record(upload.Who, $"{kind} sent", $"run {context.RunId}", $"source {upload.Source}, policy {upload.Policy.ToString().ToUpperInvariant()}", stop);
            await using var dataset = datasets.OpenUpload(upload.Body, what);
            try
            {
                result = await ingest(dataset, context, stop);
            }
            catch (PassengerFileException broken) when (broken.InnerException is IOException and not BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge })
            {
                await sender.CancelAsync(); // a body that breaks off means that nobody is there any more
                stop.ThrowIfCancellationRequested();
            }
            context.Count(result!);
            foreach (var warning in result!.Warnings)
                await context.Log(warning);
            return $"{what} (SHA-256 {dataset.Sha256}): {result}.";
        }, sender.Token);
        return new UploadResult(run, run.Failure is null ? result : null);
    }

    private static RunRequest Request(string what, IngestionPolicy? policy, RunTrigger trigger) => new(PipelineNames.Feature, default, trigger, what, policy);
}
