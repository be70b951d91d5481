using System.Runtime.InteropServices;
using System.Text.Json;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>PostgreSQL's programs for this platform.</summary>
/// <param name="Folder">Holds <c>bin</c>, <c>lib</c> and <c>share</c>.</param>
/// <param name="PackageVersion">For example <c>18.4.0-beta.17</c>.</param>
/// <param name="Links">Links among the libraries, which a package cannot carry and its install script makes.</param>
internal sealed record Binaries(string Folder, string Platform, string PackageVersion, IReadOnlyList<LibraryLink> Links)
{
    private static readonly string[] Packaged = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "windows-x64"];

    public int MajorVersion => int.Parse(PackageVersion.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);

    public string Initdb => Program("initdb");

    public string PgCtl => Program("pg_ctl");

    public static Binaries Locate(string root) => Locate(root, PlatformOf(RuntimeInformation.RuntimeIdentifier));

    /// <param name="runtimeIdentifier">.NET's name, for example <c>osx-arm64</c> or <c>debian.12-x64</c>.</param>
    internal static string PlatformOf(string runtimeIdentifier)
    {
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        var platform = $"{system}-{runtimeIdentifier[(runtimeIdentifier.LastIndexOf('-') + 1)..]}";
        if (Packaged.Contains(platform) && !runtimeIdentifier.Contains("musl", StringComparison.Ordinal))
            return platform;
        throw new EmbeddedServerException(
            $"There is no embedded PostgreSQL for the platform {runtimeIdentifier}; there is one for {string.Join(", ", Packaged)} " +
            "(Linux with glibc, not musl). " + EmbeddedServerException.OwnServerAdvice);
    }

    internal static Binaries Locate(string root, string platform)
    {
        var package = Path.Combine(root, platform);
        var native = Path.Combine(package, "native");
        var manifest = Path.Combine(package, "package.json");
        if (!File.Exists(manifest) || !Directory.Exists(Path.Combine(native, "bin")))
            throw new EmbeddedServerException(
                $"PostgreSQL's programs are not in {package}. Build the project again (the build fetches them by npm; " +
                "npm must not omit optional dependencies). " + EmbeddedServerException.OwnServerAdvice);

        using var json = JsonDocument.Parse(File.ReadAllText(manifest));
        var links = Path.Combine(native, "pg-symlinks.json");
        return new Binaries(
            native, platform, json.RootElement.GetProperty("version").GetString()!,
            File.Exists(links) ? LibraryLink.Read(links) : []);
    }

    /// <summary>These programs if the account can run them, else a copy that it can run.</summary>
    public async Task<Binaries> MadeUsable(string cache, ServerAccount? account, CancellationToken cancellation)
    {
        var complete = Links.All(link => File.Exists(Path.Combine(Folder, link.Link)));
        if (complete && (account is null || await account.CanReach(Initdb, cancellation)))
            return this;
        return this with { Folder = BinariesCopy.Of(this, Path.GetFullPath(cache)) };
    }

    private string Program(string name) => Path.Combine(Folder, "bin", OperatingSystem.IsWindows() ? name + ".exe" : name);
}
