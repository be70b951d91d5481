using Microsoft.Playwright;

namespace Titanic.Web.Tests.Browser;

/// <summary>
/// Launches the first Chromium that starts, in this order: the configured one; the one from npm, whose version is fixed by the lock file,
/// so that every machine renders with the same browser; Playwright's, if installed; a browser of the machine; Playwright's, downloaded now.
/// </summary>
internal static class ChromiumLauncher
{
    /// <summary>The environment variable with the path of the browser to use. If it is set, no other browser is tried.</summary>
    public const string PathVariable = "TITANIC_CHROMIUM";

    private static readonly string[] Flags =
    [
        "--no-sandbox", // for root and for containers without user namespaces
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // The pages under test are served from this machine; requests to other hosts are blocked.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE ::1",
    ];

    private static readonly string[] InstalledBrowsers =
    [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome-stable",
        "/usr/bin/google-chrome",
        "/opt/google/chrome/chrome",
        "/snap/bin/chromium",
        "/usr/bin/microsoft-edge-stable",
        "/usr/bin/microsoft-edge",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
        @"C:\Program Files\Google\Chrome\Application\chrome.exe",
        @"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
        @"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    ];

    /// <exception cref="InvalidOperationException">No browser could be launched; the message lists each attempt with its error.</exception>
    public static async Task<IBrowser> Launch(IPlaywright playwright, string? configuredPath)
    {
        var failures = new List<string>();
        foreach (var (name, options) in Candidates(configuredPath))
        {
            try
            {
                return await playwright.Chromium.LaunchAsync(await options());
            }
            catch (Exception failure) when (failure is PlaywrightException or IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                failures.Add($"{name}: {FirstLine(failure.Message)}");
            }
        }

        throw new InvalidOperationException(
            $"The browser tests need Chromium, and none could be launched. Install Chromium, Chrome or Edge, or set {PathVariable} "
            + $"to the path of one. Tried:{Environment.NewLine}- {string.Join(Environment.NewLine + "- ", failures)}");
    }

    private static IEnumerable<(string Name, Func<Task<BrowserTypeLaunchOptions>> Options)> Candidates(string? configuredPath)
    {
        if (!string.IsNullOrEmpty(configuredPath))
        {
            yield return ($"{PathVariable}={configuredPath}", () => OptionsFor(configuredPath));
            yield break;
        }

        if (ChromiumPackage.Folder is { } packageFolder)
            yield return ("npm package @sparticuz/chromium", () => FromPackage(packageFolder));
        yield return ("Playwright's browser", () => OptionsFor(null));
        foreach (var path in InstalledBrowsers.Where(File.Exists))
            yield return (path, () => OptionsFor(path));
        yield return ("Playwright's browser, downloaded now", FromDownload);
    }

    private static Task<BrowserTypeLaunchOptions> OptionsFor(string? path) => Task.FromResult(Options(path));

    private static async Task<BrowserTypeLaunchOptions> FromPackage(string packageFolder)
    {
        var chromium = await ChromiumPackage.Unpack(packageFolder);
        var options = Options(chromium.ExecutablePath);
        options.Env = chromium.Environment;
        return options;
    }

    private static async Task<BrowserTypeLaunchOptions> FromDownload()
    {
        var exitCode = await Task.Run(() => Microsoft.Playwright.Program.Main(["install", "chromium"]));
        return exitCode == 0 ? Options(null) : throw new InvalidOperationException($"'playwright install chromium' ended with exit code {exitCode}.");
    }

    private static BrowserTypeLaunchOptions Options(string? path) => new() { ExecutablePath = path, Args = Flags, Headless = true };

    private static string FirstLine(string message) => message.Split('\n', 2)[0].Trim();
}
