using System.Collections.Concurrent;
using Hangfire.PostgreSql;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Tests;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

[assembly: AssemblyFixture(typeof(TestPostgres))]

namespace Titanic.Web.Tests;

/// <summary>
/// One real PostgreSQL server per test run, started when the first test needs a database: an embedded server without durability, or the
/// server in the environment variable <c>TITANIC_TEST_POSTGRES</c> (a superuser's connection string). The caller owns each database until
/// it is disposed.
/// </summary>
public sealed class TestPostgres : IAsyncDisposable
{
    private const string ServerVariable = "TITANIC_TEST_POSTGRES";

    private readonly Lazy<Task<TestServer>> _server;
    private readonly Lazy<Task<DatabasePool>> _empty;
    private readonly ConcurrentDictionary<string, Lazy<Task<DatabasePool>>> _seeded = new();

    public TestPostgres()
    {
        _server = new(() => Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } given ? TestServer.Use(given) : TestServer.Start());
        _empty = new(async () => await DatabasePool.Create(await _server.Value, "template0", Migrate));
    }

    /// <summary>The connection string of the server's superuser, as the product has it for its embedded server.</summary>
    public async Task<string> GetAdministratorConnectionString() => (await _server.Value).AdministratorConnectionString;

    /// <summary>A database with the app's schema and Hangfire's, without rows.</summary>
    public async Task<TestDatabase> CreateDatabase() => await (await _empty.Value).Rent();

    /// <summary>A database with the bundled list (commit 1) and champion version 1, which was trained on it.</summary>
    public Task<TestDatabase> CreateTrainedDatabase() => CreateSeededDatabase("a first model", async database =>
    {
        await using var workflow = new TestWorkflow(database);
        await workflow.ImportAndTrain();
    });

    /// <summary>A copy of a database with rows that are slow to create: they are created once per test run.</summary>
    /// <param name="key">Identifies the content: calls with the same value get copies of the same database.</param>
    /// <param name="seed">Creates the content; called once for each value of <paramref name="key"/>.</param>
    public async Task<TestDatabase> CreateSeededDatabase(string key, Func<TestDatabase, Task> seed) => await (await _seeded.GetOrAdd(
        key, _ => new(async () => await DatabasePool.Create(await _server.Value, (await _empty.Value).Template, seed))).Value).Rent();

    /// <summary>A database without tables, as the app finds it on its first start. It is dropped on dispose.</summary>
    public async Task<TestDatabase> CreateEmptyDatabase() => await (await _server.Value).CreateDatabase("template0");

    public async ValueTask DisposeAsync()
    {
        // A pool or server that failed to start has failed its tests, and there is nothing to dispose.
        foreach (var pool in _seeded.Values.Append(_empty))
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
