using Npgsql;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Hosting;

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
        yield return WriteWhenMissing(Path.GetFullPath(Path.Combine(folder, "app", $"ConnectionStrings__{DatabasePreparation.ConnectionStringName}")), new NpgsqlConnectionStringBuilder
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
