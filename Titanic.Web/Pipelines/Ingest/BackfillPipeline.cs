using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines.Ingest;

/// <summary>The feature pipeline's backfill mode: ingests a complete passenger list in one commit.</summary>
public sealed class BackfillPipeline(DatasetSource datasets, Ingestion ingestion, TimeProvider clock) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        run.Step("Open the file");
        await using var dataset = await datasets.OpenAsync(run.Backfill == RunRequest.BundledDataset ? null : run.Backfill, cancellation, run.Read);
        await run.Log($"Reading {dataset.Description}.");
        var now = clock.GetUtcNow();
        var list = await dataset.ReadPassengersAsync(now, cancellation);

        var batch = PassengerBatch.FromReader(dataset.Source, dataset.Description, list, now) with { Policy = run.Policy };
        batch = batch with { Rows = run.ReadRows(batch.Rows, cancellation) };
        var result = await run.WithInput(() => ingestion.Ingest(batch, run.Provenance, cancellation), batch.Input);

        await run.ReportIngestion(result);
        return $"Backfill from {dataset.Description} (SHA-256 {dataset.Sha256}): {result}. {result.Input}".TrimEnd();
    }
}
