using System.Net;
using AngleSharp.Dom;

namespace Titanic.Web.Tests.Pages.Pipelines;

/// <summary>"Run now" from the button to the finished run, with a real worker behind it.</summary>
public sealed class RunNowTests(EmptySite site) : IClassFixture<EmptySite>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_a_pipeline_for_the_administrator_and_shows_how_it_ends()
    {
        using var admin = await site.NewAdminClient();

        var answer = await admin.Submit(await admin.Open("/pipelines"), "[data-pipeline=feature] form", ("date", "2026-11-20"));

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        var place = answer.Headers.Location!.OriginalString;
        Assert.StartsWith("/runs/", place, StringComparison.Ordinal);
        var page = await Ended(admin, place);
        Assert.StartsWith("succeeded Passengers of 2026-11-20: 10 inserted", page.Text("#run-status"), StringComparison.Ordinal);
        Assert.Contains("inserted 10", page.Text("#run-counts"), StringComparison.Ordinal);
        Assert.NotNull(page.QuerySelector("#run-results a[href^='/features/commits/']"));
        Assert.Contains("Trigger button", page.Text("main"), StringComparison.Ordinal);

        await using var db = site.Database.NewContext();
        var subject = $"run {place.Split('/')[^1]}";
        var deed = Assert.Single(db.Set<Web.Access.AuditEntry>().Where(entry => entry.What == "run requested" && entry.Subject == subject));
        Assert.Equal((TitanicSite.AdminEmail, "feature for 2026-11-20"), (deed.Who, deed.Details));
    }

    [Fact]
    public async Task Shows_the_error_of_a_run_that_fails()
    {
        using var admin = await site.NewAdminClient();
        var form = (await Page(admin, "/pipelines")).QuerySelector("[data-pipeline=training] form")!;

        // There is no passenger with a known outcome before this day.
        var answer = await Post(admin, Token(form), ("pipeline", "training"), ("date", "1900-01-01"));

        var page = await Ended(admin, answer.Headers.Location!.OriginalString);
        Assert.StartsWith("failed", page.Text("#run-status"), StringComparison.Ordinal);
        Assert.Contains("Backfill the passenger list first", page.Text("#run-error"), StringComparison.Ordinal);
        Assert.Contains("   at ", page.QuerySelector("#run-log pre")!.TextContent, StringComparison.Ordinal);

        var asVisitor = await site.Get(answer.Headers.Location!.OriginalString);
        Assert.DoesNotContain("   at ", asVisitor.QuerySelector("#run-log pre")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offers_to_store_a_challenger_with_training_only()
    {
        using var admin = await site.NewAdminClient();
        var page = await Page(admin, "/pipelines");

        Assert.Equal(
            ["", "logistic-regression", "fast-tree", "light-gbm"],
            page.QuerySelectorAll("[data-pipeline=training] select[name=challenger] option").Select(option => option.GetAttribute("value")));
        Assert.Single(page.QuerySelectorAll("select[name=challenger]"));

        var answer = await Post(admin, Token(page), ("pipeline", "training"), ("date", "1900-01-01"), ("challenger", "fast-tree"));

        var run = long.Parse(answer.Headers.Location!.OriginalString.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal("fast-tree", await site.Database.Ask<string>($"""select challenger as "Value" from runs where run_id = {run}"""));
    }

    [Fact]
    public async Task Sends_a_visitor_to_the_sign_in_page_and_runs_nothing()
    {
        var before = await Runs();
        var form = await site.Get("/login");

        var answer = await Post(site.Client, Token(form), ("pipeline", "feature"));

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/login", answer.Headers.Location!.AbsolutePath);
        Assert.Equal(before, await Runs());
    }

    [Fact]
    public async Task Refuses_a_form_without_its_token()
    {
        using var admin = await site.NewAdminClient();

        var answer = await Post(admin, "", ("pipeline", "monitoring"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(0, await site.Database.Ask<int>($"""select count(*)::int as "Value" from runs where pipeline = 'monitoring'"""));
    }

    [Theory]
    [InlineData("feature", "23.11.2026", "The date is \"23.11.2026\"; it must be like ")]
    [InlineData("feature", "2999-01-01", "it must not be after today")]
    [InlineData("lunch", "", "There is no pipeline \"lunch\"; there are feature, inference, training, monitoring, audit.")]
    public async Task Says_what_is_wrong_with_a_wish_it_cannot_fulfil(string pipeline, string date, string problem)
    {
        using var admin = await site.NewAdminClient();
        var form = await Page(admin, "/pipelines");

        var answer = await Post(admin, Token(form), ("pipeline", pipeline), ("date", date));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(problem, (await TitanicSite.Page(answer)).Text("#run-problem"), StringComparison.Ordinal);
    }

    private Task<long> Runs() => site.Database.Ask<long>($"""select count(*) as "Value" from runs""");

    /// <summary>The run's page as soon as it does not ask to be looked at again.</summary>
    private static async Task<IDocument> Ended(HttpClient client, string place)
    {
        HttpResponseMessage? answer = null;
        await Eventually.True(async () =>
        {
            answer = await client.GetAsync(place, Cancelled);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return !answer.Headers.Contains("Refresh");
        }, $"{place} has ended");
        return await TitanicSite.Page(answer!);
    }

    private static async Task<IDocument> Page(HttpClient client, string path) => await TitanicSite.Page(await client.GetAsync(path, Cancelled));

    private static string Token(IParentNode form) => form.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;

    private static Task<HttpResponseMessage> Post(HttpClient client, string token, params (string Name, string Value)[] fields) =>
        client.PostAsync("/pipelines", new FormUrlEncodedContent(
            [new("__RequestVerificationToken", token), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]), Cancelled);
}
