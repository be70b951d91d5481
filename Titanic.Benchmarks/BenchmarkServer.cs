using Hangfire.PostgreSql;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Hosting;
using Titanic.Web.Hosting.EmbeddedPostgres;

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
        var address = new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = $"store_{++_databases}", CommandTimeout = 0 };
        await AppDatabase.CreateIfMissing(_server.AdministratorConnectionString, address.ConnectionString, CancellationToken.None);
        var database = new BenchmarkDatabase(_server.AdministratorConnectionString, address.ConnectionString);
        await using var db = new TitanicDb((DbContextOptions<TitanicDb>)DatabaseModule.Configure(new DbContextOptionsBuilder<TitanicDb>(), database.DataSource).Options);
        await db.Database.MigrateAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        PostgreSqlObjectsInstaller.Install(connection, HangfireStorage.Schema);
        return database;
    }

    /// <summary>Copies a database that nothing is connected to.</summary>
    public async Task<BenchmarkDatabase> Copy(BenchmarkDatabase source)
    {
        source.DataSource.Clear();
        NpgsqlConnection.ClearAllPools();
        var address = new NpgsqlConnectionStringBuilder(source.ConnectionString) { Database = $"store_{++_databases}" };
        var copy = new BenchmarkDatabase(_server.AdministratorConnectionString, address.ConnectionString);
        await copy.ExecuteAsAdministrator($"create database {address.Database} template {new NpgsqlConnectionStringBuilder(source.ConnectionString).Database}");
        return copy;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

internal sealed class BenchmarkDatabase(string administrator, string connectionString) : IAsyncDisposable
{
    public string ConnectionString => connectionString;

    public NpgsqlDataSource DataSource { get; } = NpgsqlDataSource.Create(connectionString);

    public Ingestion Ingestion => new(DataSource, TimeProvider.System);

    public async Task Execute(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> Scalar<T>(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Writes dirty pages to disk with a checkpoint, so that earlier work does not slow down the next measurement.</summary>
    public Task Checkpoint() => ExecuteAsAdministrator("checkpoint");

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await ExecuteAsAdministrator($"drop database {new NpgsqlConnectionStringBuilder(connectionString).Database} with (force)");
    }

    public async Task ExecuteAsAdministrator(string sql)
    {
        await using var server = NpgsqlDataSource.Create(administrator);
        await using var command = server.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
