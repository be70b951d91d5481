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
        Assert.Contains($"{stored.Survivors} of {stored.Neighbors} nearest passengers survived", text, StringComparison.Ordinal);
        Assert.Contains(ageGroup, text, StringComparison.Ordinal);
        Assert.Contains(fareBand, text, StringComparison.Ordinal);
        Assert.NotNull(page.QuerySelector($"#answer a[href='/models/{stored.ModelVersion}']"));
        Assert.NotNull(page.QuerySelector($"#answer a[href='/predictions/{stored.PredictionId}']"));
        Assert.Equal("status", page.QuerySelector("#answer")?.GetAttribute("role"));
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

        Assert.Contains(name, page.QuerySelector($"#pclass option[value='{pclass}']")?.TextContent, StringComparison.Ordinal);
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
    [InlineData("pclass=1&sex=male&age=29&fare=1e3", "fare", "The ticket price is \"1e3\"; it must be 0 to 10000 pounds in plain digits")]
    [InlineData("pclass=1&sex=male&age=29&fare=10001", "fare", "The ticket price is 10001; it must be 0 to 10000 pounds")]
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
        Assert.Equal("", Selected(page));
        Assert.Equal(2, page.QuerySelectorAll(".field-error").Length);
    }

    [Fact]
    public async Task Offers_examples_of_both_fates_that_can_all_be_answered()
    {
        var examples = (await full.Get("/")).QuerySelectorAll(".examples a").Select(link => link.GetAttribute("href")!).ToList();

        var fates = new List<string?>();
        foreach (var example in examples)
            fates.Add((await full.Get(example)).QuerySelector("#answer h2")?.TextContent);
        Assert.Equal(6, examples.Count);
        Assert.Contains(examples, href => href.Contains("age=&", StringComparison.Ordinal));
        Assert.Equal(["Would have died", "Would have survived"], fates.Distinct().Order());
    }

    private async Task<long> Newest()
    {
        await using var db = full.Database.NewContext();
        return await db.Predictions.MaxAsync(p => p.PredictionId, Cancelled);
    }

    private static string? Selected(IDocument page) => page.QuerySelector("#pclass option[selected]")?.GetAttribute("value");

    private static string? Value(IDocument page, string field) => page.GetElementById(field)?.GetAttribute("value");

    private static string Text(IElement? element) =>
        string.Join(' ', element?.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? []);
}
