using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Hosting;
using Titanic.Web.Pipelines;

namespace Titanic.Benchmarks;

/// <summary>The product's services on a database of a <see cref="BenchmarkServer"/>, without web server and workers.</summary>
internal sealed class BenchmarkProduct : IAsyncDisposable
{
    public static readonly DateOnly Day = new(2026, 3, 1);

    private readonly BenchmarkDatabase _database;
    private readonly ServiceProvider _services;

    public BenchmarkProduct(BenchmarkDatabase database, TimeProvider clock, params (string Key, string Value)[] settings)
    {
        _database = database;
        var configuration = new ConfigurationManager();
        foreach (var (key, value) in settings)
            configuration[key] = value;
        var gate = new DatabaseReadiness { ConnectionString = database.ConnectionString };
        gate.MarkReady();
        _services = new ServiceCollection().AddLogging().AddSingleton(clock).AddDatabase().AddSingleton(gate).AddSingleton(database.DataSource)
            .AddWorkflow(configuration)
            .BuildServiceProvider();
    }

    /// <summary>The product with the system's clock after <see cref="ImportAndTrain"/>.</summary>
    public static async Task<BenchmarkProduct> Start(BenchmarkDatabase database)
    {
        var product = new BenchmarkProduct(database, TimeProvider.System);
        await product.ImportAndTrain();
        return product;
    }

    /// <summary>Imports the bundled list and trains a model, as the first start does.</summary>
    public async Task ImportAndTrain()
    {
        await Run(new RunRequest(PipelineNames.Feature, Day, RunTrigger.Bootstrap, RunRequest.BundledDataset));
        await Run(new RunRequest(PipelineNames.Training, Day.AddDays(-1), RunTrigger.Bootstrap));
    }

    public Task Run(RunRequest request) => InScope<Simulation, Run>(simulation => simulation.RunOrThrow(request, CancellationToken.None));

    public TService GetRequired<TService>()
        where TService : notnull => _services.GetRequiredService<TService>();

    /// <summary>Ingests stream passengers without predictions.</summary>
    /// <param name="firstId">The source key of the first passenger; the others follow.</param>
    /// <param name="rows">Number of passengers.</param>
    public async Task IngestStreamPassengers(long firstId, int rows)
    {
        var time = FeatureReader.StartOf(Day);
        await _database.Ingestion.Ingest(
            PassengerBatch.FromPassengers(PassengerSources.Api, "generated", time, time, [.. GeneratedPassengers.Generate(firstId, rows)]), new Provenance(null, "benchmark"), CancellationToken.None);
        await _database.Execute("analyze passengers");
        await _database.Execute("analyze outcomes");
        await _database.Checkpoint();
    }

    /// <summary>Executes work with a service of a new scope.</summary>
    public async Task<TResult> InScope<TService, TResult>(Func<TService, Task<TResult>> work)
        where TService : notnull
    {
        await using var scope = _services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
