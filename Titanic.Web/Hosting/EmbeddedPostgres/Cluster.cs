using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>The database cluster on disk: made once, of one major version for good.</summary>
internal sealed class Cluster(StateFolder state, Binaries binaries, ServerAccount? account, bool durable, ILogger logger)
{
    /// <summary>Call with the start lock held.</summary>
    public async Task CreateWhenMissing(CancellationToken cancellation)
    {
        // Left behind by processes that were killed during their first start.
        foreach (var unfinished in state.AllUnfinishedData)
            Directory.Delete(unfinished, recursive: true);

        if (Directory.Exists(state.Data))
            CheckVersion();
        else
            await Create(cancellation);
    }

    /// <summary>Makes the cluster under another name and renames it, so that a cluster that exists is whole.</summary>
    private async Task Create(CancellationToken cancellation)
    {
        logger.CreatingCluster(state.Data);
        var credentials = Credentials.Create();
        credentials.Write(state.CredentialsFile);

        var unfinished = Directory.CreateDirectory(state.UnfinishedData).FullName;
        account?.Own(unfinished);
        await Initdb(unfinished, credentials.AdministratorPassword, cancellation);
        Directory.Move(unfinished, state.Data);
    }

    private async Task Initdb(string folder, string password, CancellationToken cancellation)
    {
        var passwordFile = folder + ".password";
        File.Delete(passwordFile);
        try
        {
            Credentials.WritePrivate(passwordFile, password);
            account?.Own(passwordFile);
            // The builtin provider sorts and folds the same on every machine; the system's and ICU's do not.
            List<string> arguments =
            [
                "-D", folder, "-U", Credentials.Administrator, "--pwfile", passwordFile, "--auth", "scram-sha-256", "-E", "UTF8",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
            ];
            if (!durable)
                arguments.Add("--no-sync");
            var initdb = await ServerProgram.Run(binaries.Initdb, arguments, account, cancellation);
            if (initdb.ExitCode != 0)
                throw new EmbeddedServerException(
                    $"PostgreSQL could not create a database cluster in {state.Path}; initdb said: {initdb.Output} " +
                    EmbeddedServerException.OwnServerAdvice);
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }

    private void CheckVersion()
    {
        var file = Path.Combine(state.Data, "PG_VERSION");
        var found = File.Exists(file) ? File.ReadAllText(file).Trim() : "no version at all (there is no PG_VERSION file)";
        if (found == binaries.MajorVersion.ToString(CultureInfo.InvariantCulture))
            return;
        throw new EmbeddedServerException(
            $"The data directory {state.Data} is of PostgreSQL {found}; the embedded server is PostgreSQL {binaries.MajorVersion} " +
            "and cannot use it. Nothing was changed. Move the data over with pg_dump of the old version, or move the folder " +
            $"{state.Path} away to start empty, or choose another by Titanic__DataDirectory. " + EmbeddedServerException.OwnServerAdvice);
    }
}

/// <summary>The random passwords of a database cluster, in a file that only the app's user can read.</summary>
internal sealed record Credentials(string AdministratorPassword, string AppPassword)
{
    public const string Administrator = "postgres";

    public const string App = "titanic";

    /// <summary>128 random bits each, in hexadecimal digits: safe inside SQL and connection strings.</summary>
    public static Credentials Create() => new(RandomNumberGenerator.GetHexString(32, true), RandomNumberGenerator.GetHexString(32, true));

    public static Credentials Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Credentials>(File.ReadAllText(file)) ?? throw new JsonException("the file says null.");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new EmbeddedServerException(
                $"The passwords of the embedded PostgreSQL server cannot be read from {file}: {cause.Message} Without them the data " +
                "beside it cannot be opened. Restore the file, or move the whole folder away to start empty. " +
                EmbeddedServerException.OwnServerAdvice, cause);
        }
    }

    /// <summary>Readable by nobody else at any moment, and either whole or not there.</summary>
    public void Write(string file)
    {
        var unfinished = file + ".new";
        File.Delete(unfinished);
        WritePrivate(unfinished, JsonSerializer.Serialize(this));
        File.Move(unfinished, file, overwrite: true);
    }

    public static void WritePrivate(string file, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(file, options);
        writer.Write(text);
    }
}
