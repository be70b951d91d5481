using Npgsql;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>
/// The app's database and its role. The role owns the database and nothing more: a mistake in the app cannot reach the server.
/// </summary>
internal static class AppDatabase
{
    public const string Name = "titanic";

    /// <summary>Extensions that the app's migrations rely on and that are made by the administrator.</summary>
    public const string Extensions = "CREATE EXTENSION IF NOT EXISTS btree_gist";

    /// <summary>Each step looks first, so a first start that was killed half-way is finished by the next.</summary>
    public static async Task CreateWhenMissing(PostmasterFile server, Credentials credentials, CancellationToken cancellation)
    {
        await using (var connection = await Connect("postgres"))
        {
            if (!await Exists(connection, $"SELECT 1 FROM pg_roles WHERE rolname = '{Credentials.App}'"))
                await Execute(connection, $"CREATE ROLE {Credentials.App} LOGIN PASSWORD '{credentials.AppPassword}'");
            if (!await Exists(connection, $"SELECT 1 FROM pg_database WHERE datname = '{Name}'"))
                await Execute(connection, $"CREATE DATABASE {Name} OWNER {Credentials.App}");
        }
        await using (var connection = await Connect(Name))
            await Execute(connection, Extensions);

        async Task<NpgsqlConnection> Connect(string database)
        {
            var connection = new NpgsqlConnection(
                server.ConnectionString(Credentials.Administrator, credentials.AdministratorPassword, database) + ";Pooling=false");
            await connection.OpenAsync(cancellation);
            return connection;
        }

        async Task<bool> Exists(NpgsqlConnection connection, string query)
        {
            await using var command = new NpgsqlCommand(query, connection);
            return await command.ExecuteScalarAsync(cancellation) is not null;
        }

        async Task Execute(NpgsqlConnection connection, string statement)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
