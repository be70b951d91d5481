using Npgsql;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>
/// The app's database and its role, on the embedded server or on the user's own. The role owns the database and has no other privileges, so
/// a defect in the app cannot affect the rest of the server.
/// </summary>
internal static class AppDatabase
{
    public const string Name = "titanic";

    /// <summary>
    /// The migrations also create it, for a database created by someone else: its owner can, because the extension is trusted.
    /// </summary>
    private const string Extensions = "CREATE EXTENSION IF NOT EXISTS btree_gist";

    /// <summary>
    /// Creates the role, the database and its extension. Each step checks whether it is already done, so the next start completes a first
    /// start that was killed.
    /// </summary>
    /// <param name="administrator">The connection string of a superuser; its database is not changed.</param>
    /// <param name="app">The connection string of the app, with the role, the password and the database to create.</param>
    public static async Task CreateIfMissing(string administrator, string app, CancellationToken cancellation)
    {
        var target = new NpgsqlConnectionStringBuilder(app);
        var (role, database) = (target.Username!, target.Database!);
        await using (var connection = await Connect(null))
        {
            if (await Query(connection, "SELECT 1 FROM pg_roles WHERE rolname = $1", role) is null)
                await Execute(connection, await Statement(connection, "CREATE ROLE %I LOGIN PASSWORD %L", role, target.Password!));
            if (await Query(connection, "SELECT 1 FROM pg_database WHERE datname = $1", database) is null)
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

        // These statements cannot have parameters, so the server inserts the quoted names and values.
        async Task<string> Statement(NpgsqlConnection connection, string format, string first, string second) =>
            (string)(await Query(connection, $"SELECT format('{format}', $1, $2)", first, second))!;

        async Task<object?> Query(NpgsqlConnection connection, string query, params string[] values)
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
