using System.Collections;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Titanic.Web.Tests.Repository;

namespace Titanic.Web.Tests.Browser;

/// <summary>
/// The Chromium of the npm package @sparticuz/chromium (Linux x64), for machines without a browser or a browser's libraries: a compressed
/// executable, archives of the shared libraries it needs, and a font.
/// </summary>
/// <param name="ExecutablePath">Full path of the unpacked executable.</param>
/// <param name="Environment">
/// All environment variables for the browser: those of this process, with the paths of the package's libraries and fonts.
/// </param>
internal sealed record ChromiumPackage(string ExecutablePath, Dictionary<string, string> Environment)
{
    private const UnixFileMode Executable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The folder of the installed package; null on platforms where the build does not install it.</summary>
    public static string? Folder =>
        OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64
            ? Path.Combine(RepositoryFolder.Root, "Titanic.Web.Tests", "node_modules", "@sparticuz", "chromium")
            : null;

    /// <summary>
    /// Unpacks the package unless it is unpacked already. The target is inside the package folder, so a newly installed version replaces
    /// it.
    /// </summary>
    public static async Task<ChromiumPackage> Unpack(string packageFolder)
    {
        var unpacked = Path.Combine(packageFolder, "unpacked");
        if (!Directory.Exists(unpacked))
            await UnpackTo(unpacked, Path.Combine(packageFolder, "bin"));
        return new ChromiumPackage(Path.Combine(unpacked, "chromium"), EnvironmentFor(unpacked));
    }

    // Unpacks to a folder named after this process and then renames it, so that concurrent test runs never use an incomplete folder.
    private static async Task UnpackTo(string unpacked, string archives)
    {
        var temporary = $"{unpacked}.{System.Environment.ProcessId}";
        Directory.CreateDirectory(temporary);
        try
        {
            await Task.WhenAll(
                DecompressExecutable(Path.Combine(archives, "chromium.br"), Path.Combine(temporary, "chromium")),
                ExtractArchive(Path.Combine(archives, "al2023.tar.br"), temporary),
                ExtractArchive(Path.Combine(archives, "fonts.tar.br"), temporary));
            await File.WriteAllTextAsync(Path.Combine(temporary, "fonts.conf"), FontsConfiguration(Path.Combine(unpacked, "fonts")));
            Directory.Move(temporary, unpacked);
        }
        catch (IOException) when (Directory.Exists(unpacked))
        {
            Directory.Delete(temporary, recursive: true);
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

    // Replaces the package's configuration, which names folders of a cloud service. The package's font comes first, so that screenshots are
    // the same on every machine; the machine's fonts provide the characters it lacks.
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
        // Playwright replaces the whole environment, so the variables of this process are copied.
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
