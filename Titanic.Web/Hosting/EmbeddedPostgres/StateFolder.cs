using System.Globalization;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>The files and folders of the embedded server.</summary>
internal sealed record StateFolder(string Path)
{
    public string Data => PathTo("data");

    public string Sockets => PathTo("socket");

    public string ServerLog => PathTo("server.log");

    public string PortFile => PathTo("port");

    public string StartLock => PathTo("start.lock");

    public string UsersLock => PathTo("users.lock");

    // Without the extension .json: the web SDK publishes every *.json file below the project, and this file contains passwords.
    public string CredentialsFile => PathTo("credentials");

    public string UnfinishedData => PathTo("data.new-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

    public IEnumerable<string> AllUnfinishedData => Directory.EnumerateDirectories(Path, "data.new-*");

    /// <summary>Creates the folder if it is missing and checks that the app can write it and the server's account can access it.</summary>
    /// <exception cref="EmbeddedServerException">The folder cannot be written or accessed.</exception>
    public static async Task<StateFolder> Open(string path, ServerAccount? account, CancellationToken cancellation)
    {
        var state = new StateFolder(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path)));
        try
        {
            if (account is not null)
                CreateSharedFolder(state.Path);
            else if (!Directory.Exists(state.Path))
                CreatePrivateFolder(state.Path);
            using var probe = new FileStream(state.PathTo($"probe-{Environment.ProcessId}"), new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                Options = FileOptions.DeleteOnClose,
            });
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(state.Path, cause);
        }
        if (account is not null && !await account.CanReach(state.Path, cancellation))
            throw new EmbeddedServerException(
                $"The app runs as root, so PostgreSQL runs as the account {account.Name}, which cannot access {state.Path}: a parent folder " +
                "denies access. Set another folder with Titanic__DataDirectory. " + EmbeddedServerException.OwnServerAdvice);
        return state;
    }

    /// <summary>
    /// Creates a folder with mode 0755, and its parents: all accounts can read it, only its owner can write it. Existing folders are not
    /// changed.
    /// </summary>
    public static void CreateSharedFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        if (System.IO.Path.GetDirectoryName(path) is { } parent)
            CreateSharedFolder(parent);
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32("755", 8));
    }

    public static EmbeddedServerException NotWritable(string path, Exception cause) => new(
        $"The embedded PostgreSQL server cannot store its data in {path}: {FailureText.OfFile(cause)}. Allow the user {Environment.UserName} " +
        "to write there, or set another folder with Titanic__DataDirectory. " +
        EmbeddedServerException.OwnServerAdvice, cause);

    private static void CreatePrivateFolder(string path)
    {
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string PathTo(string name) => System.IO.Path.Combine(Path, name);
}

/// <summary>
/// Interprocess locks on files in the state folder. The operating system releases them when the process exits for any reason. (.NET locks
/// an opened file with flock: <see cref="FileShare.None"/> is an exclusive lock, <see cref="FileShare.Read"/> a shared one.)
/// </summary>
internal static class StateLocks
{
    /// <summary>Much longer than a cold start on a slow disk: a process that holds the lock longer is stuck.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(25);

    /// <summary>Waits up to two minutes for the exclusive lock; disposing the result releases it.</summary>
    /// <exception cref="EmbeddedServerException">Another process held the lock for two minutes, or the file cannot be written.</exception>
    public static async Task<FileStream> AcquireExclusive(string file, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(Timeout);
        while (true)
        {
            if (TryAcquireExclusive(file) is { } acquired)
                return acquired;
            if (deadline.IsCancellationRequested)
                throw new EmbeddedServerException(
                    $"Another process has locked {file} for {Timeout.TotalMinutes} minutes, so this process can neither start nor stop the " +
                    "embedded PostgreSQL server. Stop the other process, then start again.");
            await Task.Delay(RetryDelay, cancellation);
        }
    }

    /// <summary>Acquires the exclusive lock without waiting.</summary>
    /// <returns>Null if another process, or this one, holds the lock.</returns>
    public static FileStream? TryAcquireExclusive(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException cause)
        {
            throw StateFolder.NotWritable(Path.GetDirectoryName(file)!, cause);
        }
        catch (IOException cause) when (cause is not (DirectoryNotFoundException or FileNotFoundException))
        {
            return null;
        }
    }

    /// <summary>Acquires a shared lock. Requires the start lock, which ensures that no process holds the exclusive lock.</summary>
    public static FileStream AcquireShared(string file) => new(file, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);
}
