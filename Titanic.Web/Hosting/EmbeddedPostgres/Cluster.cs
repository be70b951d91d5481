using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>The database cluster on disk. It is created once, and its major version never changes.</summary>
internal sealed class Cluster(StateFolder state, Binaries binaries, ServerAccount? account, bool durable, ILogger logger)
{
    /// <summary>Creates the cluster if it does not exist, else checks its version. Requires the start lock.</summary>
    /// <exception cref="EmbeddedServerException">initdb failed, or the cluster has another major version.</exception>
    public async Task CreateIfMissing(CancellationToken cancellation)
    {
        // Incomplete clusters of processes that were killed during their first start.
        foreach (var unfinished in state.AllUnfinishedData)
            Directory.Delete(unfinished, recursive: true);

        if (Directory.Exists(state.Data))
            CheckVersion();
        else
            await Create(cancellation);
    }

    /// <summary>Creates the cluster in a temporary folder and renames it, so that an existing cluster is always complete.</summary>
    private async Task Create(CancellationToken cancellation)
    {
        logger.CreatingCluster(state.Data);
        var credentials = Credentials.Create();
        credentials.Write(state.CredentialsFile);

        var unfinished = Directory.CreateDirectory(state.UnfinishedData).FullName;
        account?.SetOwner(unfinished);
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
            account?.SetOwner(passwordFile);
            // The builtin provider sorts and changes case identically on every machine; those of libc and ICU do not.
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
                    $"PostgreSQL could not create a database cluster in {state.Path}. Output of initdb: {initdb.Output} " +
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
        var found = File.Exists(file) ? File.ReadAllText(file).Trim() : "of an unknown version (there is no PG_VERSION file)";
        if (found == binaries.MajorVersion.ToString(CultureInfo.InvariantCulture))
            return;
        throw new EmbeddedServerException(
            $"The data directory {state.Data} was created by PostgreSQL {found}; the embedded server is PostgreSQL {binaries.MajorVersion} " +
            "and cannot use it. Nothing was changed. Migrate the data with pg_dump of the old version, or move the folder " +
            $"{state.Path} to start with an empty database, or set another folder with Titanic__DataDirectory. " +
            EmbeddedServerException.OwnServerAdvice);
    }
}

/// <summary>The random passwords of a database cluster. Their file is readable only by the app's user.</summary>
internal sealed record Credentials(string AdministratorPassword, string AppPassword)
{
    public const string Administrator = "postgres";

    public const string App = "titanic";

    /// <summary>
    /// Generates passwords of 128 random bits each, as hexadecimal digits, which need no quoting in SQL and connection strings.
    /// </summary>
    public static Credentials Create() => new(RandomNumberGenerator.GetHexString(32, true), RandomNumberGenerator.GetHexString(32, true));

    /// <summary>Reads the passwords.</summary>
    /// <exception cref="EmbeddedServerException">The file is missing or cannot be read.</exception>
    public static Credentials Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Credentials>(File.ReadAllText(file)) ?? throw new JsonException("The file contains null.");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new EmbeddedServerException(
                $"The passwords of the embedded PostgreSQL server cannot be read from {file}: {(cause is JsonException ? "its content is not valid" : FailureText.OfFile(cause))}. The database in the same " +
                "folder cannot be opened without them. Restore the file, or move the whole folder to start with an empty database. " +
                EmbeddedServerException.OwnServerAdvice, cause);
        }
    }

    /// <summary>Writes the file atomically; no other user can read it at any time.</summary>
    public void Write(string file)
    {
        var temporary = file + ".new";
        File.Delete(temporary);
        WritePrivate(temporary, JsonSerializer.Serialize(this));
        File.Move(temporary, file, overwrite: true);
    }

    /// <summary>Creates a file that only the app's user can read and write.</summary>
    /// <exception cref="IOException">The file exists.</exception>
    public static void WritePrivate(string file, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(file, options);
        writer.Write(text);
    }
}
