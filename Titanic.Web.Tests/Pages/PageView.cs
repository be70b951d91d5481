using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages;

/// <summary>
/// A window width and a color theme in which pages are checked. Two of the four combinations are checked, because the axe run dominates the
/// cost and its rules do not depend on width and theme together: colors are the same at both widths, and layout does not depend on colors.
/// Whether the page fits the window is checked at both widths.
/// </summary>
public sealed record PageView(string Name, int WidthInPixels, ColorScheme Colors)
{
    private const int WideInPixels = 1280, NarrowInPixels = 375;

    private static readonly string _axe = new BundledAxeScriptProvider().GetScript();

    /// <summary>Runs all axe rules and returns one message per violated rule.</summary>
    private const string ViolatedRules =
        """
        async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map(rule =>
            `${rule.id}: ${rule.help} ${rule.nodes.map(node => `${node.target} ${node.any.map(check => check.message).join(' ')}`).join(', ')}`)
        """;

    /// <summary>Captions that are wider than the visible part of their table.</summary>
    private const string CaptionsCutOff =
        """
        () => [...document.querySelectorAll('.table-scroll caption')]
            .filter(caption => caption.offsetWidth > caption.closest('.table-scroll').clientWidth).map(caption => caption.textContent.trim())
        """;

    public static IReadOnlyList<PageView> All { get; } = [new("desktop-light", WideInPixels, ColorScheme.Light), new("phone-dark", NarrowInPixels, ColorScheme.Dark)];

    /// <summary>A new page in its own browser context with this width and theme.</summary>
    public Task<IPage> NewPage(TestBrowser browser, Uri site) => browser.NewPage(site, WidthInPixels, colorScheme: Colors);

    /// <summary>
    /// Asserts that the current page has no axe violations and fits both widths. Takes a screenshot if screenshots are enabled.
    /// </summary>
    public async Task ExpectNoViolations(IPage page, string name)
    {
        await page.EvaluateAsync(_axe);
        var violations = await page.EvaluateAsync<string[]>(ViolatedRules);
        await TestBrowser.Screenshot(page, $"{name}-{Name}");

        Assert.True(violations.Length == 0, $"{name}-{Name}: {string.Join('\n', violations)}");
        Assert.Equal(WidthInPixels, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(await page.EvaluateAsync<string[]>(CaptionsCutOff));
        await page.SetViewportSizeAsync(WideInPixels + NarrowInPixels - WidthInPixels, page.ViewportSize!.Height);
        try
        {
            await page.WaitForFunctionAsync("() => document.documentElement.scrollWidth === window.innerWidth"); // charts resize with the window
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{name}-{Name} is {await page.EvaluateAsync<int>("document.documentElement.scrollWidth")} pixels wide in a window of {page.ViewportSize.Width}.");
        }
        await page.SetViewportSizeAsync(WidthInPixels, page.ViewportSize.Height);
    }
}

/// <summary>Checks pages in one browser context per view, site and user, so that static files are loaded once.</summary>
public sealed class PageChecks(TestBrowser browser) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(PageView View, Uri Site, bool IsAdmin), Lazy<Task<MonitoredPage>>> _pages = new();

    /// <summary>
    /// Asserts that the page has no axe violations, fits the window, loads all its files and does not violate the content security policy.
    /// </summary>
    public async Task Check(TitanicSite site, string path, string name, int status = 200, bool isAdmin = false) =>
        await Task.WhenAll(PageView.All.Select(view => Check(view, site, path, name, status, isAdmin)));

    private async Task Check(PageView view, TitanicSite site, string path, string name, int status, bool isAdmin)
    {
        var (page, errors) = await _pages.GetOrAdd((view, site.BaseAddress, isAdmin), _ => new Lazy<Task<MonitoredPage>>(() => OpenPage(view, site, isAdmin))).Value;
        errors.Clear();
        var response = await page.GotoAsync(path);
        Assert.Equal(status, response?.Status);
        await view.ExpectNoViolations(page, name);
        // The browser reports the expected status 400 or 404 of the page itself as a failed resource.
        Assert.DoesNotContain(errors, error => !error.Contains($"status of {status} ", StringComparison.Ordinal));
        await page.GotoAsync("about:blank"); // cancels pending requests now, so that they are not reported for the next page
    }

    private async Task<MonitoredPage> OpenPage(PageView view, TitanicSite site, bool isAdmin)
    {
        var page = await view.NewPage(browser, site.BaseAddress);
        if (isAdmin)
            await SignIn(page, "/predictions");
        var errors = new ConcurrentQueue<string>();
        page.Console += (_, line) =>
        {
            if (line.Type == "error") errors.Enqueue(line.Text);
        };
        page.RequestFailed += (_, request) => errors.Enqueue($"{request.Url}: {request.Failure}");
        return new MonitoredPage(page, errors);
    }

    /// <summary>Signs the administrator in and waits for a page.</summary>
    public static async Task SignIn(IPage page, string path)
    {
        await page.GotoAsync($"/login?returnUrl={path}");
        await page.FillAsync("#Email", TitanicSite.AdminEmail);
        await page.FillAsync("#Password", TitanicSite.AdminPassword);
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForURLAsync($"**{path}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var page in _pages.Values.Where(page => page is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }))
            await (await page.Value).Page.CloseAsync();
    }

    private sealed record MonitoredPage(IPage Page, ConcurrentQueue<string> Errors);
}
