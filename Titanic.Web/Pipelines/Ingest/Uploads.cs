using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines.Ingest;

/// <summary>
/// Ingests what people and programs send, as runs that the request executes itself: it is answered when the rows are committed, so whoever
/// has the answer can read them.
/// </summary>
public sealed class Uploads(PipelineRunner runner, DatasetSource datasets, Ingestion ingestion, AuditLog audit, TimeProvider clock)
{
    public async Task<UploadResult> Ingest(Upload upload, CancellationToken cancellation)
    {
        using var sender = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        IngestionResult? result = null;
        var run = await runner.RunConcurrent(Request(upload.Description, upload.Policy, upload.Trigger), Execute, sender.Token);
        return new UploadResult(run, run.Failure is null ? result : null);

        async Task<string> Execute(RunContext context, CancellationToken stop)
        {
            await audit.Record(
                upload.Who, $"{upload.RowKind} sent", $"run {context.RunId}", $"source {upload.Source}, policy {upload.Policy.ToString().ToUpperInvariant()}", stop);
            await using var dataset = datasets.OpenUpload(upload.Body, upload.Description, upload.Format);
            try
            {
                result = await Ingest(upload, dataset, context.Provenance, stop);
            }
            catch (PassengerFileException broken) when (broken.InnerException is IOException and not BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge })
            {
                await sender.CancelAsync(); // a body that breaks off means that nobody waits for the answer
                throw new OperationCanceledException(stop);
            }
            await context.Report(result);
            return $"{upload.Description} (SHA-256 {dataset.Sha256}): {result}.";
        }
    }

    /// <summary>Ends a passenger and its outcome; every commit before reads as it did.</summary>
    public async Task<UploadResult> Delete(string source, string sourceKey, RunTrigger trigger, string who, CancellationToken cancellation)
    {
        IngestionResult? result = null;
        var description = $"the deletion of passenger {Excerpt.Truncate(sourceKey)} of source {source}";
        var run = await runner.RunConcurrent(Request(description, null, trigger), Execute, cancellation);
        return new UploadResult(run, run.Failure is null ? result : null);

        async Task<string> Execute(RunContext context, CancellationToken stop)
        {
            await audit.Record(who, "deletion requested", $"{source}/{sourceKey}", $"run {context.RunId}", stop);
            result = await ingestion.Delete(source, [sourceKey], description, context.Provenance, stop);
            context.Count("deleted", result.Deleted);
            return $"{description}: {result}.";
        }
    }

    private async Task<IngestionResult> Ingest(Upload upload, Dataset dataset, Provenance provenance, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (upload.Kind == UploadKind.Passengers)
        {
            var passengers = await dataset.ReadPassengersAsync(now, cancellation);
            var batch = PassengerBatch.OfList(upload.Source, dataset.Description, passengers, now) with { Policy = upload.Policy };
            return await ingestion.Ingest(batch, provenance, cancellation);
        }
        var outcomes = await dataset.ReadOutcomesAsync(new(upload.Source, now), cancellation);
        return await ingestion.IngestOutcomes(
            new OutcomeBatch(upload.Source, dataset.Description, now, outcomes.RowsAsync(cancellation), () => outcomes.Warnings, upload.Policy), provenance, cancellation);
    }

    private static RunRequest Request(string description, IngestionPolicy? policy, RunTrigger trigger) => new(PipelineNames.Feature, default, trigger, description, policy);
}

public enum UploadKind
{
    Passengers,

    /// <summary>Outcomes of passengers who are known already: late ones, and corrections.</summary>
    Outcomes,
}

/// <summary>Rows that somebody sends, as a stream that is read once.</summary>
/// <param name="Source">Of its passengers; of outcomes, where their rows do not tell.</param>
/// <param name="Who">For the audit log.</param>
public sealed record Upload(Stream Body, string Source, IngestionPolicy Policy, RunTrigger Trigger, string Who)
{
    public UploadKind Kind { get; init; } = UploadKind.Passengers;
    public DatasetFormat Format { get; init; } = DatasetFormat.Csv;

    /// <summary>"passengers" or "outcomes".</summary>
    public string RowKind => Kind.ToString().ToLowerInvariant();

    /// <summary>"passengers sent as CSV"</summary>
    public string Description => $"{RowKind} sent as {Format.ToString().ToUpperInvariant()}";
}

/// <summary>What became of an upload.</summary>
/// <param name="Run">The finished record; its failure says why there is no result.</param>
/// <param name="Result">Null unless the run succeeded.</param>
public sealed record UploadResult(Run Run, IngestionResult? Result);
