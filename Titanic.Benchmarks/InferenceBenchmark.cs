using System.Diagnostics;
using Titanic.Web.Serving;

namespace Titanic.Benchmarks;

/// <summary>Throughput of batch inference: predicting stream passengers with the first champion and storing the predictions.</summary>
internal static class InferenceBenchmark
{
    public static async Task Measure(bool isQuick)
    {
        var rows = isQuick ? 10_000 : 100_000;
        await using var server = await BenchmarkServer.Start();
        await using var database = await server.CreateDatabase();
        await using var product = await BenchmarkProduct.Start(database);

        var perSecond = new List<double>();
        for (var run = 0; run <= (isQuick ? 1 : 3); run++)
        {
            await product.IngestStreamPassengers(1 + (long)run * rows, rows);
            var start = Stopwatch.GetTimestamp();
            var (predicted, _) = await product.InScope<BatchInference, (int, int?)>(batch => batch.PredictUnpredicted(BenchmarkProduct.Day, null, CancellationToken.None));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (predicted != rows)
                throw new InvalidOperationException($"{predicted} passengers were predicted; there were {rows}.");
            if (run > 0) // run 0 is the warm-up
                perSecond.Add(rows / seconds);
        }
        BenchmarkResult.AtLeast("inference-batch-passengers", perSecond.Order().ElementAt(perSecond.Count / 2), "per-second", 10_000);
    }
}
