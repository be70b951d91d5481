using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages;

/// <summary>The Predict page in a browser.</summary>
[Collection<FullSiteCollection>]
public sealed class PredictInBrowserTests(FullSite full, TestBrowser browser)
{
    private const string SubmittedUrl = "/?pclass=1&sex=female&age=29&fare=100";

    [Fact]
    public async Task The_form_is_usable_by_keyboard_and_the_result_gets_the_focus()
    {
        var page = await browser.NewPage(full.BaseAddress);
        await page.GotoAsync("/");
        await page.GetByLabel("3rd class").FocusAsync();
        await page.Keyboard.PressAsync("ArrowUp");
        await page.Keyboard.PressAsync("ArrowUp");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("ArrowUp");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("29");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("100");
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page).ToHaveURLAsync(new Uri(full.BaseAddress, SubmittedUrl).ToString());
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Prediction: survived" })).ToBeFocusedAsync();
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_error_summary_links_to_the_fields()
    {
        var page = await browser.NewPage(full.BaseAddress, width: 375);
        await page.GotoAsync("/?pclass=1&sex=&age=old&fare=8");
        await Assertions.Expect(page.GetByLabel("Female")).ToBeFocusedAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "The age is \"old\"" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Age in years")).ToBeFocusedAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "The sex is missing" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Female")).ToBeFocusedAsync();
        await page.CloseAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 375)]
    public async Task Switching_the_what_if_chart_updates_the_URL_and_makes_no_prediction(ColorScheme colors, int width)
    {
        var page = await browser.NewPage(full.BaseAddress, width, colorScheme: colors);
        await page.GotoAsync(SubmittedUrl);
        var (age, fare) = (page.Locator("[data-what-if=age] figure"), page.Locator("[data-what-if=fare] figure"));
        await Assertions.Expect(age).ToHaveAttributeAsync("data-drawn", "true");
        await Assertions.Expect(age).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("[data-what-if=age] table")).ToBeHiddenAsync();
        var stored = await CountPredictions();

        await page.GetByLabel("Vary age").FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(fare).ToBeVisibleAsync();
        await Assertions.Expect(age).ToBeHiddenAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(full.BaseAddress, SubmittedUrl + "&vary=fare").ToString());
        Assert.Equal(stored, await CountPredictions());
        await Assertions.Expect(fare.Locator("canvas")).ToBeVisibleAsync(); // it has no size before it is drawn
        var box = await fare.Locator("canvas").BoundingBoxAsync();
        Assert.True(box is { Width: > 250, Height: > 200 }, $"The chart is {box?.Width} x {box?.Height} pixels.");

        await page.ReloadAsync();
        await Assertions.Expect(fare).ToBeVisibleAsync();
        await page.CloseAsync();
    }

    /// <summary>The datasets are the columns of the table, with bins as steps, the 50% threshold and the input.</summary>
    [Fact]
    public async Task The_chart_has_the_values_of_the_table()
    {
        var page = await browser.NewPage(full.BaseAddress);
        await page.GotoAsync(SubmittedUrl);
        await Assertions.Expect(page.Locator("[data-what-if=age] figure")).ToHaveAttributeAsync("data-drawn", "true");

        var labels = await page.EvaluateAsync<string[]>("window.Chart.getChart(document.querySelector('[data-what-if=age] canvas')).data.datasets.map(d => d.label)");
        var mark = await page.EvaluateAsync<double[]>("(() => { const { x, y } = window.Chart.getChart(document.querySelector('[data-what-if=age] canvas')).data.datasets.at(-1).data[0]; return [x, y]; })()");
        var female = await page.EvaluateAsync<double[]>("window.Chart.getChart(document.querySelector('[data-what-if=age] canvas')).data.datasets[1].data.map(p => p.x)");
        var probability = await page.Locator("#prediction meter").GetAttributeAsync("value");

        Assert.Equal(["male", "female (your input)", "50%: predicted survived above", "Your input"], labels);
        Assert.Equal([29, double.Parse(probability!, System.Globalization.CultureInfo.InvariantCulture)], mark);
        Assert.Equal([0, 12, 12, 18, 18, 35, 35, 60, 60, 80], female);
        await page.CloseAsync();
    }

    [Fact]
    public async Task Buttons_copy_the_link_and_the_code_and_confirm_it()
    {
        var page = await browser.NewPage(full.BaseAddress);
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await page.GotoAsync(SubmittedUrl);

        await page.GetByRole(AriaRole.Button, new() { Name = "Copy", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("[data-copy-status=share]")).ToHaveTextAsync("Copied.");
        Assert.Equal(
            new Uri(full.BaseAddress, SubmittedUrl).ToString(), await page.EvaluateAsync<string>("navigator.clipboard.readText()"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Copy the curl code" }).ClickAsync();
        await Assertions.Expect(page.Locator("[data-copy-status=snippet-0]")).ToHaveTextAsync("Copied.");
        Assert.StartsWith("curl -X POST", await page.EvaluateAsync<string>("navigator.clipboard.readText()"), StringComparison.Ordinal);
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_historical_passenger_shows_the_actual_outcome()
    {
        var link = (await full.Get("/")).QuerySelectorAll("a").First(link => link.NormalizedText().Contains("John Jacob Astor", StringComparison.Ordinal));

        Assert.StartsWith("Passenger: Astor, Col. John Jacob. Actual outcome: died", (await full.Get(link.GetAttribute("href")!)).Text("#actual-outcome"), StringComparison.Ordinal);
    }

    private Task<long> CountPredictions() => full.Database.QueryScalar<long>($"""select count(*) as "Value" from predictions""");
}
