using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines.Ingest;

/// <summary>
/// Ingests rows that users and programs send. The request itself executes the run, so the rows are committed and readable when the response
/// is sent.
/// </summary>
public sealed class Uploads(PipelineRunner runner, DatasetSource datasets, Ingestion ingestion, UploadInference inference, AuditLog audit)
{
    public async Task<UploadResult> Ingest(Upload upload, CancellationToken cancellation)
    {
        using var connection = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        IngestionResult? result = null;
        var request = new RunRequest(PipelineNames.Feature, default, upload.Trigger, upload.Description, upload.Policy) { RequestedBy = upload.Caller, FileName = upload.FileName };
        var run = await runner.RunConcurrent(request, Execute, connection.Token);
        if (run.Status != RunStatus.Succeeded || result is null)
            return new UploadResult(run, run.Failure is null ? result : null);
        return new UploadResult(run, result) { InferenceRunId = await inference.Enqueue(upload, run.RunId, result) };

        async Task<string> Execute(RunContext context, CancellationToken stop)
        {
            await audit.Record(
                upload.Caller, $"{upload.RowKind} sent", $"run {context.RunId}", $"source {upload.Source}, policy {upload.Policy.ToString().ToUpperInvariant()}", stop);
            context.Step("Open the data");
            await using var dataset = datasets.OpenUpload(upload.Body, upload.Description, upload.Format, upload.Read);
            try
            {
                result = await Ingest(upload, dataset, context, stop);
            }
            catch (PassengerFileException failure) when (failure.InnerException is IOException and not BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge })
            {
                await connection.CancelAsync(); // an incomplete body usually means that the client disconnected
                throw new OperationCanceledException(stop);
            }
            await context.ReportIngestion(result);
            return $"{upload.Description} (SHA-256 {dataset.Sha256}): {result}. {result.Input}".TrimEnd();
        }
    }

    private async Task<IngestionResult> Ingest(Upload upload, Dataset dataset, RunContext run, CancellationToken cancellation)
    {
        var (now, provenance) = (run.StartedAt, run.Provenance);
        if (upload.Kind == UploadKind.Passengers)
        {
            var passengers = await dataset.ReadPassengersAsync(now, cancellation);
            var batch = PassengerBatch.FromReader(upload.Source, dataset.Description, passengers, now) with { Policy = upload.Policy };
            batch = batch with { Rows = run.ReadRows(batch.Rows, cancellation) };
            return await run.WithInput(() => ingestion.Ingest(batch, provenance, cancellation), batch.Input);
        }
        var outcomes = await dataset.ReadOutcomesAsync(new(upload.Source, now), cancellation);
        var sent = new OutcomeBatch(upload.Source, dataset.Description, now, run.ReadRows(outcomes.RowsAsync(cancellation), cancellation), () => outcomes.Warnings, upload.Policy) { Input = () => outcomes.Input };
        return await run.WithInput(() => ingestion.IngestOutcomes(sent, provenance, cancellation), sent.Input);
    }
}

public enum UploadKind
{
    Passengers,

    /// <summary>Outcomes of stored passengers: late ones and corrections.</summary>
    Outcomes,
}

/// <summary>Rows that a user or a program sends, as a stream that is read once.</summary>
/// <param name="Source">The source of the passengers; for outcomes, the source of rows that name none.</param>
/// <param name="Caller">The caller's name for the audit log.</param>
public sealed record Upload(Stream Body, string Source, IngestionPolicy Policy, RunTrigger Trigger, string Caller)
{
    public UploadKind Kind { get; init; } = UploadKind.Passengers;
    public DatasetFormat Format { get; init; } = DatasetFormat.Csv;

    /// <summary>What the sender specified about a CSV file. Default: everything is detected.</summary>
    public CsvReadOptions Read { get; init; } = CsvReadOptions.Detect;

    /// <summary>The name of the file at the sender, see <see cref="CleanFileName"/>; null if it was not sent.</summary>
    public string? FileName { get; init; }

    public const int MaximumFileNameLength = 255;

    /// <summary>The name without folders and control characters; null if nothing is left.</summary>
    public static string? CleanFileName(string? name)
    {
        var last = name?.Split('/', '\\')[^1];
        return string.Concat((last ?? "").Where(character => !char.IsControl(character))).Trim() is { Length: > 0 } clean ? clean : null;
    }

    /// <summary>"passengers" or "outcomes".</summary>
    public string RowKind => Kind.ToString().ToLowerInvariant();

    /// <summary>What is sent, such as "passengers sent as CSV".</summary>
    public string Description => $"{RowKind} sent as {Format.ToString().ToUpperInvariant()}";
}

/// <summary>The run of an upload and its result.</summary>
/// <param name="Run">The finished record; its failure explains a missing result.</param>
/// <param name="Result">Null unless the run succeeded.</param>
public sealed record UploadResult(Run Run, IngestionResult? Result)
{
    /// <summary>The queued inference run that predicts the passengers; null if there is none.</summary>
    public long? InferenceRunId { get; init; }
}
