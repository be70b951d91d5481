using System.Collections;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Titanic.Web.Tests.Repository;

namespace Titanic.Web.Tests.Browser;

/// <summary>
/// The Chromium of the npm package @sparticuz/chromium (Linux x64), made for machines that have no browser and no browser's
/// libraries: one compressed executable, archives of the shared libraries it needs, and a font.
/// </summary>
/// <param name="ExecutablePath">Full path of the unpacked browser.</param>
/// <param name="Environment">The whole environment it is to run in: this process's, with its libraries and fonts to be found.</param>
internal sealed record ChromiumPackage(string ExecutablePath, Dictionary<string, string> Environment)
{
    private const UnixFileMode Executable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The installed package; null where the build does not install it.</summary>
    public static string? Folder =>
        OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64
            ? Path.Combine(RepositoryFolder.Root, "Titanic.Web.Tests", "node_modules", "@sparticuz", "chromium")
            : null;

    /// <summary>
    /// Unpacks the package, once: beside its archives, so that a newly installed version never meets an old executable.
    /// </summary>
    public static async Task<ChromiumPackage> Unpack(string packageFolder)
    {
        var unpacked = Path.Combine(packageFolder, "unpacked");
        if (!Directory.Exists(unpacked))
            await UnpackTo(unpacked, Path.Combine(packageFolder, "bin"));
        return new ChromiumPackage(Path.Combine(unpacked, "chromium"), EnvironmentFor(unpacked));
    }

    // Made under a name of this process's own and then renamed: two test runs at once both end with one whole folder.
    private static async Task UnpackTo(string unpacked, string archives)
    {
        var making = $"{unpacked}.{System.Environment.ProcessId}";
        Directory.CreateDirectory(making);
        try
        {
            await Task.WhenAll(
                DecompressExecutable(Path.Combine(archives, "chromium.br"), Path.Combine(making, "chromium")),
                ExtractArchive(Path.Combine(archives, "al2023.tar.br"), making),
                ExtractArchive(Path.Combine(archives, "fonts.tar.br"), making));
            await File.WriteAllTextAsync(Path.Combine(making, "fonts.conf"), FontsConfiguration(Path.Combine(unpacked, "fonts")));
            Directory.Move(making, unpacked);
        }
        catch (IOException) when (Directory.Exists(unpacked))
        {
            Directory.Delete(making, recursive: true);
        }
    }

    private static async Task DecompressExecutable(string archive, string target)
    {
        await using var source = new BrotliStream(File.OpenRead(archive), CompressionMode.Decompress);
        await using (var file = File.Create(target))
            await source.CopyToAsync(file);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(target, Executable);
    }

    private static async Task ExtractArchive(string archive, string folder)
    {
        await using var source = new BrotliStream(File.OpenRead(archive), CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(source, folder, overwriteFiles: true);
    }

    // The package's own file names folders of the cloud service it was made for. Its font comes first, so that pictures of pages
    // look alike everywhere; the machine's fonts serve the characters it lacks.
    private static string FontsConfiguration(string fontsFolder) => $"""
        <?xml version="1.0"?>
        <!DOCTYPE fontconfig SYSTEM "fonts.dtd">
        <fontconfig>
          <dir>{fontsFolder}</dir>
          <dir>/usr/share/fonts</dir>
          <cachedir prefix="xdg">fontconfig</cachedir>
          <alias binding="strong"><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
          <alias binding="strong"><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
        </fontconfig>
        """;

    private static Dictionary<string, string> EnvironmentFor(string unpacked)
    {
        // Playwright replaces the environment by what it is given, so all of this process's goes in.
        var environment = System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "");
        var libraries = Path.Combine(unpacked, "lib");
        environment["LD_LIBRARY_PATH"] = environment.TryGetValue("LD_LIBRARY_PATH", out var others) && others.Length > 0
            ? $"{libraries}:{others}"
            : libraries;
        environment["FONTCONFIG_FILE"] = Path.Combine(unpacked, "fonts.conf");
        return environment;
    }
}
