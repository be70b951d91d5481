using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Access;
using Titanic.Web.Pipelines;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Pages.Pipelines;

/// <summary>The calendar, and runs for a range of dates: on the pages and in the API, with a real worker.</summary>
public sealed class RunRangeTests(RunRangeTests.RangeSite site) : IClassFixture<RunRangeTests.RangeSite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow);

    private static string From => Format.Date(Today.AddDays(-3));

    private static string Yesterday => Format.Date(Today.AddDays(-1));

    [Fact]
    public async Task An_operator_lists_the_missing_runs_and_queues_them()
    {
        await site.AddRunsOnce();
        using var admin = await site.NewAdminClient();
        var calendar = await admin.GetPage($"/pipelines?days=3&to={Yesterday}");
        Assert.Equal(
            [$"{Yesterday} missed – – – –", $"{Format.Date(Today.AddDays(-2))} failed – – – –", $"{From} done – – – –"],
            calendar.Rows("#run-calendar").Select(row => string.Join(' ', row)));
        Assert.StartsWith("2 runs missing (missed, failed or skipped)", calendar.Text("#calendar-summary"), StringComparison.Ordinal);

        var plan = await admin.GetPage(calendar.QuerySelector("#calendar-summary a")!.GetAttribute("href")!);
        Assert.Equal(
            [$"{Format.Date(Today.AddDays(-2))} feature (failed)", $"{Yesterday} feature (missed)"], plan.Rows("#planned-runs").Select(row => string.Join(' ', row)));
        var response = await admin.SubmitForm(plan, "#run-range");

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        await Eventually.True(
            async () => await site.Database.QueryScalar<int>($"""select count(*)::int as "Value" from runs where trigger = 'Button' and status = 'Succeeded'""") == 2, "both runs have succeeded");
        var done = await admin.GetPage($"/pipelines?days=3&to={Yesterday}");
        Assert.All(done.Rows("#run-calendar"), row => Assert.StartsWith("done", row[1], StringComparison.Ordinal));
        Assert.StartsWith("No run is missing", done.Text("#calendar-summary"), StringComparison.Ordinal);
        Assert.Equal(1, await site.Database.QueryScalar<int>($"""select count(*)::int as "Value" from access.audit_log where what = 'runs requested'"""));
    }

    [Fact]
    public async Task The_api_shows_the_calendar_and_lists_runs_without_queuing_them()
    {
        await site.AddRunsOnce();
        var calendar = await site.Client.GetFromJsonAsync<JsonElement>($"/api/runs/calendar?from={From}&to={From}", Cancellation);
        var cell = calendar.GetProperty("days")[0].GetProperty("pipelines")[0];
        Assert.Equal(("feature", "done", 1), (cell.GetProperty("pipeline").GetString(), cell.GetProperty("state").GetString(), cell.GetProperty("runId").GetInt64()));

        using var key = await IngestionClient.Create(site, ApiKeyScope.Operate);
        using var response = await key.Http.PostAsJsonAsync("/api/runs/range", new { from = From, to = From, pipelines = new[] { "feature" }, onlyMissing = false, dryRun = true }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var run = (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("runs").EnumerateArray().Single();
        Assert.Equal((From, "done", JsonValueKind.Null), (run.GetProperty("date").GetString(), run.GetProperty("state").GetString(), run.GetProperty("runId").ValueKind));
        Assert.Equal(0, await site.Database.QueryScalar<int>($"""select count(*)::int as "Value" from runs where trigger = 'Api'"""));
    }

    [Theory]
    [InlineData("/api/runs/calendar?from=2026-01-02&to=2026-01-01", "The last date is 2026-01-01; it must not be before the first date, 2026-01-02.")]
    [InlineData("/api/runs/calendar?from=2001-01-01&to=2026-01-01", "2001-01-01 to 2026-01-01 are 9,132 days; there must be at most 3,660.")]
    public async Task The_api_names_an_invalid_range(string path, string error)
    {
        using var response = await site.Client.GetAsync(path, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(error, (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("/pipelines?days=0")]
    [InlineData("/pipelines?days=ten")]
    [InlineData("/pipelines?to=yesterday")]
    public async Task The_page_names_an_invalid_query_and_shows_the_default_calendar(string path)
    {
        var page = await site.Get(path, HttpStatusCode.BadRequest);

        Assert.StartsWith("The days must be a whole number between 1 and 3,660", page.Text("#calendar-problem"), StringComparison.Ordinal);
        Assert.Equal(14, page.Rows("#run-calendar").Count);
    }

    [Fact]
    public async Task Visitors_see_the_calendar_and_cannot_queue_runs()
    {
        Assert.Null((await site.Get("/pipelines")).QuerySelector("#calendar-summary a"));
        using var page = await site.Client.GetAsync("/pipelines/range", Cancellation);
        Assert.Equal("/login", page.Headers.Location?.AbsolutePath);
        using var api = await site.Client.PostAsJsonAsync("/api/runs/range", new { from = From }, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
    }

    /// <summary>A feature run that succeeded three days ago, one that failed the day before yesterday, and none of yesterday.</summary>
    public sealed class RangeSite(TestPostgres postgres) : TitanicSite(postgres, ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"), ("Schedule:Feature", "0 0 * * *"))
    {
        public async Task AddRunsOnce()
        {
            await using var db = Database.NewContext();
            if (db.Runs.Any())
                return;
            foreach (var (day, status) in ((int, RunStatus)[])[(-3, RunStatus.Succeeded), (-2, RunStatus.Failed)])
            {
                db.Runs.Add(new Run
                {
                    Pipeline = PipelineNames.Feature,
                    Status = status,
                    Trigger = RunTrigger.Schedule,
                    LogicalDate = Today.AddDays(day),
                    CodeVersion = "test",
                    QueuedAt = DateTimeOffset.UnixEpoch,
                });
                await db.SaveChangesAsync(Cancellation); // one by one, in this order
            }
        }
    }
}
