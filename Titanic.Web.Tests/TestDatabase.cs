using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests;

/// <summary>One test class's database, as the app's role that owns it; dropped on dispose, whoever is still connected.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly TestServer _server;

    internal TestDatabase(TestServer server, string name)
    {
        _server = server;
        Name = name;
        ConnectionString = server.AppConnectionString(name);
        DataSource = NpgsqlDataSource.Create(ConnectionString);
    }

    public string Name { get; }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    // Not by DataSource: Entity Framework would build a service provider per data source, so one per test class.
    public TitanicDb NewContext() => new(new DbContextOptionsBuilder<TitanicDb>()
        .UseNpgsql(ConnectionString)
        .UseSnakeCaseNamingConvention()
        .Options);

    public async ValueTask DisposeAsync()
    {
        await Disconnect();
        _server.Drop(Name);
    }

    internal async Task Disconnect()
    {
        await DataSource.DisposeAsync();
        await using var pooled = new NpgsqlConnection(ConnectionString);
        NpgsqlConnection.ClearPool(pooled);
    }
}
