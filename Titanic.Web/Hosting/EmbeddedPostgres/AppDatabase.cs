using Npgsql;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>
/// The app's database and its role, on our own server or on somebody else's. The role owns the database and nothing more: a mistake in
/// the app cannot reach the server.
/// </summary>
internal static class AppDatabase
{
    public const string Name = "titanic";

    /// <summary>The migrations ask for it too: the owner of a database that somebody else made may have it, because it is trusted.</summary>
    private const string Extensions = "CREATE EXTENSION IF NOT EXISTS btree_gist";

    /// <summary>Each step looks first, so a first start that was killed half-way is finished by the next.</summary>
    /// <param name="administrator">A superuser's connection string; its database is not changed.</param>
    /// <param name="app">The connection string that the app is to use: its role, password and database are made.</param>
    public static async Task CreateWhenMissing(string administrator, string app, CancellationToken cancellation)
    {
        var wanted = new NpgsqlConnectionStringBuilder(app);
        var (role, database) = (wanted.Username!, wanted.Database!);
        await using (var connection = await Connect(null))
        {
            if (await Ask(connection, "SELECT 1 FROM pg_roles WHERE rolname = $1", role) is null)
                await Execute(connection, await Statement(connection, "CREATE ROLE %I LOGIN PASSWORD %L", role, wanted.Password!));
            if (await Ask(connection, "SELECT 1 FROM pg_database WHERE datname = $1", database) is null)
                await Execute(connection, await Statement(connection, "CREATE DATABASE %I OWNER %I", database, role));
        }
        await using (var connection = await Connect(database))
            await Execute(connection, Extensions);

        async Task<NpgsqlConnection> Connect(string? otherDatabase)
        {
            var address = new NpgsqlConnectionStringBuilder(administrator) { Pooling = false };
            address.Database = otherDatabase ?? address.Database;
            var connection = new NpgsqlConnection(address.ConnectionString);
            await connection.OpenAsync(cancellation);
            return connection;
        }

        // These statements take no parameters, so the server itself puts the names into them, quoted.
        async Task<string> Statement(NpgsqlConnection connection, string format, string first, string second) =>
            (string)(await Ask(connection, $"SELECT format('{format}', $1, $2)", first, second))!;

        async Task<object?> Ask(NpgsqlConnection connection, string query, params string[] values)
        {
            await using var command = new NpgsqlCommand(query, connection);
            foreach (var value in values)
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
            return await command.ExecuteScalarAsync(cancellation);
        }

        async Task Execute(NpgsqlConnection connection, string statement)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
