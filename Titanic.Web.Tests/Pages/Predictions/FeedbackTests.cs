using System.Net;
using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages.Predictions;

/// <summary>Feedback on the Predict page and on the prediction details, and the feedback list of the administrator.</summary>
public sealed class FeedbackTests(ModelSite site, TestBrowser browser) : IClassFixture<ModelSite>
{
    private const string PredictionUrl = "/?pclass=3&sex=male&age=22&fare=7.25";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_scripts_feedback_is_confirmed_on_the_prediction_details_and_can_be_changed()
    {
        using var visitor = site.NewClient();
        var response = await visitor.GetPage(PredictionUrl);
        var submitted = await visitor.SubmitForm(response, "#feedback form", ("note", "He was <b>my</b> uncle."), ("kind", "wrong"));

        Assert.Matches("^/predictions/[0-9]+#feedback$", submitted.Headers.Location!.OriginalString);
        var details = await visitor.FollowRedirect(submitted);
        Assert.Equal("Thank you. Your feedback: wrong. He was <b>my</b> uncle.", details.Text("#feedback-given"));
        Assert.Equal("Change feedback", details.Text("#feedback summary"));
        var changed = await visitor.FollowRedirect(await visitor.SubmitForm(details, "#feedback form", ("note", ""), ("kind", "odd")));

        Assert.Equal("Thank you. Your feedback: unexpected.", changed.Text("#feedback-given"));
        Assert.Equal(
            "odd ", await ReadFeedback(long.Parse(new Uri(changed.Url).Segments[^1], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task With_scripts_feedback_is_submitted_without_leaving_the_page()
    {
        var page = await browser.NewPage(site.BaseAddress);
        await page.GotoAsync(PredictionUrl);
        var receipt = await page.GetAttributeAsync("#prediction a[href^='/predictions/']", "href");
        await page.GetByRole(AriaRole.Button, new() { Name = "Correct" }).ClickAsync();

        await Assertions.Expect(page.Locator("#feedback-given")).ToBeFocusedAsync();
        Assert.EndsWith(PredictionUrl, page.Url, StringComparison.Ordinal);
        Assert.Equal(
            "correct ", await ReadFeedback(long.Parse(receipt!.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture)));
        await page.ClickAsync("text=Change feedback");
        await page.GetByRole(AriaRole.Button, new() { Name = "Unexpected" }).ClickAsync();
        await Assertions.Expect(page.Locator("#feedback-given")).ToHaveTextAsync("Thank you. Your feedback: unexpected.", new() { UseInnerText = true });
        await PageView.All[0].ExpectNoViolations(page, "predict-feedback");
        await page.CloseAsync();
    }

    [Fact]
    public async Task Keeps_rejected_feedback_in_the_form()
    {
        using var visitor = site.NewClient();
        var receipt = await FindReceiptUrl(visitor);

        var response = await Post(visitor, receipt, ("kind", "odd"), ("note", new string('n', 301)));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var page = await TitanicSite.ParsePage(response);
        Assert.Equal("The comment has 301 characters; it must have 0 to 300.", page.Text("#feedback [role=alert]"));
        Assert.Equal(new string('n', 301), page.Text("#feedback-note"));
    }

    [Fact]
    public async Task Rejects_feedback_without_antiforgery_token()
    {
        var receipt = await FindReceiptUrl(site.Client);

        var response = await site.Client.PostAsync(receipt + "?handler=feedback", new FormUrlEncodedContent([new("kind", "odd")]), Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Feedback_is_visible_only_to_its_author_and_operators()
    {
        using var one = site.NewClient();
        using var other = site.NewClient();
        var receipt = await FindReceiptUrl(one);
        await Post(one, receipt, ("kind", "odd"), ("note", "only for operators"));

        Assert.Contains("only for operators", await one.GetStringAsync(receipt, Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain("only for operators", await other.GetStringAsync(receipt, Cancellation), StringComparison.Ordinal);
        Assert.Equal("/login", (await other.GetAsync("/predictions/feedback", Cancellation)).Headers.Location?.AbsolutePath);
        Assert.Equal("/login", (await other.GetAsync("/predictions/feedback/csv", Cancellation)).Headers.Location?.AbsolutePath);
        Assert.Null((await site.Get("/monitoring")).QuerySelector("#feedback-counts"));
    }

    [Fact]
    public async Task The_administrator_lists_filters_downloads_and_deletes_feedback()
    {
        using var visitor = site.NewClient();
        var receipt = await FindReceiptUrl(visitor);
        await Post(visitor, receipt, ("kind", "odd"), ("note", "=cmd <script>alert(1)</script>"));
        using var admin = await site.NewAdminClient();

        var list = await Page(admin, "/predictions/feedback?kind=odd");
        var row = list.QuerySelectorAll("#feedback-list tbody tr").First(row => row.QuerySelector("a")!.GetAttribute("href") == receipt);
        Assert.Contains("=cmd <script>alert(1)</script>", row.NormalizedText(), StringComparison.Ordinal);
        Assert.Null(row.QuerySelector("script"));
        Assert.All(list.Rows("#feedback-list"), cells => Assert.Equal("unexpected", cells[1]));
        Assert.Equal($"unexpected {await Count("odd")}", list.Text("#kinds [aria-current]"));
        var csv = await admin.GetStringAsync("/predictions/feedback/csv?kind=odd", Cancellation);
        Assert.Contains($",{receipt.Split('/')[^1]},odd,'=cmd <script>alert(1)</script>,anonymous,", csv, StringComparison.Ordinal);

        var id = row.QuerySelector("input[name=id]")!.GetAttribute("value")!;
        var token = row.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        var deleted = await admin.PostAsync(
            "/predictions/feedback?handler=delete", new FormUrlEncodedContent([new("id", id), new("kind", "odd"), new("before", ""), new("__RequestVerificationToken", token)]), Cancellation);

        Assert.Equal("/predictions/feedback?kind=odd", deleted.Headers.Location?.OriginalString);
        Assert.Equal("", await ReadFeedback(long.Parse(receipt.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(TitanicSite.AdminEmail, await site.Database.QueryScalar<string>($"""select who as "Value" from access.audit_log where what = 'feedback deleted' and subject = {"feedback " + id}"""));
    }

    [Fact]
    public async Task The_dashboard_of_the_administrator_counts_feedback()
    {
        using var visitor = site.NewClient();
        await Post(visitor, await FindReceiptUrl(visitor), ("kind", "wrong"), ("note", ""));
        using var admin = await site.NewAdminClient();

        var counts = (await Page(admin, "/monitoring")).QuerySelector("#feedback-counts")!;

        Assert.Equal(await Count("wrong"), long.Parse(counts.QuerySelector("a[href='/predictions/feedback?kind=wrong']")!.NormalizedText(), System.Globalization.CultureInfo.InvariantCulture));
        Assert.NotNull((await Page(admin, "/predictions")).QuerySelector("a[href='/predictions/feedback']"));
    }

    [Theory]
    [InlineData("kind=bad", "The kind is \"bad\"; it must be correct, wrong or odd.")]
    [InlineData("before=soon", "The parameter before is \"soon\"; it must be a whole number.")]
    public async Task Rejects_invalid_query_parameters(string query, string message)
    {
        using var admin = await site.NewAdminClient();

        var response = await admin.GetAsync($"/predictions/feedback?{query}", Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(message, (await TitanicSite.ParsePage(response)).Text("[role=alert]"));
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.GetAsync($"/predictions/feedback/csv?{query}", Cancellation)).StatusCode);
    }

    /// <summary>Makes a prediction and returns the URL of its details; the client gets the antiforgery cookie of the form.</summary>
    private static async Task<string> FindReceiptUrl(HttpClient visitor)
    {
        var response = await Page(visitor, PredictionUrl);
        return response.QuerySelector("#prediction a[href^='/predictions/']")!.GetAttribute("href")!;
    }

    private static async Task<HttpResponseMessage> Post(HttpClient visitor, string receipt, params (string Name, string Value)[] fields)
    {
        var token = (await Page(visitor, receipt)).QuerySelector("#feedback input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        return await visitor.PostAsync(
            receipt + "?handler=feedback",
            new FormUrlEncodedContent([.. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)), new("__RequestVerificationToken", token)]), Cancellation);
    }

    private static async Task<AngleSharp.Dom.IDocument> Page(HttpClient client, string path) => await TitanicSite.ParsePage(await client.GetAsync(path, Cancellation));

    /// <summary>"kind note" of all feedback on a prediction.</summary>
    private Task<string> ReadFeedback(long prediction) => site.Database.QueryScalar<string>(
        $"""select coalesce(string_agg(kind || ' ' || coalesce(note, ''), ', ' order by feedback_id), '') as "Value" from prediction_feedback where prediction_id = {prediction}""");

    private Task<long> Count(string kind) => site.Database.QueryScalar<long>($"""select count(*) as "Value" from prediction_feedback where kind = {kind}""");
}
