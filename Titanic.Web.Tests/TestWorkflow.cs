using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Hosting;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests;

/// <summary>
/// The product's services on a real database and a clock that stands still, without web server and workers. Two instances on one database
/// represent two processes.
/// </summary>
internal sealed class TestWorkflow : IAsyncDisposable
{
    /// <summary>The default first day of the stream.</summary>
    public static readonly DateOnly FirstDay = new(2026, 3, 1);

    /// <summary>
    /// Settings for fast training, applied by default: a hyperparameter search among two candidates instead of forty, no comparison with
    /// alternative learners, and 1 repeat of cross-validation instead of 10. Tests of the search, the comparison or the evaluation override
    /// them.
    /// </summary>
    public static readonly (string Key, string Value)[] FastTrainingSettings =
    [
        ("Training:Selection:K", "7"), ("Training:Selection:Metrics", "Manhattan"), ("Training:Selection:Weights", "Uniform"), ("Training:Challengers:Repeats", "0"),
        ("Training:CrossValidation:Repeats", "1"),
    ];

    private readonly ServiceProvider _services;

    public TestWorkflow(TestDatabase database, params (string Key, string Value)[] settings)
        : this(database, TestClock.CreateAt(FirstDay), settings)
    {
    }

    public TestWorkflow(TestDatabase database, FakeTimeProvider clock, params (string Key, string Value)[] settings)
    {
        Database = database;
        Clock = clock;
        using var configuration = new ConfigurationManager();
        configuration["Serving:LogTimeout"] = "00:00:30"; // so that a busy machine is not treated as an unavailable database
        foreach (var (key, value) in FastTrainingSettings.Concat(settings))
            configuration[key] = value; // later settings override earlier ones
        var gate = new DatabaseReadiness { ConnectionString = configuration.GetConnectionString("Titanic") ?? database.ConnectionString };
        gate.MarkReady();
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(clock)
            .AddSingleton(gate)
            .AddSingleton(database.DataSource)
            // By connection string, for the reason given at TestDatabase.NewContext.
            .AddDbContext<TitanicDb>(options => options.UseNpgsql(database.ConnectionString).UseSnakeCaseNamingConvention())
            .AddHangfireStorage()
            .AddWorkflow(configuration)
            .BuildServiceProvider(validateScopes: true);
    }

    public TestDatabase Database { get; }

    public FakeTimeProvider Clock { get; }

    public DateTimeOffset Now => Clock.GetUtcNow();

    public DateOnly Today => DateOnly.FromDateTime(Now.UtcDateTime);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A singleton service.</summary>
    public T GetRequired<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Executes work with a service of a new scope.</summary>
    public async Task<TResult> InScope<TService, TResult>(Func<TService, Task<TResult>> work)
        where TService : notnull
    {
        await using var scope = _services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>Queries the database with a new context.</summary>
    public async Task<TResult> Query<TResult>(Func<TitanicDb, Task<TResult>> query)
    {
        await using var db = Database.NewContext();
        return await query(db);
    }

    /// <summary>Runs a pipeline and returns its record, read from the database.</summary>
    public async Task<Run> Run(string pipeline, DateOnly day, string? backfill = null, CancellationToken? cancellation = null, string? alternative = null)
    {
        var request = new RunRequest(pipeline, day, RunTrigger.CommandLine, backfill, Alternative: alternative);
        var run = await GetRequired<PipelineRunner>().Run(request, cancellation ?? Cancellation);
        return await StoredRun(run.RunId);
    }

    /// <summary>A run's record, read from the database.</summary>
    public Task<Run> StoredRun(long runId) => Query(db => db.Runs.SingleAsync(run => run.RunId == runId, Cancellation));

    /// <summary>Imports the bundled list and trains a first model, as the first start does before its first simulated day.</summary>
    public async Task ImportAndTrain()
    {
        await GetRequired<Simulation>().RunOrThrow(new RunRequest(PipelineNames.Feature, FirstDay, RunTrigger.Bootstrap, RunRequest.BundledDataset), Cancellation);
        await GetRequired<Simulation>().RunOrThrow(new RunRequest(PipelineNames.Training, FirstDay.AddDays(-1), RunTrigger.Bootstrap), Cancellation);
    }

    /// <summary>Ingests passengers who sail on a day and whose outcomes become known on the same day.</summary>
    public Task<IngestionResult> Ingest(string source, DateOnly day, params IReadOnlyList<Passenger> passengers) => Ingest(source, day, day, passengers);

    public Task<IngestionResult> Ingest(string source, DateOnly eventDate, DateOnly knownDate, params IReadOnlyList<Passenger> passengers) =>
        Ingest(PassengerBatch.FromPassengers(source, "a test", FeatureReader.StartOf(eventDate), FeatureReader.StartOf(knownDate), passengers));

    public Task<IngestionResult> Ingest(PassengerBatch rows) =>
        InScope<Ingestion, IngestionResult>(ingestion => ingestion.Ingest(rows, new Provenance(null, "test"), Cancellation));

    /// <summary>Moves the clock to the day and runs its pipelines in order.</summary>
    public async Task<IReadOnlyList<Run>> SimulateDay(DateOnly day)
    {
        Clock.MoveTo(day);
        return await GetRequired<Simulation>().SimulateDay(day, RunTrigger.CommandLine, Cancellation);
    }

    /// <summary>Counts the rows of a table that satisfy a condition; default: all rows.</summary>
    public Task<long> Count(string table, string condition = "true") => Scalar<long>($"select count(*) from {table} where {condition}");

    /// <summary>The single value of an SQL query, read independently of the product's code.</summary>
    public async Task<T> Scalar<T>(string sql)
    {
        await using var command = Database.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    public async Task Execute(string sql)
    {
        await using var command = Database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
