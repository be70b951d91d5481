using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Hosting;
using Titanic.Web.Hosting.EmbeddedPostgres;
using Titanic.Web.Hosting.FireDrills;

namespace Titanic.Benchmarks;

/// <summary>The product's embedded PostgreSQL with the product's settings, in a folder that is deleted on dispose.</summary>
internal sealed class BenchmarkServer : IAsyncDisposable
{
    private readonly EmbeddedServer _server;
    private readonly string _folder;
    private int _databases;

    private BenchmarkServer(EmbeddedServer server, string folder)
    {
        _server = server;
        _folder = folder;
    }

    public static async Task<BenchmarkServer> Start()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"titanic-store-{Environment.ProcessId}");
        StateFolder.CreateSharedFolder(folder);
        var options = new EmbeddedServerOptions
        {
            BinariesRoot = EmbeddedServerOptions.PackagesIn(ProjectFolder.Find()!),
            DataDirectory = folder,
        };
        return new BenchmarkServer(await EmbeddedServer.Start(options, NullLogger.Instance, CancellationToken.None), folder);
    }

    /// <summary>Creates a database with the product's schema and no rows.</summary>
    public async Task<BenchmarkDatabase> CreateDatabase()
    {
        var database = NewDatabase();
        await database.Create(CancellationToken.None);
        return database;
    }

    /// <summary>Copies a database that nothing is connected to.</summary>
    public async Task<BenchmarkDatabase> Copy(BenchmarkDatabase source)
    {
        source.DataSource.Clear();
        NpgsqlConnection.ClearAllPools();
        var copy = NewDatabase();
        var address = new NpgsqlConnectionStringBuilder(copy.ConnectionString);
        await copy.ExecuteAsAdministrator($"create database {address.Database} template {new NpgsqlConnectionStringBuilder(source.ConnectionString).Database} owner {address.Username}");
        return copy;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private BenchmarkDatabase NewDatabase() => new(
        _server.AdministratorConnectionString,
        new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = $"store_{++_databases}", CommandTimeout = 0 }.ConnectionString);
}

internal sealed class BenchmarkDatabase(string administrator, string connectionString) : ScratchDatabase(administrator, connectionString)
{
    public Ingestion Ingestion => new(DataSource, TimeProvider.System);

    /// <summary>Writes dirty pages to disk with a checkpoint, so that earlier work does not slow down the next measurement.</summary>
    public Task Checkpoint() => ExecuteAsAdministrator("checkpoint");
}
