using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines;

/// <summary>The feature pipeline's other mode: a whole passenger list of history comes in at once.</summary>
public sealed class BackfillPipeline(DatasetSource datasets, Microsoft.Extensions.Options.IOptions<PassengersOptions> options, Ingestion ingestion) : IPipeline
{
    private static readonly DateTimeOffset _nightOfTheSinking = FeatureReader.StartOf(new DateOnly(1912, 4, 15));

    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        await using var dataset = await datasets.OpenAsync(run.Backfill == RunRequest.ShippedList ? null : run.Backfill, cancellation);
        await run.Log($"Reading {dataset.Description}.");
        var list = await PassengerCsv.OpenAsync(dataset.Content, options.Value, cancellation);

        var result = await ingestion.Ingest(
            new IncomingRows(dataset.Source, dataset.Description, _nightOfTheSinking, _nightOfTheSinking, list.RowsAsync(cancellation), () => Warnings(list)),
            run.Provenance, cancellation);

        run.Count("inserted", result.Inserted);
        run.Count("updated", result.Updated);
        run.Count("unchanged", result.Unchanged);
        run.Count("rejected", result.Rejected);
        run.Count("outcomes", result.OutcomesRecorded);
        foreach (var warning in result.Warnings)
            await run.Log(warning);
        return $"Backfill from {dataset.Description} (SHA-256 {dataset.Sha256}): {result}.";
    }

    private static IReadOnlyList<string> Warnings(PassengerCsv list) =>
        list.IgnoredColumns is { Count: > 0 } ignored ? [$"Columns that were not read: {string.Join(", ", ignored)}."] : [];
}
