using System.Net;
using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages.Predictions;

/// <summary>What a reader says below an answer and on its receipt, and what the administrator sees of it.</summary>
public sealed class FeedbackTests(ModelSite site, TestBrowser browser) : IClassFixture<ModelSite>
{
    private const string Question = "/?pclass=3&sex=male&age=22&fare=7.25";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reader_without_scripts_is_thanked_on_the_receipt_and_may_say_something_else()
    {
        using var visitor = site.NewClient();
        var answer = await visitor.Open(Question);
        var given = await visitor.Submit(answer, "#feedback form", ("note", "He was <b>my</b> uncle."), ("kind", "wrong"));

        Assert.Matches("^/predictions/[0-9]+#feedback$", given.Headers.Location!.OriginalString);
        var details = await visitor.Follow(given);
        Assert.Equal("Thank you. You said wrong: He was <b>my</b> uncle.", details.Text("#feedback-given"));
        Assert.Equal("Say something else", details.Text("#feedback summary"));
        var changed = await visitor.Follow(await visitor.Submit(details, "#feedback form", ("note", ""), ("kind", "odd")));

        Assert.Equal("Thank you. You said odd.", changed.Text("#feedback-given"));
        Assert.Equal("odd ", await Said(long.Parse(new Uri(changed.Url).Segments[^1], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_reader_with_scripts_stays_where_the_question_is()
    {
        var page = await browser.NewPage(site.BaseAddress);
        await page.GotoAsync(Question);
        var receipt = await page.GetAttributeAsync("#answer a[href^='/predictions/']", "href");
        await page.GetByRole(AriaRole.Button, new() { Name = "Correct" }).ClickAsync();

        await Assertions.Expect(page.Locator("#feedback-given")).ToBeFocusedAsync();
        Assert.EndsWith(Question, page.Url, StringComparison.Ordinal);
        Assert.Equal("correct ", await Said(long.Parse(receipt!.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture)));
        await page.ClickAsync("text=Say something else");
        await page.GetByRole(AriaRole.Button, new() { Name = "Odd" }).ClickAsync();
        await Assertions.Expect(page.Locator("#feedback-given")).ToHaveTextAsync("Thank you. You said odd.", new() { UseInnerText = true });
        await PageView.All[0].ExpectNoViolations(page, "predict-feedback");
        await page.CloseAsync();
    }

    [Fact]
    public async Task What_cannot_be_kept_stays_in_the_form()
    {
        using var visitor = site.NewClient();
        var receipt = await Receipt(visitor);

        var answer = await Post(visitor, receipt, ("kind", "odd"), ("note", new string('n', 301)));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var page = await TitanicSite.Page(answer);
        Assert.Equal("The note has 301 characters; it must have 0 to 300.", page.Text("#feedback [role=alert]"));
        Assert.Equal(new string('n', 301), page.Text("#feedback-note"));
    }

    [Fact]
    public async Task A_form_of_another_site_is_refused()
    {
        var receipt = await Receipt(site.Client);

        var answer = await site.Client.PostAsync(receipt + "?handler=feedback", new FormUrlEncodedContent([new("kind", "odd")]), Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Nobody_sees_the_word_of_another()
    {
        using var one = site.NewClient();
        using var other = site.NewClient();
        var receipt = await Receipt(one);
        await Post(one, receipt, ("kind", "odd"), ("note", "only for operators"));

        Assert.Contains("only for operators", await one.GetStringAsync(receipt, Cancelled), StringComparison.Ordinal);
        Assert.DoesNotContain("only for operators", await other.GetStringAsync(receipt, Cancelled), StringComparison.Ordinal);
        Assert.Equal("/login", (await other.GetAsync("/predictions/feedback", Cancelled)).Headers.Location?.AbsolutePath);
        Assert.Equal("/login", (await other.GetAsync("/predictions/feedback/csv", Cancelled)).Headers.Location?.AbsolutePath);
        Assert.Null((await site.Get("/monitoring")).QuerySelector("#feedback-counts"));
    }

    [Fact]
    public async Task The_administrator_reads_filters_takes_along_and_deletes()
    {
        using var visitor = site.NewClient();
        var receipt = await Receipt(visitor);
        await Post(visitor, receipt, ("kind", "odd"), ("note", "=cmd <script>alert(1)</script>"));
        using var admin = await site.NewAdminClient();

        var list = await Page(admin, "/predictions/feedback?kind=odd");
        var row = list.QuerySelectorAll("#feedback-list tbody tr").First(row => row.QuerySelector("a")!.GetAttribute("href") == receipt);
        Assert.Contains("=cmd <script>alert(1)</script>", row.Said(), StringComparison.Ordinal);
        Assert.Null(row.QuerySelector("script"));
        Assert.All(list.Rows("#feedback-list"), cells => Assert.Equal("odd", cells[1]));
        Assert.Equal($"odd {await Count("odd")}", list.Text("#kinds [aria-current]"));
        var csv = await admin.GetStringAsync("/predictions/feedback/csv?kind=odd", Cancelled);
        Assert.Contains($",{receipt.Split('/')[^1]},odd,'=cmd <script>alert(1)</script>,anonymous,", csv, StringComparison.Ordinal);

        var id = row.QuerySelector("input[name=id]")!.GetAttribute("value")!;
        var token = row.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        var deleted = await admin.PostAsync(
            "/predictions/feedback?handler=delete", new FormUrlEncodedContent([new("id", id), new("kind", "odd"), new("before", ""), new("__RequestVerificationToken", token)]), Cancelled);

        Assert.Equal("/predictions/feedback?kind=odd", deleted.Headers.Location?.OriginalString);
        Assert.Equal("", await Said(long.Parse(receipt.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(TitanicSite.AdminEmail, await site.Database.Ask<string>($"""select who as "Value" from access.audit_log where what = 'feedback deleted' and subject = {"feedback " + id}"""));
    }

    [Fact]
    public async Task The_administrators_dashboard_counts_what_was_said()
    {
        using var visitor = site.NewClient();
        await Post(visitor, await Receipt(visitor), ("kind", "wrong"), ("note", ""));
        using var admin = await site.NewAdminClient();

        var counts = (await Page(admin, "/monitoring")).QuerySelector("#feedback-counts")!;

        Assert.Equal(await Count("wrong"), long.Parse(counts.QuerySelector("a[href='/predictions/feedback?kind=wrong']")!.Said(), System.Globalization.CultureInfo.InvariantCulture));
        Assert.NotNull((await Page(admin, "/predictions")).QuerySelector("a[href='/predictions/feedback']"));
    }

    [Theory]
    [InlineData("kind=bad", "The kind is \"bad\"; it must be correct, wrong or odd.")]
    [InlineData("before=soon", "The part \"before\" must be the number of a feedback.")]
    public async Task An_address_that_cannot_be_understood_is_told(string query, string said)
    {
        using var admin = await site.NewAdminClient();

        var answer = await admin.GetAsync($"/predictions/feedback?{query}", Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(said, (await TitanicSite.Page(answer)).Text("[role=alert]"));
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.GetAsync($"/predictions/feedback/csv?{query}", Cancelled)).StatusCode);
    }

    /// <summary>A receipt's address, and the cookie that its form goes with.</summary>
    private static async Task<string> Receipt(HttpClient visitor)
    {
        var answer = await Page(visitor, Question);
        return answer.QuerySelector("#answer a[href^='/predictions/']")!.GetAttribute("href")!;
    }

    private static async Task<HttpResponseMessage> Post(HttpClient visitor, string receipt, params (string Name, string Value)[] fields)
    {
        var token = (await Page(visitor, receipt)).QuerySelector("#feedback input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        return await visitor.PostAsync(
            receipt + "?handler=feedback",
            new FormUrlEncodedContent([.. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)), new("__RequestVerificationToken", token)]), Cancelled);
    }

    private static async Task<AngleSharp.Dom.IDocument> Page(HttpClient client, string path) => await TitanicSite.Page(await client.GetAsync(path, Cancelled));

    /// <summary>"kind note" of all that was said of an answer.</summary>
    private Task<string> Said(long prediction) => site.Database.Ask<string>(
        $"""select coalesce(string_agg(kind || ' ' || coalesce(note, ''), ', ' order by feedback_id), '') as "Value" from prediction_feedback where prediction_id = {prediction}""");

    private Task<long> Count(string kind) => site.Database.Ask<long>($"""select count(*) as "Value" from prediction_feedback where kind = {kind}""");
}
