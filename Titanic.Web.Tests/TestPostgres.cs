using System.Collections.Concurrent;
using Hangfire.PostgreSql;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Tests;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

[assembly: AssemblyFixture(typeof(TestPostgres))]

namespace Titanic.Web.Tests;

/// <summary>
/// One real PostgreSQL server per test run, started when the first test asks for a database: an embedded one without durability, or
/// the one that the environment variable <c>TITANIC_TEST_POSTGRES</c> names (a superuser's connection string).
/// </summary>
public sealed class TestPostgres : IAsyncDisposable
{
    private const string ServerVariable = "TITANIC_TEST_POSTGRES";

    private readonly Lazy<Task<TestServer>> _server;
    private readonly Lazy<Task<string>> _template;
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _templatesAfter = new();
    private int _databases;

    public TestPostgres()
    {
        _server = new Lazy<Task<TestServer>>(() => Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } given
            ? TestServer.Use(given)
            : TestServer.Start());
        _template = new Lazy<Task<string>>(CreateTemplate);
    }

    /// <summary>A database of one's own with the app's whole schema and no rows.</summary>
    public async Task<TestDatabase> CreateDatabase() => await CreateCopyOf(await _template.Value);

    /// <summary>A database of one's own with the shipped list (commit 1) and champion version 1, trained on nothing else.</summary>
    public Task<TestDatabase> CreateTrainedDatabase() => CreateDatabaseAfter("a first model", async database =>
    {
        await using var workflow = new TestWorkflow(database);
        await workflow.Begin();
    });

    /// <summary>A database of one's own in which something has happened that takes a while: once a run, and all others get a copy.</summary>
    /// <param name="what">Equal words, equal rows.</param>
    public async Task<TestDatabase> CreateDatabaseAfter(string what, Func<TestDatabase, Task> happens) =>
        await CreateCopyOf(await _templatesAfter.GetOrAdd(what, _ => new Lazy<Task<string>>(() => CreateTemplateAfter(happens))).Value);

    /// <summary>A database of one's own as a first start of the app finds it: without a table.</summary>
    public Task<TestDatabase> CreateEmptyDatabase() => Create("empty", "TEMPLATE template0");

    public async ValueTask DisposeAsync()
    {
        // A server that did not start has told every test why.
        if (_server is not { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            return;
        var server = await _server.Value;
        foreach (var template in _templatesAfter.Values.Append(_template))
        {
            if (template is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
                await server.Execute($"DROP DATABASE {await template.Value} WITH (FORCE)");
        }
        await server.DisposeAsync();
    }

    /// <summary>Migrated once; every test's database is a copy of its files, which takes a tenth of the time.</summary>
    private async Task<string> CreateTemplate()
    {
        var template = await CreateEmptyDatabase();
        await using (var context = template.NewContext())
            await context.Database.MigrateAsync();
        await using (var connection = await template.DataSource.OpenConnectionAsync())
            PostgreSqlObjectsInstaller.Install(connection, "hangfire");
        await template.Disconnect();
        return template.Name;
    }

    private async Task<string> CreateTemplateAfter(Func<TestDatabase, Task> happens)
    {
        var template = await CreateDatabase();
        await happens(template);
        await template.Disconnect();
        var server = await _server.Value;
        await server.Execute($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template.Name}'"); // nothing is copied while somebody is connected
        return template.Name;
    }

    private Task<TestDatabase> CreateCopyOf(string template) => Create("test", $"TEMPLATE {template} STRATEGY WAL_LOG");

    private async Task<TestDatabase> Create(string purpose, string source)
    {
        var server = await _server.Value;
        var name = $"{server.Prefix}_{purpose}_{Interlocked.Increment(ref _databases)}";
        await server.Execute($"CREATE DATABASE {name} OWNER {server.AppRole} {source}");
        return new TestDatabase(server, name);
    }
}
