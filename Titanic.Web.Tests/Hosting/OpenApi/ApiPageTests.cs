using System.Collections.Concurrent;
using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>The API reference page in a real browser.</summary>
[Collection<OneContractSite>]
public sealed class ApiPageTests(ContractSite site, TestBrowser browser)
{
    private const string PredictOperation = "/scalar#tag/predictions/POST/api/predictions";

    [Fact]
    public async Task Shows_an_operation_on_a_dark_phone_without_policy_violations_or_requests_to_other_sites()
    {
        var page = await browser.NewPage(site.BaseAddress, width: 375, colorScheme: ColorScheme.Dark);
        var errors = BrowserErrorsOf(page);

        await Open(page, 375);

        Assert.Empty(errors);
        await page.CloseAsync();
    }

    [Fact]
    public async Task Sends_the_example_of_an_operation_and_shows_the_response()
    {
        var page = await browser.NewPage(site.BaseAddress);
        var errors = BrowserErrorsOf(page);

        await Open(page, 1280);
        await page.GetByRole(AriaRole.Button, new() { Name = "(post /api/predictions)" }).ClickAsync();
        var received = await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Send" }).First.ClickAsync(),
            response => new Uri(response.Url).AbsolutePath == "/api/predictions");

        Assert.Equal(200, received.Status);
        await Assertions.Expect(page.GetByText("200 OK").First).ToBeVisibleAsync();
        Assert.Empty(errors);
        await page.CloseAsync();
    }

    private static async Task Open(IPage page, int widthInPixels)
    {
        await page.GotoAsync(PredictOperation);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Predict survival" })).ToBeVisibleAsync();
        await TestBrowser.Screenshot(page, $"api-{widthInPixels}");
        Assert.Equal(widthInPixels, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    private ConcurrentBag<string> BrowserErrorsOf(IPage page)
    {
        var errors = new ConcurrentBag<string>();
        page.Console += (_, line) =>
        {
            if (line.Type == "error")
                errors.Add(line.Text);
        };
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: "http" or "https" } address && address.Authority != site.BaseAddress.Authority)
                errors.Add($"request to another site: {address}");
        };
        page.RequestFailed += (_, request) => errors.Add($"{request.Url}: {request.Failure}");
        return errors;
    }
}
