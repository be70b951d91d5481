using Titanic.Web.FeatureStore;
using Titanic.Web.Hosting.FireDrills;

namespace Titanic.Benchmarks;

/// <summary>The product's services on a database of a <see cref="BenchmarkServer"/>, without web server and workers.</summary>
internal sealed class BenchmarkProduct(BenchmarkDatabase database, TimeProvider clock, params (string Key, string Value)[] settings)
    : ScratchWorkflow(database, clock, settings)
{
    /// <summary>The product with the system's clock after <see cref="ScratchWorkflow.ImportAndTrain"/>.</summary>
    public static async Task<BenchmarkProduct> Start(BenchmarkDatabase database)
    {
        var product = new BenchmarkProduct(database, TimeProvider.System);
        await product.ImportAndTrain();
        return product;
    }

    /// <summary>Ingests stream passengers without predictions.</summary>
    /// <param name="firstId">The source key of the first passenger; the others follow.</param>
    /// <param name="rows">Number of passengers.</param>
    public async Task IngestStreamPassengers(long firstId, int rows)
    {
        var time = FeatureReader.StartOf(Day);
        await database.Ingestion.Ingest(
            PassengerBatch.FromPassengers(PassengerSources.Api, "generated", time, time, [.. GeneratedPassengers.Generate(firstId, rows)]), new Provenance(null, "benchmark"), CancellationToken.None);
        await database.Execute("analyze passengers");
        await database.Execute("analyze outcomes");
        await database.Checkpoint();
    }
}
