using Hangfire.PostgreSql;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Hosting.FireDrills;

/// <summary>A database on the server of the app's database, for a fire drill or a benchmark. It is dropped on dispose.</summary>
/// <param name="administrator">The connection string of a role that may create databases.</param>
/// <param name="connectionString">The connection string of the database, which need not exist yet.</param>
internal class ScratchDatabase(string administrator, string connectionString) : IAsyncDisposable
{
    private readonly string _name = $"\"{new NpgsqlConnectionStringBuilder(connectionString).Database!.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public string ConnectionString => connectionString;

    public NpgsqlDataSource DataSource { get; } = NpgsqlDataSource.Create(connectionString);

    /// <summary>Creates the database with the schema of this version and no rows; one that a killed process left is dropped first.</summary>
    public async Task Create(CancellationToken cancellation)
    {
        await Drop();
        await AppDatabase.CreateIfMissing(administrator, connectionString, cancellation);
        await using var db = new TitanicDb((DbContextOptions<TitanicDb>)DatabaseModule.Configure(new DbContextOptionsBuilder<TitanicDb>(), DataSource).Options);
        await db.Database.MigrateAsync(cancellation);
        await using var connection = await DataSource.OpenConnectionAsync(cancellation);
        PostgreSqlObjectsInstaller.Install(connection, HangfireStorage.Schema);
    }

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

    public async Task ExecuteAsAdministrator(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(administrator) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await Drop();
        GC.SuppressFinalize(this);
    }

    private Task Drop() => ExecuteAsAdministrator($"drop database if exists {_name} with (force)");
}
