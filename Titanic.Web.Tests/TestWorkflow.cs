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
/// The product's nouns behind their own doors, on a real database and a clock that stands still; no web server and no workers. Two of
/// them on one database are two processes.
/// </summary>
internal sealed class TestWorkflow : IAsyncDisposable
{
    /// <summary>The first day of the stream wherever nothing else is said.</summary>
    public static readonly DateOnly FirstDay = new(2026, 3, 1);

    /// <summary>
    /// A hyperparameter search among two candidates instead of forty, no comparison with other learners, and one cross-validation instead of ten.
    /// The default here; tests of the search, the comparison or the evaluation set them anew.
    /// </summary>
    public static readonly (string Key, string Value)[] QuickTraining =
    [
        ("Training:Selection:K", "7"), ("Training:Selection:Metrics", "Manhattan"), ("Training:Selection:Weights", "Uniform"), ("Training:Challengers:Repeats", "0"),
        ("Training:CrossValidation:Repeats", "1"),
    ];

    private readonly ServiceProvider _services;

    public TestWorkflow(TestDatabase database, params (string Key, string Value)[] settings)
        : this(database, TestClock.On(FirstDay), settings)
    {
    }

    public TestWorkflow(TestDatabase database, FakeTimeProvider clock, params (string Key, string Value)[] settings)
    {
        Database = database;
        Clock = clock;
        using var configuration = new ConfigurationManager();
        configuration["Serving:LogTimeout"] = "00:00:30"; // a busy machine is not a database that is away
        foreach (var (key, value) in QuickTraining.Concat(settings))
            configuration[key] = value; // the last word counts
        var gate = new DatabaseGate { ConnectionString = configuration.GetConnectionString("Titanic") ?? database.ConnectionString };
        gate.Open();
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(clock)
            .AddSingleton(gate)
            .AddSingleton(database.DataSource)
            // Not by the data source, for the reason given at TestDatabase.NewContext.
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

    /// <summary>A service that lives as long as the process.</summary>
    public T The<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Does something with a service of a fresh scope.</summary>
    public async Task<TResult> In<TService, TResult>(Func<TService, Task<TResult>> work)
        where TService : notnull
    {
        await using var scope = _services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>Asks the database through a fresh context.</summary>
    public async Task<TResult> Ask<TResult>(Func<TitanicDb, Task<TResult>> question)
    {
        await using var db = Database.NewContext();
        return await question(db);
    }

    /// <summary>Runs a pipeline and hands back its record as the database holds it.</summary>
    public async Task<Run> Run(string pipeline, DateOnly day, string? backfill = null, CancellationToken? cancellation = null, string? challenger = null)
    {
        var request = new RunRequest(pipeline, day, RunTrigger.CommandLine, backfill, Challenger: challenger);
        var run = await The<PipelineRunner>().Run(request, cancellation ?? Cancellation);
        return await Stored(run.RunId);
    }

    public Task<Run> Stored(long runId) => Ask(db => db.Runs.SingleAsync(run => run.RunId == runId, Cancellation));

    /// <summary>The shipped list and a first model, as a first start makes them before its first day.</summary>
    public async Task Begin()
    {
        await The<Simulation>().Succeed(new RunRequest(PipelineNames.Feature, FirstDay, RunTrigger.Bootstrap, RunRequest.BundledDataset), Cancellation);
        await The<Simulation>().Succeed(new RunRequest(PipelineNames.Training, FirstDay.AddDays(-1), RunTrigger.Bootstrap), Cancellation);
    }

    /// <summary>Brings in passengers who sail, and whose outcomes become known, on a day.</summary>
    public Task<IngestionResult> Ingest(string source, DateOnly day, params IReadOnlyList<Passenger> passengers) => Ingest(source, day, day, passengers);

    public Task<IngestionResult> Ingest(string source, DateOnly sailed, DateOnly known, params IReadOnlyList<Passenger> passengers) =>
        Ingest(PassengerBatch.Of(source, "a test", FeatureReader.StartOf(sailed), FeatureReader.StartOf(known), passengers));

    public Task<IngestionResult> Ingest(PassengerBatch rows) =>
        In<Ingestion, IngestionResult>(ingestion => ingestion.Ingest(rows, new Provenance(null, "test"), Cancellation));

    /// <summary>Moves the clock to the day and runs its pipelines in order.</summary>
    public async Task<IReadOnlyList<Run>> LiveThrough(DateOnly day)
    {
        Clock.MoveTo(day);
        return await The<Simulation>().SimulateDay(day, RunTrigger.CommandLine, Cancellation);
    }

    /// <summary>How many rows a table has, or those of them for which a condition holds.</summary>
    public Task<long> Count(string table, string condition = "true") => Scalar<long>($"select count(*) from {table} where {condition}");

    /// <summary>One value by SQL, past all of our own code.</summary>
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
