using System.Net;
using System.Text;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>Browsing through history, one passenger's versions, and the deletion.</summary>
public sealed class PassengerPagesTests(EmptySite site) : IClassFixture<EmptySite>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_how_a_passenger_came_was_corrected_and_was_deleted()
    {
        using var sender = await Sender.To(site);
        var first = Sender.Number(await Sender.Taken(sender.Csv("/api/passengers", Sender.Header + "401,0,3,<b>Anna</b>,female,30,8\n")), "commitId");
        var second = Sender.Number(await Sender.Taken(sender.Csv("/api/passengers", Sender.Header + "401,1,3,<b>Anna</b>,female,31,8\n")), "commitId");

        var then = await site.Get($"/features/passengers?asOf={first}&source=api");
        var now = await site.Get("/features/passengers?source=api");
        Assert.Equal(["api/401", "<b>Anna</b>", "3", "female", "30", "£8", "died", $"commit {first}"], then.Rows("#passenger-list")[0]);
        Assert.Equal(["api/401", "<b>Anna</b>", "3", "female", "31", "£8", "survived", $"commit {second}"], now.Rows("#passenger-list")[0]);
        Assert.Equal(["api/401", "updated", "Age: 30 years → 31 years Outcome: died → survived"], (await site.Get($"/features/commits/{second}")).Rows("#commit-changes")[0]);
        var age = (await site.Get($"/features/commits/{second}")).Rows("#commit-statistics")[2];
        Assert.Equal("age", age[0]);
        Assert.Matches(@"^[\d.]+ → [\d.]+$", age[3]);

        using var admin = await site.NewAdminClient();
        var page = await TitanicSite.Page(await admin.GetAsync("/features/passengers/api/401", Cancelled));
        Assert.Equal([[$"commit {second}", "now", "Age: 30 years → 31 years"], [$"commit {first}", $"commit {second}", "<b>Anna</b>, female, class 3, 30 years, £8"]], page.Rows("#version-list"));
        Assert.Null((await site.Get("/features/passengers/api/401")).QuerySelector("#delete"));
        using var token = new FormUrlEncodedContent([new("__RequestVerificationToken", page.QuerySelector("#delete input")!.GetAttribute("value")!)]);
        var deleted = await admin.PostAsync("/features/passengers/api/401", token, Cancelled);

        Assert.Equal(HttpStatusCode.Redirect, deleted.StatusCode);
        var after = await site.Get("/features/passengers/api/401");
        Assert.Contains($"deleted by commit {second + 1}", after.Text("#tombstone"), StringComparison.Ordinal);
        Assert.Equal(2, after.Rows("#version-list").Count);
        Assert.Equal("deleted", (await site.Get($"/features/commits/{second + 1}")).Rows("#commit-changes")[0][1]);
        Assert.DoesNotContain("api/401", (await site.Get("/features/passengers")).Text("main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_fit_together_and_keep_the_point_of_history()
    {
        using var sender = await Sender.To(site);
        var rows = new StringBuilder(Sender.Header);
        for (var id = 1001; id <= 1120; id++)
            rows.Append(id).Append(",1,1,Anna,female,30,80\n");
        var commit = Sender.Number(await Sender.Taken(sender.Csv("/api/passengers?source=upload", rows.ToString())), "commitId");
        await Sender.Taken(sender.Csv("/api/passengers?source=upload", Sender.Header + "1000,1,1,Late,female,30,80\n"));

        var seen = new List<string>();
        var path = $"/features/passengers?asOf={commit}&source=upload";
        while (path is not null)
        {
            var page = await site.Get(path);
            seen.AddRange(page.Rows("#passenger-list").Select(row => row[0]));
            path = page.QuerySelector("a[rel=next]")?.GetAttribute("href");
        }

        Assert.Equal(Enumerable.Range(1001, 120).Select(id => $"upload/{id}"), seen);
    }

    [Theory]
    [InlineData("asOf=99999", "There is no commit 99999")]
    [InlineData("asOf=yesterday", "As of 'yesterday' cannot be read")]
    [InlineData("source=moon", "There is no source \"moon\"")]
    [InlineData("after=api/%00", "The place ")]
    public async Task A_point_of_history_that_is_none_is_refused_with_a_sentence(string query, string sentence)
    {
        using var sender = await Sender.To(site);
        await Sender.Taken(sender.Csv("/api/passengers", Sender.Header + "402,0,3,Bert,male,30,8\n"));

        var page = await site.Get("/features/passengers?" + query, HttpStatusCode.BadRequest);

        Assert.StartsWith(sentence, page.Text("#as-of-problem"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_visitor_deletes_nobody()
    {
        using var sender = await Sender.To(site);
        await Sender.Taken(sender.Csv("/api/passengers", Sender.Header + "403,0,3,Carl,male,30,8\n"));
        var form = await site.Get("/login");
        using var token = new FormUrlEncodedContent([new("__RequestVerificationToken", form.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!)]);

        var answer = await site.Client.PostAsync("/features/passengers/api/403", token, Cancelled);

        Assert.Equal((HttpStatusCode.Redirect, "/login"), (answer.StatusCode, answer.Headers.Location!.AbsolutePath));
        Assert.Null((await site.Get("/features/passengers/api/403")).QuerySelector("#tombstone"));
    }
}
