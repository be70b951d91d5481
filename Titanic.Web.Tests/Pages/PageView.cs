using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages;

/// <summary>One way of looking at a page: a width and the system's colours.</summary>
public sealed record PageView(string Name, int WidthInPixels, ColorScheme Colors)
{
    /// <summary>All rules are tried; of those that hold, axe need not list every element, which are most of a page.</summary>
    private static readonly AxeRunOptions _onlyViolationsInFull = new() { ResultTypes = [ResultType.Violations] };

    public static IReadOnlyList<PageView> All { get; } =
    [
        new("desktop-light", 1280, ColorScheme.Light), new("desktop-dark", 1280, ColorScheme.Dark),
        new("phone-light", 375, ColorScheme.Light), new("phone-dark", 375, ColorScheme.Dark),
    ];

    /// <summary>
    /// The page must have nothing that axe objects to, must fit the width, must load all it asks for and must not break the content
    /// security policy. Leaves <c>artifacts/screenshots/{name}-{view}.png</c> beside the tests' program.
    /// </summary>
    public static async Task LookEverywhere(TestBrowser browser, Uri site, string path, string name, int status = 200)
    {
        // All at once: most of a look is waiting for the browser.
        await Task.WhenAll(All.Select(view => view.Look(browser, site, path, name, status)));
    }

    private async Task Look(TestBrowser browser, Uri site, string path, string name, int status)
    {
        var page = await browser.NewPage(site, WidthInPixels, colorScheme: Colors);
        var complaints = new List<string>();
        page.Console += (_, line) =>
        {
            // A page that is meant to answer 400 or 404 is reported as a failed resource as well.
            if (line.Type == "error" && !line.Text.Contains($"status of {status} ", StringComparison.Ordinal)) complaints.Add(line.Text);
        };
        page.RequestFailed += (_, request) => complaints.Add($"{request.Url}: {request.Failure}");

        var answer = await page.GotoAsync(path);
        Assert.Equal(status, answer?.Status);
        await ExpectNoComplaints(page, WidthInPixels, $"{name}-{Name}");
        Assert.Empty(complaints);
        await page.CloseAsync();
    }

    /// <summary>What <see cref="LookEverywhere"/> asks of a page, of one that a test has come to by itself.</summary>
    public static async Task ExpectNoComplaints(IPage page, int widthInPixels, string screenshot)
    {
        var axe = await page.RunAxe(_onlyViolationsInFull);
        await page.ScreenshotAsync(new() { Path = Screenshot(screenshot), FullPage = true });

        Assert.True(axe.Violations.Length == 0, $"{screenshot}: {string.Join('\n', axe.Violations.Select(Sentence))}");
        Assert.Equal(widthInPixels, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    public static string Screenshot(string name) => Path.Combine(AppContext.BaseDirectory, "artifacts", "screenshots", name + ".png");

    private static string Sentence(AxeResultItem violation) =>
        $"{violation.Id}: {violation.Help} {string.Join(", ", violation.Nodes.Select(node => $"{node.Target} {string.Join(' ', node.Any.Select(check => check.Message))}"))}";
}
