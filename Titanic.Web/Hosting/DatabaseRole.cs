using Npgsql;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Hosting;

/// <summary>
/// Makes the app's role and database on a PostgreSQL of which we know the superuser. It is a step of its own, so that the processes that
/// answer requests never hold the superuser's password.
/// </summary>
internal static class DatabaseRole
{
    /// <param name="connectionString">What the app is to use: it names the server, the role, its password and the database.</param>
    /// <returns>One line that says what there is now.</returns>
    /// <exception cref="InvalidOperationException">The connection string is missing or says too little.</exception>
    public static async Task<string> CreateWhenMissing(
        string? connectionString, string superuser, string passwordFile, TimeProvider clock, ILogger log, CancellationToken cancellation)
    {
        var app = new NpgsqlConnectionStringBuilder(connectionString);
        string?[] needed = [app.Host, app.Username, app.Password, app.Database];
        if (needed.Any(string.IsNullOrEmpty))
            throw new InvalidOperationException(
                $"ConnectionStrings:{DatabasePreparation.ConnectionStringName} is {(connectionString is null ? "not set" : "incomplete")}; it must have Host, Username, Password and Database.");

        var administrator = new NpgsqlConnectionStringBuilder(app.ConnectionString)
        {
            Username = superuser,
            Password = (await File.ReadAllTextAsync(passwordFile, cancellation)).Trim(),
            Database = "postgres",
            Pooling = false,
        }.ConnectionString;
        await DatabaseWait.UntilReachable(administrator, clock, log, cancellation);
        await AppDatabase.CreateWhenMissing(administrator, app.ConnectionString, cancellation);
        return $"The database {app.Database} at {app.Host}:{app.Port} is there; it belongs to the role {app.Username}.";
    }
}
