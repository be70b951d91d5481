namespace Titanic.Web.Hosting.EmbeddedPostgres;

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
