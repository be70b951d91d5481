using System.Globalization;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>What the embedded server leaves on disk, and where.</summary>
internal sealed record StateFolder(string Path)
{
    public string Data => In("data");

    public string Sockets => In("socket");

    public string ServerLog => In("server.log");

    public string PortFile => In("port");

    public string StartLock => In("start.lock");

    public string UsersLock => In("users.lock");

    // No .json: the web SDK publishes every *.json below the project, and these are passwords.
    public string CredentialsFile => In("credentials");

    public string UnfinishedData => In("data.new-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

    public IEnumerable<string> AllUnfinishedData => Directory.EnumerateDirectories(Path, "data.new-*");

    /// <summary>Makes the folder when missing and makes sure of it: writable for the app, within reach of the server's account.</summary>
    public static async Task<StateFolder> Open(string path, ServerAccount? account, CancellationToken cancellation)
    {
        var state = new StateFolder(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path)));
        try
        {
            if (account is not null)
                CreateOpenFolder(state.Path);
            else if (!Directory.Exists(state.Path))
                CreatePrivateFolder(state.Path);
            using var probe = new FileStream(state.In($"probe-{Environment.ProcessId}"), new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                Options = FileOptions.DeleteOnClose,
            });
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(state.Path, cause);
        }
        if (account is not null && !await account.CanReach(state.Path, cancellation))
            throw new EmbeddedServerException(
                $"The app runs as root, so PostgreSQL runs as the account {account.Name}, which cannot reach {state.Path}: a folder " +
                "on the way is closed to it. Choose another folder by Titanic__DataDirectory. " + EmbeddedServerException.OwnServerAdvice);
        return state;
    }

    /// <summary>
    /// A folder that everybody may pass through and only its owner may change, with its parents; existing ones stay as they are.
    /// </summary>
    public static void CreateOpenFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        if (System.IO.Path.GetDirectoryName(path) is { } parent)
            CreateOpenFolder(parent);
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32("755", 8));
    }

    public static EmbeddedServerException Unwritable(string path, Exception cause) => new(
        $"The embedded PostgreSQL server cannot keep its state in {path}: {cause.Message} The user {Environment.UserName} " +
        "must be able to write there; another folder is chosen by Titanic__DataDirectory. " +
        EmbeddedServerException.OwnServerAdvice, cause);

    private static void CreatePrivateFolder(string path)
    {
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}

/// <summary>
/// Locks among processes on files in the state folder. The operating system drops them when their holder dies, however it dies.
/// (.NET opens with flock: <see cref="FileShare.None"/> is exclusive, <see cref="FileShare.Read"/> shared.)
/// </summary>
internal static class StateLocks
{
    /// <summary>Longer than a cold start on a slow disk by far: whoever holds the lock that long is stuck.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(25);

    public static async Task<FileStream> Exclusive(string file, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (true)
        {
            if (TryExclusive(file) is { } taken)
                return taken;
            if (timeout.IsCancellationRequested)
                throw new EmbeddedServerException(
                    $"Another process has held {file} for {Patience.TotalMinutes} minutes, so this one can neither start nor stop the " +
                    "embedded PostgreSQL server. End that process, then start again.");
            await Task.Delay(BetweenAttempts, cancellation);
        }
    }

    /// <returns>Null while another process (or another use in this process) holds the lock.</returns>
    public static FileStream? TryExclusive(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException cause)
        {
            throw StateFolder.Unwritable(Path.GetDirectoryName(file)!, cause);
        }
        catch (IOException cause) when (cause is not (DirectoryNotFoundException or FileNotFoundException))
        {
            return null;
        }
    }

    /// <summary>Call with the start lock held: only then nobody can hold <paramref name="file"/> exclusively.</summary>
    public static FileStream Shared(string file) => new(file, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);
}
