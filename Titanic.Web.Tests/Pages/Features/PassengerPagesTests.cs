using System.Net;
using System.Text;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>The passenger list as of a commit, the history of one passenger, and the deletion.</summary>
public sealed class PassengerPagesTests(EmptySite site) : IClassFixture<EmptySite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_the_insertion_correction_and_deletion_of_a_passenger()
    {
        using var sender = await IngestionClient.Create(site);
        var first = IngestionClient.Number(await IngestionClient.ReadAccepted(sender.PostCsv("/api/passengers", IngestionClient.Header + "401,0,3,<b>Anna</b>,female,30,8\n")), "commitId");
        var second = IngestionClient.Number(await IngestionClient.ReadAccepted(sender.PostCsv("/api/passengers", IngestionClient.Header + "401,1,3,<b>Anna</b>,female,31,8\n")), "commitId");

        var then = await site.Get($"/features/passengers?asOf={first}&source=api");
        var now = await site.Get("/features/passengers?source=api");
        Assert.Equal(
            ["api/401", "<b>Anna</b>", "3rd", "female", "30 years", "£8", "died", $"commit {first}"], then.Rows("#passenger-list")[0]);
        Assert.Equal(
            ["api/401", "<b>Anna</b>", "3rd", "female", "31 years", "£8", "survived", $"commit {second}"], now.Rows("#passenger-list")[0]);
        Assert.Equal(["api/401", "updated", "Age: 30 years → 31 years Outcome: died → survived"], (await site.Get($"/features/commits/{second}")).Rows("#commit-changes")[0]);
        var age = (await site.Get($"/features/commits/{second}")).Rows("#commit-statistics")[2];
        Assert.Equal("Age, years age", age[0]);
        Assert.Matches(@"^[\d.]+ → [\d.]+$", age[3]);

        using var admin = await site.NewAdminClient();
        var page = await TitanicSite.ParsePage(await admin.GetAsync("/features/passengers/api/401", Cancellation));
        var stored = await site.Database.QueryScalar<DateTime>($"""select committed_at as "Value" from commits where commit_id = {second}""");
        Assert.Equal([[$"commit {second}", "now", "Age: 30 years → 31 years"], [$"commit {first}", $"commit {second}", "<b>Anna</b>, 3rd class, female, 30 years, fare £8"]], page.Rows("#version-list").Select(row => row.Take(3)));
        Assert.Equal(Format.UtcTime(stored, seconds: true), page.Rows("#version-list")[0][3]);
        Assert.Null((await site.Get("/features/passengers/api/401")).QuerySelector("#delete"));
        using var token = new FormUrlEncodedContent([new("__RequestVerificationToken", page.QuerySelector("#delete input")!.GetAttribute("value")!)]);
        var deleted = await admin.PostAsync("/features/passengers/api/401", token, Cancellation);

        Assert.Equal(HttpStatusCode.Redirect, deleted.StatusCode);
        var after = await site.Get("/features/passengers/api/401");
        Assert.Contains($"deleted by commit {second + 1} on 20", after.Text("#tombstone"), StringComparison.Ordinal);
        Assert.Equal($"/features/commits/{second + 1}", after.QuerySelector("#outcome-list td a")!.GetAttribute("href"));
        Assert.Equal(2, after.Rows("#version-list").Count);
        Assert.Equal("deleted", (await site.Get($"/features/commits/{second + 1}")).Rows("#commit-changes")[0][1]);
        Assert.DoesNotContain("api/401", (await site.Get("/features/passengers")).Text("main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Corrects_a_passenger_by_a_form()
    {
        using var sender = await IngestionClient.Create(site);
        var first = IngestionClient.Number(await IngestionClient.ReadAccepted(sender.PostCsv("/api/passengers", IngestionClient.Header + "431,,3,Gina,female,30,8\n")), "commitId");
        using var admin = await site.NewAdminClient();
        var form = await admin.GetPage("/features/passengers/api/431");

        var invalid = await (await admin.SubmitForm(form, "#correct", ("age", "121"), ("fare", "7,255"), ("name", "Gina B"))).ReadPage(HttpStatusCode.BadRequest);
        var corrected = await admin.FollowRedirect(await admin.SubmitForm(invalid, "#correct", ("age", "31.5"), ("fare", ""), ("survived", "1")));
        var outdated = await (await admin.SubmitForm(form, "#correct", ("age", "32"))).ReadPage(HttpStatusCode.Conflict);

        Assert.StartsWith(
            "The age is \"121\"; it must be a plain number between 0 and 120", invalid.Text("#age-error"), StringComparison.Ordinal);
        Assert.StartsWith("The fare is \"7,255\"", invalid.Text("#fare-error"), StringComparison.Ordinal);
        Assert.Equal("/features/passengers/api/431", invalid.QuerySelector("#delete form")!.GetAttribute("action"));
        Assert.Equal("Gina B", invalid.QuerySelector("#name")!.GetAttribute("value"));
        Assert.Equal([$"commit {first + 1}", "now", "Name: Gina → Gina B Age: 30 years → 31.5 years Fare: £8 → unknown"], corrected.Rows("#version-list")[0].Take(3));
        Assert.Equal("survived", corrected.Rows("#outcome-list")[0][2]);
        Assert.StartsWith(
            $"Commit {first + 1} changed the passenger meanwhile.", outdated.Text("#correction-problem"), StringComparison.Ordinal);
        Assert.Equal(1, await site.Database.QueryScalar<int>($"""select count(*)::int as "Value" from access.audit_log where what = 'correction requested' and subject = 'api/431'"""));
        Assert.Null((await site.Get("/features/passengers/api/431")).QuerySelector("#correct"));
    }

    [Fact]
    public async Task Pages_keep_the_point_in_time_and_neither_repeat_nor_skip_rows()
    {
        using var sender = await IngestionClient.Create(site);
        var rows = new StringBuilder(IngestionClient.Header);
        for (var id = 1001; id <= 1120; id++)
            rows.Append(id).Append(",1,1,Anna,female,30,80\n");
        var commit = IngestionClient.Number(await IngestionClient.ReadAccepted(sender.PostCsv("/api/passengers?source=upload", rows.ToString())), "commitId");
        await IngestionClient.ReadAccepted(sender.PostCsv("/api/passengers?source=upload", IngestionClient.Header + "1000,1,1,Late,female,30,80\n"));

        var seen = new List<string>();
        var path = $"/features/passengers?asOf={commit}&source=upload";
        while (path is not null)
        {
            var page = await site.Get(path);
            seen.AddRange(page.Rows("#passenger-list").Select(row => row[0]));
            path = page.QuerySelector("a[rel=next]")?.GetAttribute("href");
        }

        Assert.Equal(Enumerable.Range(1001, 120).Select(id => $"upload/{id}"), seen.Where(key => key.StartsWith("upload/1", StringComparison.Ordinal))); // other tests of this class store other passengers
    }

    [Theory]
    [InlineData("asOf=99999", "#asOf-error", "There is no commit 99999")]
    [InlineData("asOf=yesterday", "#asOf-error", "The point in time is \"yesterday\"")]
    [InlineData("source=moon", "#source-error", "There is no source \"moon\"; there are titanic3")]
    [InlineData("asOf=yesterday&source=moon", "#asOf-error", "The point in time is \"yesterday\"")]
    [InlineData("asOf=yesterday&source=moon", "#source-error", "There is no source \"moon\"; there are titanic3")]
    [InlineData("after=moon", "#after-error", "The parameter after is \"moon\"; it must be source/key, the key of the last passenger of the previous page.")]
    [InlineData("after=api%2F%00", "#after-error", "The parameter after is \"api/\\u0000\"; it must be source/key, the key of the last passenger of the previous page.")]
    public async Task Shows_an_error_at_the_invalid_field(string query, string selector, string message)
    {
        using var sender = await IngestionClient.Create(site);
        await IngestionClient.ReadAccepted(sender.PostCsv("/api/passengers", IngestionClient.Header + "402,0,3,Bert,male,30,8\n"));

        var page = await site.Get("/features/passengers?" + query, HttpStatusCode.BadRequest);

        Assert.StartsWith(message, page.Text(selector), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("key=411", "api/411 upload/411")]
    [InlineData("key=411&source=upload", "upload/411")]
    [InlineData("key=api%2F411", "api/411")]
    [InlineData("key=api%2F411&source=upload", "")]
    [InlineData("key=4", "")]
    [InlineData("key=%00", "")]
    public async Task Finds_one_passenger_by_the_key(string query, string found)
    {
        using var sender = await IngestionClient.Create(site);
        foreach (var source in (string[])["api", "upload"])
            await IngestionClient.ReadAccepted(sender.PostCsv($"/api/passengers?source={source}", IngestionClient.Header + "411,0,3,Emil,male,30,8\n"));

        var page = await site.Get("/features/passengers?" + query);

        Assert.Equal(found, string.Join(' ', page.Rows("#passenger-list").Select(row => row[0]).Order()));
    }

    /// <summary>U+202E reverses the text after it: "£8 ,sraey 03". Hebrew letters need no control character and stay unchanged.</summary>
    [Fact]
    public async Task Escapes_bidirectional_control_characters_in_names()
    {
        using var sender = await IngestionClient.Create(site);
        var commit = IngestionClient.Number(await IngestionClient.ReadAccepted(sender.PostCsv("/api/passengers", IngestionClient.Header + "421,0,3,\u202Eexe.\u05D0\u05D1\u2069,female,30,8\n")), "commitId");

        foreach (var path in (string[])["/features/passengers?key=421", "/features/passengers/api/421", $"/features/commits/{commit}"])
        {
            var page = await site.Get(path);
            Assert.DoesNotContain('\u202E', page.Text("main"));
            Assert.All(page.QuerySelectorAll("bdi"), name => Assert.Equal("\\u202Eexe.\u05D0\u05D1\\u2069", name.TextContent));
            Assert.NotEmpty(page.QuerySelectorAll("bdi"));
        }
    }

    [Fact]
    public async Task Redirects_a_visitor_to_the_sign_in_page_and_deletes_nothing()
    {
        using var sender = await IngestionClient.Create(site);
        await IngestionClient.ReadAccepted(sender.PostCsv("/api/passengers", IngestionClient.Header + "403,0,3,Carl,male,30,8\n"));
        var form = await site.Get("/login");
        using var token = new FormUrlEncodedContent([new("__RequestVerificationToken", form.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!)]);

        var response = await site.Client.PostAsync("/features/passengers/api/403", token, Cancellation);

        Assert.Equal((HttpStatusCode.Redirect, "/login"), (response.StatusCode, response.Headers.Location!.AbsolutePath));
        Assert.Null((await site.Get("/features/passengers/api/403")).QuerySelector("#tombstone"));
    }
}
