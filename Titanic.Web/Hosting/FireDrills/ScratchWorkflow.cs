using Titanic.Web.Database;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Hosting.FireDrills;

/// <summary>The modules of the workflow on a <see cref="ScratchDatabase"/>, without web server and workers.</summary>
internal class ScratchWorkflow : IAsyncDisposable
{
    public static readonly DateOnly Day = new(2026, 3, 1);

    private readonly ServiceProvider _services;

    public ScratchWorkflow(ScratchDatabase database, TimeProvider clock, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationManager();
        foreach (var (key, value) in settings)
            configuration[key] = value;
        var readiness = new DatabaseReadiness { ConnectionString = database.ConnectionString };
        readiness.MarkReady();
        _services = new ServiceCollection().AddLogging().AddSingleton(clock).AddDatabase().AddSingleton(readiness).AddSingleton(database.DataSource)
            .AddWorkflow(configuration)
            .BuildServiceProvider();
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

    /// <summary>Executes work with a service of a new scope.</summary>
    public async Task<TResult> InScope<TService, TResult>(Func<TService, Task<TResult>> work)
        where TService : notnull
    {
        await using var scope = _services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
