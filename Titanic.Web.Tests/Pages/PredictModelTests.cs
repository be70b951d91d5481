using System.Net;
using AngleSharp.Dom;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Pages;

[Collection<FullSiteCollection>]
public sealed class PredictModelTests(FullSite full)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_a_form_with_an_example_value_in_every_field_and_stores_nothing()
    {
        var before = await NewestPredictionId();

        var page = await full.Get("/");

        Assert.Equal("3", Selected(page));
        Assert.Equal("male", page.QuerySelector("input[name=sex][checked]")?.GetAttribute("value"));
        Assert.Equal("29", Value(page, "age"));
        Assert.Equal("8", Value(page, "fare"));
        Assert.Null(page.QuerySelector("#prediction"));
        Assert.Equal(before, await NewestPredictionId());
    }

    [Theory]
    [InlineData("pclass=1&sex=female&age=29&fare=100", true, "Young adult", "over £75 to £100")]
    [InlineData("pclass=3&sex=male&age=22&fare=7.25", false, "Young adult", "up to £10")]
    [InlineData("pclass=3&sex=male&age=&fare=", false, "Unknown", "over £10 to £25 (fare unknown)")]
    [InlineData("pclass=1&sex=FEMALE&age=0.5&fare=0", null, "Child", "up to £10")]
    public async Task Makes_and_stores_the_prediction_of_the_query_string(string query, bool? survived, string ageGroup, string fareBand)
    {
        var page = await full.Get("/?" + query);

        await using var db = full.Database.NewContext();
        var stored = await db.Predictions.OrderByDescending(p => p.PredictionId).FirstAsync(Cancellation);
        Assert.Equal(PredictionSources.Page, stored.Source);
        Assert.Equal(survived ?? stored.Survived, stored.Survived);
        Assert.Equal(stored.Survived ? "Prediction: survived" : "Prediction: died", page.QuerySelector("#prediction h2")?.TextContent);
        Assert.Contains(stored.Survived ? "outcome-survived" : "outcome-died", page.QuerySelector("#prediction img")?.GetAttribute("src"), StringComparison.Ordinal);
        var text = Text(page.QuerySelector("#prediction"));
        var percentage = (100 * stored.Probability).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains($"{stored.Survivors} of {stored.Neighbors} nearest neighbors survived. Probability of survival: {percentage}%.", text, StringComparison.Ordinal);
        Assert.Equal($"Prediction: {(stored.Survived ? "survived" : "died")} ({percentage}%) · Titanic", page.Title);
        Assert.Contains(ageGroup, text, StringComparison.Ordinal);
        Assert.Contains(fareBand, text, StringComparison.Ordinal);
        Assert.NotNull(page.QuerySelector($"#prediction a[href='/models/{stored.ModelVersion}']"));
        Assert.NotNull(page.QuerySelector($"#prediction a[href='/predictions/{stored.PredictionId}']"));
        Assert.Equal("prediction-title", Assert.Single(page.QuerySelectorAll("[autofocus]")).Id);
        Assert.NotEmpty(page.QuerySelector("#prediction img")!.GetAttribute("alt")!);
    }

    [Fact]
    public async Task Shows_neighbors_counterfactual_and_minimal_removal_set()
    {
        var page = await full.Get("/?pclass=3&sex=male&age=22&fare=7.25");

        var rows = page.Rows("#neighbors");
        Assert.StartsWith("3rd class, male, Young adult, up to £10", rows[0][0], StringComparison.Ordinal);
        Assert.Equal("0.00", rows[0][1]);
        Assert.Contains(" of the ", page.Text("#removal"), StringComparison.Ordinal);
        Assert.StartsWith("The prediction changes to survived if", page.Text("#change"), StringComparison.Ordinal);
        var passenger = page.QuerySelector("#neighbors a")!;
        Assert.Contains(
            passenger.NormalizedText(), (await full.Get(passenger.GetAttribute("href")!)).Text("main"), StringComparison.Ordinal);
        var counterfactual = await full.Get(page.QuerySelector("#explanation li a")!.GetAttribute("href")!);
        Assert.Equal("Prediction: survived", counterfactual.Text("#prediction h2"));
    }

    [Theory]
    [InlineData(1, "upper")]
    [InlineData(2, "middle")]
    [InlineData(3, "lower")]
    public async Task Labels_each_class_number_with_its_name(int pclass, string name)
    {
        var page = await full.Get("/");

        Assert.Contains(name, page.QuerySelector($"label[for=pclass-{pclass}]")?.TextContent, StringComparison.Ordinal);
        Assert.Equal($"{pclass}", Value(page, $"pclass-{pclass}"));
    }

    [Theory]
    [InlineData("0", 0), InlineData("10", 0), InlineData("10.01", 1), InlineData("50", 2), InlineData("75", 3), InlineData("100", 4)]
    [InlineData("125", 5), InlineData("150", 6), InlineData("200", 7), InlineData("250", 8), InlineData("300", 9), InlineData("10000", 10)]
    public async Task Shows_every_fare_band(string fare, int band)
    {
        var page = await full.Get($"/?pclass=2&sex=female&age=40&fare={fare}");

        Assert.Contains(BinnedEncoder.FareBands[band].Name, Text(page.QuerySelector("#prediction")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pclass=4&sex=male&age=29&fare=8", "pclass", "The class is \"4\"; it must be 1, 2 or 3.")]
    [InlineData("pclass=1.5&sex=male&age=29&fare=8", "pclass", "The class is \"1.5\"")]
    [InlineData("sex=male", "pclass", "The class is missing")]
    [InlineData("pclass=1&sex=mael&age=29&fare=8", "sex", "The sex is \"mael\"; it must be male or female.")]
    [InlineData("pclass=1&sex=male&age=abc&fare=8", "age", "The age is \"abc\"; it must be a plain number between 0 and 120 years")]
    [InlineData("pclass=1&sex=male&age=1,500&fare=8", "age", "The age is \"1,500\"")]
    [InlineData("pclass=1&sex=male&age=Infinity&fare=8", "age", "The age is \"Infinity\"")]
    [InlineData("pclass=1&sex=male&age=120.5&fare=8", "age", "The age is 120.5; it must be a plain number between 0 and 120 years")]
    [InlineData("pclass=1&sex=male&age=-1&fare=8", "age", "The age is \"-1\"")]
    [InlineData("pclass=1&sex=male&age=29&fare=1e3", "fare", "The fare is \"1e3\"; it must be a plain number between 0 and 10,000 pounds")]
    [InlineData("pclass=1&sex=male&age=29&fare=10001", "fare", "The fare is 10001; it must be a plain number between 0 and 10,000 pounds")]
    public async Task Shows_the_validation_error_at_the_field_and_stores_nothing(string query, string field, string message)
    {
        var before = await NewestPredictionId();

        var page = await full.Get("/?" + query, HttpStatusCode.BadRequest);

        var error = Assert.Single(page.QuerySelectorAll(".field-error"));
        Assert.StartsWith(message, error.TextContent, StringComparison.Ordinal);
        Assert.Equal($"{field}-error", error.Id);
        Assert.All(page.QuerySelectorAll($"[name={field}]"), input =>
            Assert.Contains($"{field}-error", input.GetAttribute("aria-describedby"), StringComparison.Ordinal));
        Assert.Equal(field, Assert.Single(page.QuerySelectorAll("[autofocus]")).GetAttribute("name"));
        Assert.Equal(before, await NewestPredictionId());
    }

    [Fact]
    public async Task Keeps_invalid_input_in_the_form()
    {
        var page = await full.Get("/?pclass=9&sex=female&age=%3Cb%3E&fare=7.25", HttpStatusCode.BadRequest);

        Assert.Equal("<b>", Value(page, "age"));
        Assert.Equal("7.25", Value(page, "fare"));
        Assert.Equal("female", page.QuerySelector("input[name=sex][checked]")?.GetAttribute("value"));
        Assert.Null(Selected(page));
        Assert.Equal(["#pclass-1", "#age"], page.QuerySelectorAll(".error-summary a").Select(link => link.GetAttribute("href")));
        Assert.Equal("Fix 2 fields to continue", page.Text(".error-summary h2"));
        Assert.Equal(page.QuerySelectorAll(".field-error").Select(error => error.TextContent), page.QuerySelectorAll(".error-summary a").Select(link => link.TextContent));
        Assert.Equal(2, page.QuerySelectorAll(".field-error").Length);
    }

    [Theory]
    [InlineData("age", "Age in years", "0 to 120, for example 29 or 29.5.")]
    [InlineData("fare", "Fare in pounds", "0 to 10,000, for example 8 or 8.5.")]
    public async Task Shows_unit_and_limits_of_a_number_in_a_text_field(string field, string label, string hint)
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
    public async Task Lists_historical_passengers_and_the_most_confident_hits_and_misses(string path, bool opensExamples)
    {
        var page = await full.Get(path);

        Assert.Equal(10, page.QuerySelectorAll("#famous a").Length);
        var cells = page.QuerySelectorAll("#cells a").ToList();
        Assert.Equal(
            ["Predicted survived, correct", "Predicted died, correct", "Predicted survived, wrong", "Predicted died, wrong"],
            cells.Select(cell => cell.FirstChild!.TextContent));
        foreach (var cell in opensExamples ? cells : [])
        {
            var label = cell.FirstChild!.TextContent;
            var isSurvivedPredicted = label.StartsWith("Predicted survived", StringComparison.Ordinal);
            var isCorrect = label.EndsWith("correct", StringComparison.Ordinal);
            var opened = await full.Get(cell.GetAttribute("href")!);
            Assert.Equal(isSurvivedPredicted ? "Prediction: survived" : "Prediction: died", opened.Text("#prediction h2"));
            Assert.Equal(
                $"Passenger: {cell.Children[0].TextContent}. Actual outcome: {(isSurvivedPredicted == isCorrect ? "survived" : "died")}. The prediction is {(isCorrect ? "correct" : "wrong")}.",
                opened.Text("#actual-outcome"));
        }
    }

    [Theory]
    [InlineData("passenger=titanic3/11", "Passenger: Astor, Col. John Jacob. Actual outcome: died. The prediction is")]
    [InlineData("passenger=titanic3/12", null)] // the passenger has other values than the inputs
    [InlineData("passenger=titanic3/99999", null)]
    [InlineData("passenger=%3Cscript%3E", null)]
    [InlineData("passenger=a/%00", null)]
    [InlineData("passenger=", null)]
    public async Task Shows_the_passenger_only_if_its_values_match_the_inputs(string parameter, string? actualOutcome)
    {
        var page = await full.Get("/?pclass=1&sex=male&age=47&fare=227.525&" + parameter);

        if (actualOutcome is null)
            Assert.Null(page.QuerySelector("#actual-outcome"));
        else
            Assert.StartsWith(actualOutcome, page.Text("#actual-outcome"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_shared_link_repeats_the_prediction_for_the_same_passenger()
    {
        var page = await full.Get("/?FARE=227.525&pclass=1&sex=MALE&age=047&passenger=titanic3/11&vary=fare&more=%22");

        var shared = Value(page, "share");
        Assert.Equal($"{full.BaseAddress}?pclass=1&sex=male&age=47&fare=227.525&passenger=titanic3/11&vary=fare", shared);
        var repeated = await full.Get(new Uri(shared!).PathAndQuery);
        Assert.Equal(page.Text("#prediction-summary"), repeated.Text("#prediction-summary"));
        Assert.Equal(page.Text("#actual-outcome"), repeated.Text("#actual-outcome"));
        Assert.NotEqual(page.Text("#prediction .facts"), repeated.Text("#prediction .facts"));
        var receipt = page.QuerySelector(".share-and-api a")!.GetAttribute("href")!;
        Assert.Contains("Probability of survival", (await full.Get(receipt)).Text("main"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "age")]
    [InlineData("&vary=age", "age")]
    [InlineData("&vary=fare", "fare")]
    [InlineData("&vary=sex", "age")]
    public async Task The_what_if_table_marks_the_input_and_links_the_other_values(string vary, string shown)
    {
        var page = await full.Get("/?pclass=2&sex=male&age=30&fare=26" + vary);

        Assert.Equal(shown, page.QuerySelector("#what-if input[checked]")?.GetAttribute("value"));
        Assert.All(page.QuerySelectorAll("#what-if input"), radio => Assert.Equal("prediction-form", radio.GetAttribute("form")));
        var ages = page.Rows("[data-what-if=age]");
        Assert.Equal(["Unknown", "Child", "Teenager", "Young adult (your input)", "Adult", "Senior"], ages.Select(row => row[0]));
        Assert.Contains(page.QuerySelector("#prediction meter")!.TextContent, ages[3][1], StringComparison.Ordinal);
        Assert.Equal("up to £10", page.Rows("[data-what-if=fare]")[0][0]);
        var child = page.QuerySelector("[data-what-if=age] tbody tr:nth-child(2)")!;
        var linked = await full.Get(child.QuerySelector("a")!.GetAttribute("href")!);
        Assert.StartsWith(linked.QuerySelector("#prediction meter")!.TextContent, child.Children[1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explains_why_an_unknown_value_is_not_marked_in_the_chart()
    {
        var page = await full.Get("/?pclass=2&sex=male&age=&fare=26");

        var probability = page.QuerySelector("#prediction meter")!.TextContent;
        Assert.EndsWith($" The age is unknown, so the chart does not mark your input; its probability of survival is {probability}.", page.QuerySelector("[data-what-if=age] p")!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("unknown", page.Text("[data-what-if=fare] p"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HEAD_and_prefetch_requests_make_no_prediction()
    {
        const string path = "/?pclass=1&sex=female&age=29&fare=100";
        var before = await NewestPredictionId();

        using var head = new HttpRequestMessage(HttpMethod.Head, path);
        Assert.Equal(HttpStatusCode.OK, (await full.Client.SendAsync(head, Cancellation)).StatusCode);
        foreach (var (header, value) in new[] { ("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch"), ("X-Moz", "prefetch") })
        {
            using var prefetch = new HttpRequestMessage(HttpMethod.Get, path);
            prefetch.Headers.Add(header, value);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await full.Client.SendAsync(prefetch, Cancellation)).StatusCode);
        }

        Assert.Equal(before, await NewestPredictionId());
    }

    private async Task<long> NewestPredictionId()
    {
        await using var db = full.Database.NewContext();
        return await db.Predictions.MaxAsync(p => p.PredictionId, Cancellation);
    }

    private static string? Selected(IDocument page) => page.QuerySelector("input[name=pclass][checked]")?.GetAttribute("value");

    private static string? Value(IDocument page, string field) => page.GetElementById(field)?.GetAttribute("value");

    private static string Text(IElement? element) =>
        string.Join(' ', element?.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? []);
}
