using System.Net;
using AngleSharp.Dom;

namespace Titanic.Web.Tests.Pages.Pipelines;

/// <summary>The run button, from the click to the end of the run, with a real worker.</summary>
public sealed class RunNowTests(EmptySite site) : IClassFixture<EmptySite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_a_pipeline_and_shows_its_result()
    {
        using var admin = await site.NewAdminClient();

        var response = await admin.SubmitForm(await admin.GetPage("/pipelines"), "[data-pipeline=feature] form", ("date", "2026-11-20"));

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        var path = response.Headers.Location!.OriginalString;
        Assert.StartsWith("/runs/", path, StringComparison.Ordinal);
        var page = await WaitForEnd(admin, path);
        Assert.StartsWith("succeeded Passengers of 2026-11-20: 10 inserted", page.Text("#run-status"), StringComparison.Ordinal);
        Assert.Contains("inserted 10", page.Text("#run-counts"), StringComparison.Ordinal);
        Assert.NotNull(page.QuerySelector("#run-results a[href^='/features/commits/']"));
        Assert.Contains("Trigger button", page.Text("main"), StringComparison.Ordinal);

        await using var db = site.Database.NewContext();
        var subject = $"run {path.Split('/')[^1]}";
        var auditEntry = Assert.Single(db.Set<Web.Access.AuditEntry>().Where(entry => entry.What == "run requested" && entry.Subject == subject));
        Assert.Equal((TitanicSite.AdminEmail, "feature for 2026-11-20"), (auditEntry.Who, auditEntry.Details));
    }

    [Fact]
    public async Task Shows_the_error_of_a_run_that_fails()
    {
        using var admin = await site.NewAdminClient();
        var form = (await Page(admin, "/pipelines")).QuerySelector("[data-pipeline=training] form")!;

        // There is no passenger with a known outcome before this day.
        var response = await Post(admin, Token(form), ("pipeline", "training"), ("date", "1912-04-15"));

        var page = await WaitForEnd(admin, response.Headers.Location!.OriginalString);
        Assert.StartsWith("failed", page.Text("#run-status"), StringComparison.Ordinal);
        Assert.Contains("Backfill the passenger list first", page.Text("#run-error"), StringComparison.Ordinal);
        Assert.Contains("   at ", page.QuerySelector("#run-log pre")!.TextContent, StringComparison.Ordinal);

        var asVisitor = await site.Get(response.Headers.Location!.OriginalString);
        Assert.Equal("Error: The run failed. Operators can read the error.", asVisitor.Text("#run-error"));
        Assert.Equal("An error. Operators can read it.", asVisitor.Text("#run-log pre"));
        const string search = "?search=Backfill%20the%20passenger%20list%20first";
        Assert.NotEmpty((await Page(admin, $"/runs{search}")).Rows("#run-list"));
        Assert.Null((await site.Get($"/runs{search}")).QuerySelector("#run-list"));
        Assert.Contains("\"runs\":[]", await site.Client.GetStringAsync($"/api/runs{search}", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offers_alternatives_for_training_only()
    {
        using var admin = await site.NewAdminClient();
        var page = await Page(admin, "/pipelines");

        Assert.Equal(
            ["", "logistic-regression", "fast-tree", "light-gbm"],
            page.QuerySelectorAll("[data-pipeline=training] select[name=challenger] option").Select(option => option.GetAttribute("value")));
        Assert.Single(page.QuerySelectorAll("select[name=challenger]"));

        var response = await Post(admin, Token(page), ("pipeline", "training"), ("date", "1912-04-15"), ("challenger", "fast-tree"));

        var run = long.Parse(response.Headers.Location!.OriginalString.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal("fast-tree", await site.Database.QueryScalar<string>($"""select challenger as "Value" from runs where run_id = {run}"""));
    }

    [Fact]
    public async Task Redirects_a_visitor_to_the_sign_in_page_and_starts_no_run()
    {
        var before = await Runs();
        var form = await site.Get("/login");

        var response = await Post(site.Client, Token(form), ("pipeline", "feature"));

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/login", response.Headers.Location!.AbsolutePath);
        Assert.Equal(before, await Runs());
    }

    [Fact]
    public async Task Rejects_a_form_without_an_antiforgery_token()
    {
        using var admin = await site.NewAdminClient();

        var response = await Post(admin, "", ("pipeline", "monitoring"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(0, await site.Database.QueryScalar<int>($"""select count(*)::int as "Value" from runs where pipeline = 'monitoring'"""));
    }

    [Theory]
    [InlineData("feature", "23.11.2026", "The date is \"23.11.2026\"; it must be a date such as 2026-11-23.")]
    [InlineData("feature", "2999-01-01", "it must not be after today")]
    [InlineData("lunch", "", "There is no pipeline \"lunch\"; there are feature, inference, training, monitoring, audit.")]
    public async Task Shows_why_a_request_is_invalid(string pipeline, string date, string problem)
    {
        using var admin = await site.NewAdminClient();
        var form = await Page(admin, "/pipelines");

        var response = await Post(admin, Token(form), ("pipeline", pipeline), ("date", date));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(problem, (await TitanicSite.ParsePage(response)).Text("#run-problem"), StringComparison.Ordinal);
    }

    private Task<long> Runs() => site.Database.QueryScalar<long>($"""select count(*) as "Value" from runs""");

    /// <summary>Polls the page of a run until it no longer refreshes, and returns it.</summary>
    private static async Task<IDocument> WaitForEnd(HttpClient client, string path)
    {
        HttpResponseMessage? response = null;
        await Eventually.True(async () =>
        {
            response = await client.GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return !(await response.Content.ReadAsStringAsync(Cancellation)).Contains("http-equiv=\"refresh\"", StringComparison.Ordinal);
        }, $"{path} has ended");
        return await TitanicSite.ParsePage(response!);
    }

    private static async Task<IDocument> Page(HttpClient client, string path) => await TitanicSite.ParsePage(await client.GetAsync(path, Cancellation));

    private static string Token(IParentNode form) => form.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;

    private static Task<HttpResponseMessage> Post(HttpClient client, string token, params (string Name, string Value)[] fields) =>
        client.PostAsync("/pipelines", new FormUrlEncodedContent(
            [new("__RequestVerificationToken", token), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]), Cancellation);
}
