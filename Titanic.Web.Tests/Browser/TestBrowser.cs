using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

[assembly: AssemblyFixture(typeof(TestBrowser))]

namespace Titanic.Web.Tests.Browser;

/// <summary>
/// The Chromium that all browser tests of a run share. The first test that opens a page launches it. If the launch fails, every such test
/// fails with the message of <see cref="ChromiumLauncher"/>.
/// </summary>
public sealed class TestBrowser : IAsyncDisposable
{
    /// <summary>The environment variable with a folder for screenshots; if it is not set, none are taken.</summary>
    public const string ScreenshotsVariable = "TITANIC_SCREENSHOTS";

    /// <summary>Maximum time to wait for a page. Pages respond within milliseconds; the limit allows for a busy machine.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private static readonly string? _screenshots = Environment.GetEnvironmentVariable(ScreenshotsVariable);

    private readonly Lazy<Task<Session>> _session = new(Session.Start);

    /// <summary>
    /// Opens a page in a new browser context: no cookies, storage or cache are shared with another page. Closing the page closes the
    /// context.
    /// </summary>
    /// <param name="baseAddress">
    /// The base of relative addresses given to <see cref="IPage.GotoAsync"/>, for example <c>http://127.0.0.1:5000</c>.
    /// </param>
    /// <param name="width">Viewport width in CSS pixels.</param>
    /// <param name="height">Viewport height in CSS pixels.</param>
    /// <param name="colorScheme">The emulated <c>prefers-color-scheme</c>.</param>
    /// <param name="javaScript">Whether scripts are executed.</param>
    public async Task<IPage> NewPage(
        Uri? baseAddress = null,
        int width = 1280,
        int height = 800,
        ColorScheme colorScheme = ColorScheme.Light,
        bool javaScript = true)
    {
        var browser = (await _session.Value).Browser;
        var page = await browser.NewPageAsync(new()
        {
            BaseURL = baseAddress?.ToString(),
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = colorScheme,
            JavaScriptEnabled = javaScript,
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-GB",
            TimezoneId = "UTC",
        });
        page.SetDefaultTimeout((float)Timeout.TotalMilliseconds);
        return page;
    }

    /// <summary>Takes a screenshot of the whole page if <see cref="ScreenshotsVariable"/> is set.</summary>
    public static async Task Screenshot(IPage page, string name)
    {
        if (!string.IsNullOrEmpty(_screenshots))
            await page.ScreenshotAsync(new() { Path = Path.Combine(_screenshots, name + ".png"), FullPage = true });
    }

    public async ValueTask DisposeAsync()
    {
        // A failed launch has failed the tests that use the browser, and there is nothing to close.
        if (_session is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } started })
            await (await started).DisposeAsync();
    }

    private sealed record Session(IPlaywright Playwright, IBrowser Browser) : IAsyncDisposable
    {
        public static async Task<Session> Start()
        {
            Assertions.SetDefaultExpectTimeout((float)Timeout.TotalMilliseconds);
            var playwright = await Microsoft.Playwright.Playwright.CreateAsync();
            try
            {
                var configured = Environment.GetEnvironmentVariable(ChromiumLauncher.PathVariable);
                return new Session(playwright, await ChromiumLauncher.Launch(playwright, configured));
            }
            catch
            {
                playwright.Dispose();
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Browser.CloseAsync();
            Playwright.Dispose();
        }
    }
}
