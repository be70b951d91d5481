using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;
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

/// <summary>A link among PostgreSQL's libraries; both paths are relative to the folder with <c>bin</c> and <c>lib</c>.</summary>
internal sealed record LibraryLink(string File, string Link)
{
    private const string Prefix = "native/";

    /// <summary>Reads the package's list: <c>[{"source": "native/lib/libpq.so.5.18", "target": "…"}, …]</c>.</summary>
    public static IReadOnlyList<LibraryLink> Read(string list)
    {
        using var json = JsonDocument.Parse(System.IO.File.ReadAllText(list));
        return [.. json.RootElement.EnumerateArray().Select(entry => new LibraryLink(
            Inside(entry.GetProperty("source").GetString()!),
            Inside(entry.GetProperty("target").GetString()!)))];
    }

    /// <summary>Makes the link unless there is a file of that name. The link is relative, so the folder can move.</summary>
    public void MakeWhenMissing(string folder)
    {
        var link = Path.Combine(folder, Link);
        if (!System.IO.File.Exists(link))
            System.IO.File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, Path.Combine(folder, File)));
    }

    private static string Inside(string path) => path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : path;
}

/// <summary>
/// A complete copy of PostgreSQL's programs, for two cases: the account that runs the server cannot reach the originals (a checkout
/// below a folder of mode 0700), or links among the libraries are missing there (install scripts were off).
/// </summary>
internal static class BinariesCopy
{
    private const UnixFileMode Everybody =
        UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode EverybodyRuns =
        Everybody | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <returns>The copy's folder with <c>bin</c>, <c>lib</c> and <c>share</c>; made only once per package version.</returns>
    public static string Of(Binaries binaries, string cache)
    {
        var target = Path.Combine(cache, $"postgres-{binaries.PackageVersion}-{binaries.Platform}");
        if (Directory.Exists(target))
            return target;
        try
        {
            StateFolder.CreateOpenFolder(cache);
            Make(binaries, target);
            return target;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddedServerException(
                $"PostgreSQL's programs could not be copied from {binaries.Folder} to {target}: {cause.Message} " +
                EmbeddedServerException.OwnServerAdvice, cause);
        }
    }

    /// <summary>Copies beside the target and renames, so that a copy that exists is whole, whoever was killed half-way.</summary>
    private static void Make(Binaries binaries, string target)
    {
        var unfinished = Directory.CreateDirectory($"{target}.new-{RandomNumberGenerator.GetHexString(8)}").FullName;
        CopyFolder(binaries.Folder, unfinished);
        foreach (var link in binaries.Links)
            link.MakeWhenMissing(unfinished);
        try
        {
            Directory.Move(unfinished, target);
        }
        catch (IOException) when (Directory.Exists(target))
        {
            // Another process made the same copy at the same time.
            Directory.Delete(unfinished, recursive: true);
        }
    }

    private static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(target, EverybodyRuns | UnixFileMode.UserWrite);
        foreach (var entry in new DirectoryInfo(source).EnumerateFileSystemInfos())
        {
            var copy = Path.Combine(target, entry.Name);
            if (entry.LinkTarget is { } link)
                File.CreateSymbolicLink(copy, link);
            else if (entry is DirectoryInfo)
                CopyFolder(entry.FullName, copy);
            else
                CopyFile(entry.FullName, copy);
        }
    }

    private static void CopyFile(string source, string copy)
    {
        File.Copy(source, copy);
        if (!OperatingSystem.IsWindows())
            OpenToEverybody(copy);
    }

    [UnsupportedOSPlatform("windows")]
    private static void OpenToEverybody(string file)
    {
        var runs = File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute);
        File.SetUnixFileMode(file, (runs ? EverybodyRuns : Everybody) | UnixFileMode.UserWrite);
    }
}
