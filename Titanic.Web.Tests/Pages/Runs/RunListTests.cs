using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Access;
using Titanic.Web.Pipelines;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Pages.Runs;

/// <summary>The list of runs, on the page and in the API, and runs that are repeated.</summary>
public sealed class RunListTests(RunListTests.Site site) : IClassFixture<RunListTests.Site>, IAsyncLifetime
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await site.AddRunsOnce();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Page_and_api_list_the_same_runs_by_each_filter()
    {
        (string Query, string Expected)[] cases =
        [
            ("", "5 4 3 2 1"), ("?pipeline=training", "4 2"), ("?status=failed", "4"), ("?trigger=upload", "5"), ("?kind=upload", "5 3"), ("?kind=pipeline", "4 2 1"),
            ("?date=2026-03-02", "5 4"), ("?search=DISK", "4"), ("?search=100%25", "3"), ("?search=_", ""), ("?pipeline=training&status=succeeded", "2"), ("?before=3", "2 1"),
        ];
        using var admin = await site.NewAdminClient();
        foreach (var (filter, expected) in cases)
        {
            // Without the runs that the other test queues.
            var query = filter.Contains("before", StringComparison.Ordinal) ? filter : $"{(filter.Length == 0 ? "?" : $"{filter}&")}before=6";
            Assert.Equal(expected, string.Join(' ', (await admin.GetPage($"/runs{query}")).Rows("#run-list").Select(row => row[0].Split(' ')[1])));
            Assert.Equal(expected, string.Join(' ', (await admin.GetFromJsonAsync<JsonElement>($"/api/runs{query}", Cancellation)).GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("runId").GetInt64())));
        }
        Assert.Equal("The disk is full.", (await admin.GetPage("/runs?status=failed&before=6")).Rows("#run-list").Single()[^1]);

        Assert.DoesNotContain("The disk is full.", (await site.Get("/runs?status=failed&before=6")).Rows("#run-list").Single()[^1], StringComparison.Ordinal);
        Assert.Empty((await List("?search=DISK&before=6")).GetProperty("runs").EnumerateArray());
    }

    [Fact]
    public async Task The_api_has_pages_and_names_invalid_parameters()
    {
        var first = await List("?kind=pipeline&limit=2&before=6");
        Assert.Equal("/api/runs?kind=pipeline&limit=2&before=2", first.GetProperty("next").GetString());
        Assert.Equal(JsonValueKind.Null, (await List("?kind=pipeline&limit=2&before=2")).GetProperty("next").ValueKind);

        var problem = await Detail(site.Client.GetAsync("/api/runs?status=broken", Cancellation), HttpStatusCode.BadRequest);
        Assert.Equal("The parameter status is \"broken\"; it must be queued, running, succeeded, failed, skipped, cancelled or interrupted.", problem);
        var page = await site.Get("/runs?date=yesterday", HttpStatusCode.BadRequest);
        Assert.Contains("The parameter date is \"yesterday\"; it must be a date such as 2026-11-23.", page.Text("#filter"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_repeats_a_run_with_the_same_parameters()
    {
        using var admin = await site.NewAdminClient();
        Assert.Empty((await site.Get("/runs/4")).QuerySelectorAll("#rerun"));
        Assert.Empty((await admin.GetPage("/runs/3")).QuerySelectorAll("#rerun"));

        var page = await admin.FollowRedirect(await admin.SubmitForm(await admin.GetPage("/runs/4"), "#rerun"));

        Assert.Matches(@"^Run 4 is repeated as run \d+\.$", page.Text("#message"));
        var repeated = await site.Last();
        Assert.Equal(("training", new DateOnly(2026, 3, 2), RunTrigger.Button), (repeated.Pipeline, repeated.LogicalDate, repeated.Trigger));
        Assert.Equal(1, await site.Database.QueryScalar<int>($"""select count(*)::int as "Value" from access.audit_log where what = 'run requested' and details = 'training for 2026-03-02, run 4 again'"""));

        using var key = await IngestionClient.Create(site, ApiKeyScope.Operate);
        using var accepted = await key.Http.PostAsync("/api/runs/4/rerun", null, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal((await accepted.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("runId").GetInt64(), (await site.Last()).RunId);
        Assert.Equal(
            "Run 3 read data that came with a request and are not stored. Send the request again.",
            await Detail(key.Http.PostAsync("/api/runs/3/rerun", null, Cancellation), HttpStatusCode.Conflict));
        Assert.Equal(HttpStatusCode.NotFound, (await key.Http.PostAsync("/api/runs/999/rerun", null, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await site.Client.PostAsync("/api/runs/4/rerun", null, Cancellation)).StatusCode);
    }

    private Task<JsonElement> List(string query) => site.Client.GetFromJsonAsync<JsonElement>($"/api/runs{query}", Cancellation);

    private static async Task<string> Detail(Task<HttpResponseMessage> request, HttpStatusCode status) =>
        (await IngestionClient.ReadProblem(request, status)).GetProperty("detail").GetString()!;

    /// <summary>A site with five runs, and those that a test queues.</summary>
    public sealed class Site(TestPostgres postgres) : TitanicSite(postgres, ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"))
    {
        public async Task AddRunsOnce()
        {
            await using var db = Database.NewContext();
            if (db.Runs.Any())
                return;
            Run[] runs =
            [
                New("feature", RunStatus.Succeeded, RunTrigger.Bootstrap, backfill: RunRequest.BundledDataset),
                New("training", RunStatus.Succeeded, RunTrigger.Schedule, day: 1),
                New("feature", RunStatus.Succeeded, RunTrigger.Api, backfill: "100% of a list", isConcurrent: true),
                New("training", RunStatus.Failed, RunTrigger.Schedule, day: 2, error: "the disk is full.\nat Write()"),
                New("inference", RunStatus.Succeeded, RunTrigger.Upload, day: 2),
            ];
            foreach (var run in runs)
            {
                db.Runs.Add(run);
                await db.SaveChangesAsync(Cancellation); // one by one, in this order
            }
        }

        public async Task<Run> Last()
        {
            await using var db = Database.NewContext();
            return db.Runs.OrderByDescending(run => run.RunId).First();
        }

        private static Run New(string pipeline, RunStatus status, RunTrigger trigger, int? day = null, string? backfill = null, bool isConcurrent = false, string? error = null) => new()
        {
            Pipeline = pipeline,
            Status = status,
            Trigger = trigger,
            LogicalDate = day is { } number ? new DateOnly(2026, 3, number) : null,
            Backfill = backfill,
            IsConcurrent = isConcurrent,
            Error = error,
            CodeVersion = "test",
            QueuedAt = DateTimeOffset.UnixEpoch,
        };
    }
}
