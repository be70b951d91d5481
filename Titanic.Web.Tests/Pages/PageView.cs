using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages;

/// <summary>
/// One way of looking at a page: a width and the system's colors. Each page is opened in two of the four combinations, so that both
/// widths and both themes are drawn from the start and read by axe, whose run costs more than all the rest. Most rules do not depend on
/// both: colors are the same at both widths, and what fits depends on no color. Whether the page fits is measured at both widths each time.
/// </summary>
public sealed record PageView(string Name, int WidthInPixels, ColorScheme Colors)
{
    private const int WideInPixels = 1280, NarrowInPixels = 375;

    private static readonly string _axe = new BundledAxeScriptProvider().GetScript();

    /// <summary>All rules are tried; only what breaks one is reported, a sentence for each rule.</summary>
    private const string ViolatedRules =
        """
        async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map(rule =>
            `${rule.id}: ${rule.help} ${rule.nodes.map(node => `${node.target} ${node.any.map(check => check.message).join(' ')}`).join(', ')}`)
        """;

    public static IReadOnlyList<PageView> All { get; } = [new("desktop-light", WideInPixels, ColorScheme.Light), new("phone-dark", NarrowInPixels, ColorScheme.Dark)];

    /// <summary>A new page in a context of its own that looks this way.</summary>
    public Task<IPage> NewPage(TestBrowser browser, Uri site) => browser.NewPage(site, WidthInPixels, colorScheme: Colors);

    /// <summary>
    /// What a page shows now must have nothing that axe objects to and must fit both widths. A picture of it is taken where pictures are asked for.
    /// </summary>
    public async Task ExpectNoViolations(IPage page, string name)
    {
        await page.EvaluateAsync(_axe);
        var violations = await page.EvaluateAsync<string[]>(ViolatedRules);
        await TestBrowser.Screenshot(page, $"{name}-{Name}");

        Assert.True(violations.Length == 0, $"{name}-{Name}: {string.Join('\n', violations)}");
        Assert.Equal(WidthInPixels, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await page.SetViewportSizeAsync(WideInPixels + NarrowInPixels - WidthInPixels, page.ViewportSize!.Height);
        try
        {
            await page.WaitForFunctionAsync("() => document.documentElement.scrollWidth === window.innerWidth"); // charts follow the window
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{name}-{Name} is {await page.EvaluateAsync<int>("document.documentElement.scrollWidth")} pixels wide in a window of {page.ViewportSize.Width}.");
        }
        await page.SetViewportSizeAsync(WidthInPixels, page.ViewportSize.Height);
    }
}

/// <summary>The pages of a test class that are looked at, in one browser context for each view, site and reader: files are loaded once.</summary>
public sealed class PageLooks(TestBrowser browser) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(PageView View, Uri Site, bool IsAdmin), Lazy<Task<Watched>>> _pages = new();

    /// <summary>
    /// The page must have nothing that axe objects to, must fit, must load all it asks for and must not break the content security policy.
    /// </summary>
    public async Task Look(TitanicSite site, string path, string name, int status = 200, bool isAdmin = false) =>
        await Task.WhenAll(PageView.All.Select(view => Look(view, site, path, name, status, isAdmin)));

    private async Task Look(PageView view, TitanicSite site, string path, string name, int status, bool isAdmin)
    {
        var (page, complaints) = await _pages.GetOrAdd((view, site.BaseAddress, isAdmin), _ => new Lazy<Task<Watched>>(() => Watch(view, site, isAdmin))).Value;
        complaints.Clear();
        var answer = await page.GotoAsync(path);
        Assert.Equal(status, answer?.Status);
        await view.ExpectNoViolations(page, name);
        // A page that is meant to answer 400 or 404 is reported as a failed resource as well.
        Assert.DoesNotContain(complaints, complaint => !complaint.Contains($"status of {status} ", StringComparison.Ordinal));
        await page.GotoAsync("about:blank"); // what the page still asks for is broken off now, and not while the next one is looked at
    }

    private async Task<Watched> Watch(PageView view, TitanicSite site, bool isAdmin)
    {
        var page = await view.NewPage(browser, site.BaseAddress);
        if (isAdmin)
            await SignIn(page, "/predictions");
        var complaints = new ConcurrentQueue<string>();
        page.Console += (_, line) =>
        {
            if (line.Type == "error") complaints.Enqueue(line.Text);
        };
        page.RequestFailed += (_, request) => complaints.Enqueue($"{request.Url}: {request.Failure}");
        return new Watched(page, complaints);
    }

    /// <summary>Signs the administrator in and stands on a page.</summary>
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

    private sealed record Watched(IPage Page, ConcurrentQueue<string> Complaints);
}
