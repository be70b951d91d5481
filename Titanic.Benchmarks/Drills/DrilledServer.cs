using System.Diagnostics;
using System.Globalization;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Benchmarks.Drills;

/// <summary>The embedded PostgreSQL of a process of the product, in a folder that is deleted on dispose.</summary>
internal sealed class DrilledServer : IDisposable
{
    private DrilledServer(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>The connection string of the application's role.</summary>
    public string ConnectionString =>
        Postmaster.ConnectionString(Credentials.App, Credentials.Read(Path.Combine(Folder, "credentials")).AppPassword, AppDatabase.Name);

    private string Data => Path.Combine(Folder, "data");

    private PostmasterFile Postmaster => PostmasterFile.Read(Data) ?? throw new InvalidOperationException($"No server runs in {Folder}.");

    public static DrilledServer Create(string parent)
    {
        var folder = Path.Combine(parent, $"titanic-drill-{Environment.ProcessId}-{Stopwatch.GetTimestamp()}");
        StateFolder.CreateSharedFolder(folder);
        return new DrilledServer(folder);
    }

    /// <summary>Sends a signal to the processes of the server.</summary>
    /// <param name="signal">KILL, STOP or CONT.</param>
    /// <param name="isFirstOnly">Whether only the first process gets it.</param>
    public async Task Signal(string signal, bool isFirstOnly)
    {
        var first = Postmaster.ProcessId;
        int[] processes = isFirstOnly
            ? [first]
            : [first, .. Directory.EnumerateDirectories("/proc").Where(IsOfServer).Select(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))];
        await ServerProgram.Run("/bin/kill", [$"-{signal}", .. processes.Distinct().Select(process => $"{process}")], null, CancellationToken.None);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>All processes of the server have the data directory as current folder.</summary>
    private bool IsOfServer(string process)
    {
        try
        {
            return int.TryParse(Path.GetFileName(process), out _) && new DirectoryInfo($"{process}/cwd").LinkTarget == Data;
        }
        catch (Exception ended) when (ended is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

/// <summary>A file system in memory that can be filled; needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const string Size = "700m";

    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <returns>Null if mounting is not allowed.</returns>
    public static async Task<SmallDisk?> Mount()
    {
        var path = Directory.CreateTempSubdirectory("titanic-disk-").FullName;
        var mounted = await ServerProgram.Run("/bin/mount", ["-t", "tmpfs", "-o", $"size={Size},mode=755", "tmpfs", path], null, CancellationToken.None);
        if (mounted.ExitCode == 0)
            return new SmallDisk(path);
        Directory.Delete(path);
        return null;
    }

    /// <summary>Writes until the file system is full.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (var block = new byte[1 << 20]; block.Length >= 4096; block = new byte[block.Length / 16])
        {
            try
            {
                while (true)
                    file.Write(block);
            }
            catch (IOException)
            {
                // full for blocks of this size
            }
        }
    }

    public void Free() => File.Delete(Filler);

    public async ValueTask DisposeAsync()
    {
        await ServerProgram.Run("/bin/umount", [Path], null, CancellationToken.None);
        Directory.Delete(Path);
    }
}
