using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

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
