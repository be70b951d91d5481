using System.Collections.Concurrent;
using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>The document as people see it, in a real browser.</summary>
[Collection<OneContractSite>]
public sealed class ApiPageTests(ContractSite site, TestBrowser browser)
{
    private const string Asking = "/scalar#tag/predictions/POST/api/predictions";

    [Fact]
    public async Task Shows_an_operation_on_a_phone_in_the_dark_breaks_no_policy_and_asks_nobody_else()
    {
        var page = await browser.NewPage(site.BaseAddress, width: 375, colorScheme: ColorScheme.Dark);
        var complaints = ComplaintsOf(page);

        await Open(page, 375);

        Assert.Empty(complaints);
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_example_of_an_operation_can_be_sent_and_is_answered()
    {
        var page = await browser.NewPage(site.BaseAddress);
        var complaints = ComplaintsOf(page);

        await Open(page, 1280);
        await page.GetByRole(AriaRole.Button, new() { Name = "(post /api/predictions)" }).ClickAsync();
        var answer = await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Send" }).First.ClickAsync(), response => new Uri(response.Url).AbsolutePath == "/api/predictions");

        Assert.Equal(200, answer.Status);
        await Assertions.Expect(page.GetByText("200 OK").First).ToBeVisibleAsync();
        Assert.Empty(complaints);
        await page.CloseAsync();
    }

    private static async Task Open(IPage page, int widthInPixels)
    {
        await page.GotoAsync(Asking);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Predict survival" })).ToBeVisibleAsync();
        await TestBrowser.Screenshot(page, $"api-{widthInPixels}");
        Assert.Equal(widthInPixels, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    private ConcurrentBag<string> ComplaintsOf(IPage page)
    {
        var complaints = new ConcurrentBag<string>();
        page.Console += (_, line) =>
        {
            if (line.Type == "error") complaints.Add(line.Text);
        };
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: "http" or "https" } address && address.Authority != site.BaseAddress.Authority) complaints.Add($"asks {address}");
        };
        page.RequestFailed += (_, request) => complaints.Add($"{request.Url}: {request.Failure}");
        return complaints;
    }
}
