using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

[assembly: AssemblyFixture(typeof(TestBrowser))]

namespace Titanic.Web.Tests.Browser;

/// <summary>
/// The one Chromium of a test run. It is launched by the first test that asks for a page; where none can be launched, each such
/// test fails with the sentence of <see cref="ChromiumSearch"/>.
/// </summary>
public sealed class TestBrowser : IAsyncDisposable
{
    /// <summary>The environment variable that names a folder for pictures of the pages; without it none is taken.</summary>
    public const string ScreenshotsVariable = "TITANIC_SCREENSHOTS";

    /// <summary>Maximum time for whatever a page is expected to do: it does it in milliseconds, but a busy machine may take a while.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private static readonly string? _screenshots = Environment.GetEnvironmentVariable(ScreenshotsVariable);

    private readonly Lazy<Task<Session>> session = new(Session.Start);

    /// <summary>
    /// A page in a context of its own: no cookie, storage or cache is shared with another page. Closing it closes the context.
    /// </summary>
    /// <param name="baseAddress">Where relative addresses given to <see cref="IPage.GotoAsync"/> start, for example <c>http://127.0.0.1:5000</c>.</param>
    /// <param name="width">Viewport width in CSS pixels.</param>
    /// <param name="height">Viewport height in CSS pixels.</param>
    /// <param name="colorScheme">What the page is told about the reader's preference.</param>
    /// <param name="javaScript">False for a reader whose browser runs no scripts.</param>
    public async Task<IPage> NewPage(
        Uri? baseAddress = null,
        int width = 1280,
        int height = 800,
        ColorScheme colorScheme = ColorScheme.Light,
        bool javaScript = true)
    {
        var browser = (await session.Value).Browser;
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

    /// <summary>Takes a picture of the whole page if <see cref="ScreenshotsVariable"/> asks for pictures.</summary>
    public static async Task Screenshot(IPage page, string name)
    {
        if (!string.IsNullOrEmpty(_screenshots))
            await page.ScreenshotAsync(new() { Path = Path.Combine(_screenshots, name + ".png"), FullPage = true });
    }

    public async ValueTask DisposeAsync()
    {
        // A failed launch has failed the tests that wanted the browser and left nothing to close.
        if (session is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } started })
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
                var configured = Environment.GetEnvironmentVariable(ChromiumSearch.PathVariable);
                return new Session(playwright, await ChromiumSearch.Launch(playwright, configured));
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
