using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages;

/// <summary>What a person does on the Predict page, in a real browser.</summary>
[Collection<OneFullSite>]
public sealed class PredictPageTests(FullSite full, TestBrowser browser)
{
    private const string Asked = "/?pclass=1&sex=female&age=29&fare=100";

    [Fact]
    public async Task A_question_is_asked_by_keyboard_alone_and_the_answer_has_the_focus()
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

        await Assertions.Expect(page).ToHaveURLAsync(new Uri(full.BaseAddress, Asked).ToString());
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Would have survived" })).ToBeFocusedAsync();
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_summary_of_what_is_wrong_leads_to_the_fields()
    {
        var page = await browser.NewPage(full.BaseAddress, width: 375);
        await page.GotoAsync("/?pclass=1&sex=&age=1,5&fare=8");
        await Assertions.Expect(page.GetByLabel("Female")).ToBeFocusedAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "The age is \"1,5\"" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Age in years")).ToBeFocusedAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "The sex is missing" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Female")).ToBeFocusedAsync();
        await page.CloseAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 375)]
    public async Task Both_what_if_charts_are_drawn_the_choice_is_kept_in_the_address_and_no_answer_is_stored_for_it(ColorScheme colors, int width)
    {
        var page = await browser.NewPage(full.BaseAddress, width, colorScheme: colors);
        await page.GotoAsync(Asked);
        var (age, fare) = (page.Locator("[data-what-if=age] figure"), page.Locator("[data-what-if=fare] figure"));
        await Assertions.Expect(age).ToHaveAttributeAsync("data-drawn", "true");
        await Assertions.Expect(age).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("[data-what-if=age] table")).ToBeHiddenAsync();
        var stored = await Stored();

        await page.GetByLabel("Another age").FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(fare).ToBeVisibleAsync();
        await Assertions.Expect(age).ToBeHiddenAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(full.BaseAddress, Asked + "&vary=fare").ToString());
        Assert.Equal(stored, await Stored());
        var box = await fare.Locator("canvas").BoundingBoxAsync();
        Assert.True(box is { Width: > 250, Height: > 200 }, $"The chart is {box?.Width} x {box?.Height} pixels.");

        await page.ReloadAsync();
        await Assertions.Expect(fare).ToBeVisibleAsync();
        await page.CloseAsync();
    }

    /// <summary>The drawing is of the table: steps where values are bins, the asked one marked, and 50 %.</summary>
    [Fact]
    public async Task The_chart_shows_the_table()
    {
        var page = await browser.NewPage(full.BaseAddress);
        await page.GotoAsync(Asked);
        await Assertions.Expect(page.Locator("[data-what-if=age] figure")).ToHaveAttributeAsync("data-drawn", "true");

        var labels = await page.EvaluateAsync<string[]>("window.Chart.getChart(document.querySelector('[data-what-if=age] canvas')).data.datasets.map(d => d.label)");
        var mark = await page.EvaluateAsync<double[]>("(() => { const { x, y } = window.Chart.getChart(document.querySelector('[data-what-if=age] canvas')).data.datasets.at(-1).data[0]; return [x, y]; })()");
        var female = await page.EvaluateAsync<double[]>("window.Chart.getChart(document.querySelector('[data-what-if=age] canvas')).data.datasets[1].data.map(p => p.x)");
        var probability = await page.Locator("#answer meter").GetAttributeAsync("value");

        Assert.Equal(["male", "female (asked)", "50 %: survived above", "Your question"], labels);
        Assert.Equal([29, double.Parse(probability!, System.Globalization.CultureInfo.InvariantCulture)], mark);
        Assert.Equal([0, 12, 12, 18, 18, 35, 35, 60, 60, 80], female);
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_address_and_the_code_are_copied_by_a_button_that_says_so()
    {
        var page = await browser.NewPage(full.BaseAddress);
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await page.GotoAsync(Asked);

        await page.GetByRole(AriaRole.Button, new() { Name = "Copy", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("[data-copied=share]")).ToHaveTextAsync("Copied.");
        Assert.Equal(new Uri(full.BaseAddress, Asked).ToString(), await page.EvaluateAsync<string>("navigator.clipboard.readText()"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Copy the curl code" }).ClickAsync();
        await Assertions.Expect(page.Locator("[data-copied=snippet-0]")).ToHaveTextAsync("Copied.");
        Assert.StartsWith("curl -X POST", await page.EvaluateAsync<string>("navigator.clipboard.readText()"), StringComparison.Ordinal);
        await page.CloseAsync();
    }

    [Fact]
    public async Task Somebody_who_was_there_is_asked_about_and_the_truth_stands_beside_the_answer()
    {
        var link = (await full.Get("/")).QuerySelectorAll("a").First(link => link.Said().Contains("John Jacob Astor", StringComparison.Ordinal));

        Assert.StartsWith("This is Astor, Col. John Jacob. What happened: died", (await full.Get(link.GetAttribute("href")!)).Text("#truth"), StringComparison.Ordinal);
    }

    private Task<long> Stored() => full.Database.Ask<long>($"""select count(*) as "Value" from predictions""");
}
