using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines;

/// <summary>The feature pipeline's other mode: a whole passenger list of history comes in at once.</summary>
public sealed class BackfillPipeline(DatasetSource datasets, IOptions<PassengersOptions> options, Ingestion ingestion, TimeProvider clock) : IPipeline
{
    /// <summary>When the passengers of history sailed, for the last time, and when their outcomes became known.</summary>
    internal static DateTimeOffset NightOfTheSinking { get; } = FeatureReader.StartOf(new DateOnly(1912, 4, 15));

    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        await using var dataset = await datasets.OpenAsync(run.Backfill == RunRequest.BundledDataset ? null : run.Backfill, cancellation);
        await run.Log($"Reading {dataset.Description}.");
        var now = clock.GetUtcNow();
        var list = await UploadReading.Passengers(UploadFormat.Csv, dataset.Content, now, options.Value, cancellation);

        var result = await ingestion.Ingest(
            new PassengerBatch(dataset.Source, dataset.Description, NightOfTheSinking, NightOfTheSinking, list.Rows, list.Warnings, run.Policy, LearnedAt: now),
            run.Provenance, cancellation);

        run.Count(result);
        foreach (var warning in result.Warnings)
            await run.Log(warning);
        return $"Backfill from {dataset.Description} (SHA-256 {dataset.Sha256}): {result}.";
    }
}
