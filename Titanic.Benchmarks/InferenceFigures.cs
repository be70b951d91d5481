using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Training;

namespace Titanic.Benchmarks;

/// <summary>Batch inference: everybody who waits is answered and stored, by the champion that a first start trains.</summary>
internal static class InferenceFigures
{
    private static readonly DateOnly _day = new(2026, 3, 1);

    public static async Task Measure(bool isQuick)
    {
        var rows = isQuick ? 10_000 : 100_000;
        await using var server = await BenchmarkServer.Start();
        await using var database = await server.CreateDatabase();
        await using var product = Product(database);
        await FirstModel(product);

        var perSecond = new List<double>();
        for (var run = 0; run <= (isQuick ? 1 : 3); run++)
        {
            var time = FeatureReader.StartOf(_day);
            await database.Ingestion.Ingest(
                IncomingRows.Of(PassengerSources.Api, "a crowd", time, time, [.. GeneratedList.People(1 + (long)run * rows, rows)]), new Provenance(null, "benchmark"), CancellationToken.None);
            await database.Execute("analyze passengers");
            await database.Settle();
            var seconds = await Seconds(() => Predict(product, rows));
            if (run > 0) // the first warms up
                perSecond.Add(rows / seconds);
        }
        Figure.AtLeast("inference-batch-passengers", perSecond.Order().ElementAt(perSecond.Count / 2), "per-second", 20_000);
    }

    private static ServiceProvider Product(BenchmarkDatabase database)
    {
        var configuration = new ConfigurationManager();
        var gate = new DatabaseGate { ConnectionString = database.ConnectionString };
        gate.Open();
        return new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddDatabase().AddSingleton(gate).AddSingleton(database.DataSource)
            .AddPassengers(configuration).AddFeatureStore().AddTraining(configuration).AddRegistry().AddServing().AddMonitoring()
            .AddPipelines(configuration).AddAccess(configuration)
            .BuildServiceProvider();
    }

    /// <summary>The shipped list and a model that learned it, as a first start makes them.</summary>
    private static async Task FirstModel(ServiceProvider product)
    {
        var simulation = product.GetRequiredService<Simulation>();
        await simulation.Succeed(new RunRequest(PipelineNames.Feature, _day, RunTrigger.Bootstrap, RunRequest.ShippedList), CancellationToken.None);
        await simulation.Succeed(new RunRequest(PipelineNames.Training, _day.AddDays(-1), RunTrigger.Bootstrap), CancellationToken.None);
    }

    private static async Task Predict(ServiceProvider product, int expected)
    {
        await using var scope = product.CreateAsyncScope();
        var (predicted, _) = await scope.ServiceProvider.GetRequiredService<BatchInference>().PredictUnpredicted(_day, null, CancellationToken.None);
        if (predicted != expected)
            throw new InvalidOperationException($"{predicted} passengers were predicted; there were {expected}.");
    }

    private static async Task<double> Seconds(Func<Task> action)
    {
        var start = Stopwatch.GetTimestamp();
        await action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
