using Npgsql;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Hosting;

/// <summary>
/// Creates the app's role and database on a PostgreSQL server. It is a separate command, so that the processes that serve requests never
/// hold the superuser's password.
/// </summary>
internal static class DatabaseRole
{
    /// <summary>Creates the role, the database and its extensions if they are missing; existing ones are not changed.</summary>
    /// <param name="connectionString">The app's connection string, with server, role, password and database.</param>
    /// <returns>One line with the database, its server and its owner.</returns>
    /// <exception cref="InvalidOperationException">The connection string is missing or incomplete.</exception>
    public static async Task<string> CreateIfMissing(
        string? connectionString, string superuser, string passwordFile, DatabaseWait wait, CancellationToken cancellation)
    {
        var app = new NpgsqlConnectionStringBuilder(connectionString);
        string?[] required = [app.Host, app.Username, app.Password, app.Database];
        if (required.Any(string.IsNullOrEmpty))
            throw new InvalidOperationException(
                $"ConnectionStrings:{DatabaseLocation.ConnectionStringName} is {(connectionString is null ? "not set" : "incomplete")}; "
                + "it must have Host, Username, Password and Database.");

        using var password = new StreamReader(Commands.OpenFile("password file", passwordFile));
        var administrator = new NpgsqlConnectionStringBuilder(app.ConnectionString)
        {
            Username = superuser,
            Password = (await password.ReadToEndAsync(cancellation)).Trim(),
            Database = "postgres",
            Pooling = false,
        }.ConnectionString;
        await wait.UntilReachable(administrator, cancellation);
        await AppDatabase.CreateIfMissing(administrator, app.ConnectionString, cancellation);
        return $"The database {app.Database} at {app.Host}:{app.Port} is ready; its owner is the role {app.Username}.";
    }
}

/// <summary>
/// Random passwords for a new PostgreSQL server, in one folder per reader, so that each folder can be mounted separately:
/// <c>superuser/password</c> for the server and <c>create-database</c>, <c>app/ConnectionStrings__Titanic</c> for every process of the app.
/// </summary>
internal static class Secrets
{
    /// <summary>
    /// Only this account can read the files. An existing file is never changed: a database created with its password would become
    /// inaccessible.
    /// </summary>
    /// <returns>One line per file, without secrets.</returns>
    public static IEnumerable<string> CreateIfMissing(string folder, string host)
    {
        var credentials = Credentials.Create();
        var superuserFile = Path.GetFullPath(Path.Combine(folder, "superuser", "password"));
        var appFile = Path.GetFullPath(Path.Combine(folder, "app", $"ConnectionStrings__{DatabaseLocation.ConnectionStringName}"));
        yield return WriteIfMissing(superuserFile, credentials.AdministratorPassword);
        yield return WriteIfMissing(appFile, new NpgsqlConnectionStringBuilder
        {
            Host = host,
            Username = Credentials.App,
            Password = credentials.AppPassword,
            Database = AppDatabase.Name,
            // Both containers are on a private network without Kerberos; requesting GSS encryption costs a round trip per connection.
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString);
    }

    private static string WriteIfMissing(string file, string secret)
    {
        if (File.Exists(file))
            return $"{file} exists; it was not changed.";
        CreatePrivateFolder(Path.GetDirectoryName(file)!);
        // The file is complete or does not exist, even if the machine stops during the write.
        var temporary = file + ".new";
        File.Delete(temporary);
        Credentials.WritePrivate(temporary, secret);
        File.Move(temporary, file);
        return $"{file} was written.";
    }

    private static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
