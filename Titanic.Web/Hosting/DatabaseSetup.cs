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
        string? connectionString, string superuser, string passwordFile, DatabaseWait wait, CancellationToken cancellation)
    {
        var app = new NpgsqlConnectionStringBuilder(connectionString);
        string?[] needed = [app.Host, app.Username, app.Password, app.Database];
        if (needed.Any(string.IsNullOrEmpty))
            throw new InvalidOperationException(
                $"ConnectionStrings:{DatabaseLocation.ConnectionStringName} is {(connectionString is null ? "not set" : "incomplete")}; it must have Host, Username, Password and Database.");

        var administrator = new NpgsqlConnectionStringBuilder(app.ConnectionString)
        {
            Username = superuser,
            Password = (await File.ReadAllTextAsync(passwordFile, cancellation)).Trim(),
            Database = "postgres",
            Pooling = false,
        }.ConnectionString;
        await wait.UntilReachable(administrator, cancellation);
        await AppDatabase.CreateWhenMissing(administrator, app.ConnectionString, cancellation);
        return $"The database {app.Database} at {app.Host}:{app.Port} is there; it belongs to the role {app.Username}.";
    }
}

/// <summary>
/// Random passwords for a new PostgreSQL, one folder per reader, so that each can be handed out alone: <c>superuser/password</c> for the
/// server and whoever makes the role, <c>app/ConnectionStrings__Titanic</c> for every process of the app.
/// </summary>
internal static class Secrets
{
    /// <summary>
    /// Only this account can read the files. One that exists is never touched: a database made with it would be closed to us for good.
    /// </summary>
    /// <returns>A line per file; no secrets.</returns>
    public static IEnumerable<string> CreateWhenMissing(string folder, string host)
    {
        var fresh = Credentials.Create();
        yield return WriteWhenMissing(Path.GetFullPath(Path.Combine(folder, "superuser", "password")), fresh.AdministratorPassword);
        yield return WriteWhenMissing(Path.GetFullPath(Path.Combine(folder, "app", $"ConnectionStrings__{DatabaseLocation.ConnectionStringName}")), new NpgsqlConnectionStringBuilder
        {
            Host = host,
            Username = Credentials.App,
            Password = fresh.AppPassword,
            Database = AppDatabase.Name,
            // The two are neighbours on a private network without Kerberos; asking for it would cost a message on each connection.
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString);
    }

    private static string WriteWhenMissing(string file, string secret)
    {
        if (File.Exists(file))
            return $"{file} is there already.";
        CreatePrivateFolder(Path.GetDirectoryName(file)!);
        // Whole or not there, whenever the machine stops.
        var unfinished = file + ".new";
        File.Delete(unfinished);
        Credentials.WritePrivate(unfinished, secret);
        File.Move(unfinished, file);
        return $"{file} is written.";
    }

    private static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
