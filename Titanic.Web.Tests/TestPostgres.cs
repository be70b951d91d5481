using System.Collections.Concurrent;
using Hangfire.PostgreSql;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Tests;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

[assembly: AssemblyFixture(typeof(TestPostgres))]

namespace Titanic.Web.Tests;

/// <summary>
/// One real PostgreSQL server per test run, started when the first test needs a database: an embedded one without durability, or
/// the one that the environment variable <c>TITANIC_TEST_POSTGRES</c> names (a superuser's connection string). Each database that it hands
/// out belongs to the caller until disposed.
/// </summary>
public sealed class TestPostgres : IAsyncDisposable
{
    private const string ServerVariable = "TITANIC_TEST_POSTGRES";

    private readonly Lazy<Task<TestServer>> _server;
    private readonly Lazy<Task<DatabasePool>> _empty;
    private readonly ConcurrentDictionary<string, Lazy<Task<DatabasePool>>> _filled = new();

    public TestPostgres()
    {
        _server = new(() => Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } given ? TestServer.Use(given) : TestServer.Start());
        _empty = new(async () => await DatabasePool.Create(await _server.Value, "template0", Migrate));
    }

    /// <summary>The app's whole schema, also Hangfire's, and no rows.</summary>
    public async Task<TestDatabase> CreateDatabase() => await (await _empty.Value).Rent();

    /// <summary>The shipped list (commit 1) and champion version 1, trained on nothing else.</summary>
    public Task<TestDatabase> CreateTrainedDatabase() => CreateDatabaseAfter("a first model", async database =>
    {
        await using var workflow = new TestWorkflow(database);
        await workflow.Begin();
    });

    /// <summary>Rows that take a while to make: they are made once a run.</summary>
    /// <param name="what">Equal words, equal rows.</param>
    public async Task<TestDatabase> CreateDatabaseAfter(string what, Func<TestDatabase, Task> happens) => await (await _filled.GetOrAdd(
        what, _ => new(async () => await DatabasePool.Create(await _server.Value, (await _empty.Value).Template, happens))).Value).Rent();

    /// <summary>What a first start of the app finds: no table. It is dropped on dispose.</summary>
    public async Task<TestDatabase> CreateEmptyDatabase() => await (await _server.Value).CreateDatabase("template0");

    public async ValueTask DisposeAsync()
    {
        // What did not start has told every test why.
        foreach (var pool in _filled.Values.Append(_empty))
        {
            if (pool is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
                await (await pool.Value).DisposeAsync();
        }
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _server.Value).DisposeAsync();
    }

    private static async Task Migrate(TestDatabase database)
    {
        await using (var context = database.NewContext())
            await context.Database.MigrateAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        PostgreSqlObjectsInstaller.Install(connection, "hangfire");
    }
}
