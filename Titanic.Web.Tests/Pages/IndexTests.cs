using System.Net;
using AngleSharp.Dom;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Pages;

[Collection<OneFullSite>]
public sealed class IndexTests(FullSite full)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_a_form_with_a_start_value_in_every_field_and_stores_nothing()
    {
        var before = await Newest();

        var page = await full.Get("/");

        Assert.Equal("3", Selected(page));
        Assert.Equal("male", page.QuerySelector("input[name=sex][checked]")?.GetAttribute("value"));
        Assert.Equal("29", Value(page, "age"));
        Assert.Equal("8", Value(page, "fare"));
        Assert.Null(page.QuerySelector("#answer"));
        Assert.Equal(before, await Newest());
    }

    [Theory]
    [InlineData("pclass=1&sex=female&age=29&fare=100", true, "Young adult", "over £75 to £100")]
    [InlineData("pclass=3&sex=male&age=22&fare=7.25", false, "Young adult", "up to £10")]
    [InlineData("pclass=3&sex=male&age=&fare=", false, "Unknown", "over £10 to £25 (price unknown)")]
    [InlineData("pclass=1&sex=FEMALE&age=0.5&fare=0", null, "Child", "up to £10")]
    public async Task Answers_the_question_in_the_address_and_stores_the_answer_as_its_own(string query, bool? survived, string ageGroup, string fareBand)
    {
        var page = await full.Get("/?" + query);

        await using var db = full.Database.NewContext();
        var stored = await db.Predictions.OrderByDescending(p => p.PredictionId).FirstAsync(Cancelled);
        Assert.Equal(PredictionSources.Page, stored.Source);
        Assert.Equal(survived ?? stored.Survived, stored.Survived);
        Assert.Equal(stored.Survived ? "Would have survived" : "Would have died", page.QuerySelector("#answer h2")?.TextContent);
        Assert.Contains(stored.Survived ? "fate-survived" : "fate-died", page.QuerySelector("#answer img")?.GetAttribute("src"), StringComparison.Ordinal);
        var text = Text(page.QuerySelector("#answer"));
        var chance = (100 * stored.Probability).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains($"{stored.Survivors} of the {stored.Neighbors} most similar passengers survived; that makes a chance of {chance} %.", text, StringComparison.Ordinal);
        Assert.Equal($"{(stored.Survived ? "Would have survived" : "Would have died")} ({chance} %) · Titanic", page.Title?.Replace('\u00a0', ' '));
        Assert.Contains(ageGroup, text, StringComparison.Ordinal);
        Assert.Contains(fareBand, text, StringComparison.Ordinal);
        Assert.NotNull(page.QuerySelector($"#answer a[href='/models/{stored.ModelVersion}']"));
        Assert.NotNull(page.QuerySelector($"#answer a[href='/predictions/{stored.PredictionId}']"));
        Assert.Equal("answer-title", Assert.Single(page.QuerySelectorAll("[autofocus]")).Id);
        Assert.NotEmpty(page.QuerySelector("#answer img")!.GetAttribute("alt")!);
    }

    [Fact]
    public async Task Says_who_voted_what_would_have_turned_the_answer_and_how_few_votes_decide()
    {
        var page = await full.Get("/?pclass=3&sex=male&age=22&fare=7.25");

        var rows = page.Rows("#neighbors");
        Assert.StartsWith("3rd class, male, Young adult, up to £10", rows[0][0], StringComparison.Ordinal);
        Assert.Equal("0.00", rows[0][1]);
        Assert.Contains(" of the ", page.Text("#removal"), StringComparison.Ordinal);
        Assert.StartsWith("The passenger would have survived if", page.Text("#change"), StringComparison.Ordinal);
        var person = page.QuerySelector("#neighbors a")!;
        Assert.Contains(person.Said(), (await full.Get(person.GetAttribute("href")!)).Text("main"), StringComparison.Ordinal);
        var turned = await full.Get(page.QuerySelector("#explanation li a")!.GetAttribute("href")!);
        Assert.Equal("Would have survived", turned.Text("#answer h2"));
    }

    [Theory]
    [InlineData(1, "upper")]
    [InlineData(2, "middle")]
    [InlineData(3, "lower")]
    public async Task Names_the_classes_as_they_are_numbered(int pclass, string name)
    {
        var page = await full.Get("/");

        Assert.Contains(name, page.QuerySelector($"label[for=pclass-{pclass}]")?.TextContent, StringComparison.Ordinal);
        Assert.Equal($"{pclass}", Value(page, $"pclass-{pclass}"));
    }

    [Theory]
    [InlineData("0", 0), InlineData("10", 0), InlineData("10.01", 1), InlineData("50", 2), InlineData("75", 3), InlineData("100", 4)]
    [InlineData("125", 5), InlineData("150", 6), InlineData("200", 7), InlineData("250", 8), InlineData("300", 9), InlineData("10000", 10)]
    public async Task Reaches_every_fare_band(string fare, int band)
    {
        var page = await full.Get($"/?pclass=2&sex=female&age=40&fare={fare}");

        Assert.Contains(BinnedEncoder.FareBands[band].Name, Text(page.QuerySelector("#answer")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pclass=4&sex=male&age=29&fare=8", "pclass", "The class is \"4\"; it must be 1, 2 or 3.")]
    [InlineData("pclass=1.5&sex=male&age=29&fare=8", "pclass", "The class is \"1.5\"")]
    [InlineData("sex=male", "pclass", "The class is missing")]
    [InlineData("pclass=1&sex=mael&age=29&fare=8", "sex", "The sex is \"mael\"; it must be male or female.")]
    [InlineData("pclass=1&sex=male&age=abc&fare=8", "age", "The age is \"abc\"; it must be 0 to 120 years in plain digits")]
    [InlineData("pclass=1&sex=male&age=1,5&fare=8", "age", "The age is \"1,5\"")]
    [InlineData("pclass=1&sex=male&age=NaN&fare=8", "age", "The age is \"NaN\"")]
    [InlineData("pclass=1&sex=male&age=120.5&fare=8", "age", "The age is 120.5; it must be 0 to 120 years")]
    [InlineData("pclass=1&sex=male&age=-1&fare=8", "age", "The age is \"-1\"")]
    [InlineData("pclass=1&sex=male&age=29&fare=1e3", "fare", "The fare is \"1e3\"; it must be 0 to 10000 pounds in plain digits")]
    [InlineData("pclass=1&sex=male&age=29&fare=10001", "fare", "The fare is 10001; it must be 0 to 10000 pounds")]
    public async Task Says_at_the_field_what_is_wrong_and_stores_nothing(string query, string field, string sentence)
    {
        var before = await Newest();

        var page = await full.Get("/?" + query, HttpStatusCode.BadRequest);

        var error = Assert.Single(page.QuerySelectorAll(".field-error"));
        Assert.StartsWith(sentence, error.TextContent, StringComparison.Ordinal);
        Assert.Equal($"{field}-error", error.Id);
        Assert.All(page.QuerySelectorAll($"[name={field}]"), input =>
            Assert.Contains($"{field}-error", input.GetAttribute("aria-describedby"), StringComparison.Ordinal));
        Assert.Equal(field, Assert.Single(page.QuerySelectorAll("[autofocus]")).GetAttribute("name"));
        Assert.Equal(before, await Newest());
    }

    [Fact]
    public async Task Keeps_what_was_typed_whatever_it_was()
    {
        var page = await full.Get("/?pclass=9&sex=female&age=%3Cb%3E&fare=7.25", HttpStatusCode.BadRequest);

        Assert.Equal("<b>", Value(page, "age"));
        Assert.Equal("7.25", Value(page, "fare"));
        Assert.Equal("female", page.QuerySelector("input[name=sex][checked]")?.GetAttribute("value"));
        Assert.Null(Selected(page));
        Assert.Equal(["#pclass-1", "#age"], page.QuerySelectorAll(".error-summary a").Select(link => link.GetAttribute("href")));
        Assert.Equal("Nothing was asked yet: please check 2 fields", page.Text(".error-summary h2"));
        Assert.Equal(page.QuerySelectorAll(".field-error").Select(error => error.TextContent), page.QuerySelectorAll(".error-summary a").Select(link => link.TextContent));
        Assert.Equal(2, page.QuerySelectorAll(".field-error").Length);
    }

    [Theory]
    [InlineData("age", "Age in years", "0 to 120, such as 29 or 29.5.")]
    [InlineData("fare", "Ticket price in pounds", "0 to 10000, such as 8 or 8.5.")]
    public async Task Says_unit_and_limits_at_a_number_and_lets_it_be_typed_as_text(string field, string label, string hint)
    {
        var page = await full.Get("/");

        Assert.Equal(label, page.Text($"label[for={field}]"));
        Assert.StartsWith(hint, page.Text($"#{field}-hint"), StringComparison.Ordinal);
        var input = page.GetElementById(field)!;
        Assert.Equal(("text", "decimal", $"{field}-hint"), (input.GetAttribute("type"), input.GetAttribute("inputmode"), input.GetAttribute("aria-describedby")));
    }

    [Theory]
    [InlineData("/", true)]
    [InlineData("/?pclass=1&sex=female&age=29&fare=100", false)]
    public async Task Offers_people_who_were_there_and_one_of_each_way_to_be_right_and_wrong(string path, bool andOpensThem)
    {
        var page = await full.Get(path);

        Assert.Equal(10, page.QuerySelectorAll("#famous a").Length);
        var cells = page.QuerySelectorAll("#cells a").ToList();
        Assert.Equal(
            ["Says survived, and is right", "Says died, and is right", "Says survived, and is wrong", "Says died, and is wrong"],
            cells.Select(cell => cell.FirstChild!.TextContent));
        foreach (var cell in andOpensThem ? cells : [])
        {
            var verdict = cell.FirstChild!.TextContent;
            var said = verdict.StartsWith("Says survived", StringComparison.Ordinal);
            var wasRight = verdict.EndsWith("right", StringComparison.Ordinal);
            var opened = await full.Get(cell.GetAttribute("href")!);
            Assert.Equal(said ? "Would have survived" : "Would have died", opened.Text("#answer h2"));
            Assert.Equal(
                $"This is {cell.Children[0].TextContent}. What happened: {(said == wasRight ? "survived" : "died")} – the model is {(wasRight ? "right" : "wrong")}.",
                opened.Text("#truth"));
        }
    }

    [Theory]
    [InlineData("passenger=titanic3/11", "This is Astor, Col. John Jacob. What happened: died – the model is")]
    [InlineData("passenger=titanic3/12", null)] // somebody else than was asked about
    [InlineData("passenger=titanic3/99999", null)]
    [InlineData("passenger=%3Cscript%3E", null)]
    [InlineData("passenger=a/%00", null)]
    [InlineData("passenger=", null)]
    public async Task Names_only_the_passenger_whom_the_question_fits(string parameter, string? truth)
    {
        var page = await full.Get("/?pclass=1&sex=male&age=47&fare=227.525&" + parameter);

        if (truth is null)
            Assert.Null(page.QuerySelector("#truth"));
        else
            Assert.StartsWith(truth, page.Text("#truth"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_address_to_share_asks_the_same_of_the_same_person_and_the_receipt_is_this_very_answer()
    {
        var page = await full.Get("/?FARE=227.525&pclass=1&sex=MALE&age=047&passenger=titanic3/11&vary=fare&more=%22");

        var shared = Value(page, "share");
        Assert.Equal($"{full.BaseAddress}?pclass=1&sex=male&age=47&fare=227.525&passenger=titanic3/11&vary=fare", shared);
        var again = await full.Get(new Uri(shared!).PathAndQuery);
        Assert.Equal(page.Text("#answer-count"), again.Text("#answer-count"));
        Assert.Equal(page.Text("#truth"), again.Text("#truth"));
        Assert.NotEqual(page.Text("#answer .facts"), again.Text("#answer .facts"));
        var receipt = page.QuerySelector(".take-along a")!.GetAttribute("href")!;
        Assert.Contains("Chance of survival", (await full.Get(receipt)).Text("main"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "age")]
    [InlineData("&vary=age", "age")]
    [InlineData("&vary=fare", "fare")]
    [InlineData("&vary=sex", "age")]
    public async Task Shows_what_if_with_the_asked_value_and_a_question_behind_every_other(string vary, string shown)
    {
        var page = await full.Get("/?pclass=2&sex=male&age=30&fare=26" + vary);

        Assert.Equal(shown, page.QuerySelector("#what-if input[checked]")?.GetAttribute("value"));
        Assert.All(page.QuerySelectorAll("#what-if input"), radio => Assert.Equal("question", radio.GetAttribute("form")));
        var ages = page.Rows("[data-what-if=age]");
        Assert.Equal(["Unknown", "Child", "Teenager", "Young adult (asked)", "Adult", "Senior"], ages.Select(row => row[0]));
        Assert.Contains(page.QuerySelector("#answer meter")!.TextContent.Replace('\u00a0', ' '), ages[3][1].Replace('\u00a0', ' '), StringComparison.Ordinal);
        Assert.Equal("up to £10", page.Rows("[data-what-if=fare]")[0][0]);
        var child = page.QuerySelector("[data-what-if=age] tbody tr:nth-child(2)")!;
        var asked = await full.Get(child.QuerySelector("a")!.GetAttribute("href")!);
        Assert.StartsWith(asked.QuerySelector("#answer meter")!.TextContent, child.Children[1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_in_words_what_cannot_be_marked_on_a_chart()
    {
        var page = await full.Get("/?pclass=2&sex=male&age=&fare=26");

        var chance = page.QuerySelector("#answer meter")!.TextContent;
        Assert.EndsWith($" The age is unknown, which has no place on the axis: as asked, the chance is {chance}.", page.QuerySelector("[data-what-if=age] p")!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("unknown", page.Text("[data-what-if=fare] p"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_looking_at_the_headers_nor_reading_ahead_asks_anything()
    {
        const string question = "/?pclass=1&sex=female&age=29&fare=100";
        var before = await Newest();

        using var head = new HttpRequestMessage(HttpMethod.Head, question);
        Assert.Equal(HttpStatusCode.OK, (await full.Client.SendAsync(head, Cancelled)).StatusCode);
        foreach (var (header, value) in new[] { ("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch"), ("X-Moz", "prefetch") })
        {
            using var ahead = new HttpRequestMessage(HttpMethod.Get, question);
            ahead.Headers.Add(header, value);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await full.Client.SendAsync(ahead, Cancelled)).StatusCode);
        }

        Assert.Equal(before, await Newest());
    }

    private async Task<long> Newest()
    {
        await using var db = full.Database.NewContext();
        return await db.Predictions.MaxAsync(p => p.PredictionId, Cancelled);
    }

    private static string? Selected(IDocument page) => page.QuerySelector("input[name=pclass][checked]")?.GetAttribute("value");

    private static string? Value(IDocument page, string field) => page.GetElementById(field)?.GetAttribute("value");

    private static string Text(IElement? element) =>
        string.Join(' ', element?.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? []);
}
