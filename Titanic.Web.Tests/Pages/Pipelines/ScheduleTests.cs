using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pages.Pipelines;

/// <summary>The page of a schedule and the API, on a site with real HTTP.</summary>
public sealed class ScheduleTests(ScheduleTests.ScheduleSite site, PageChecks checks) : IClassFixture<ScheduleTests.ScheduleSite>, IClassFixture<PageChecks>
{
    private const string Path = "/pipelines/schedules/feature", Reason = "The source <b>is</b> being repaired.";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Previews_and_saves_a_schedule_without_scripts()
    {
        await site.Reset();
        using var admin = await site.NewAdminClient();

        var page = await (await Submit(admin, await admin.GetPage(Path), "Preview", ("cron", " 0 6 * *  MON "), ("deadlineMinutes", ""))).ReadPage();
        Assert.StartsWith("Preview, not saved: At 06:00, on Monday (UTC). Next scheduled times:", page.Text("#preview"), StringComparison.Ordinal);
        Assert.Equal(3, page.QuerySelectorAll("#preview time[data-local]").Length);
        Assert.Equal(0L, await site.Count("schedules"));

        page = await admin.FollowRedirect(await admin.SubmitForm(page, "#edit-schedule"));
        Assert.Equal("Schedule of feature saved.", page.Text("#message"));
        Assert.Contains("At 06:00, on Monday, 0 6 * * MON", page.Text("#schedule-facts"), StringComparison.Ordinal);
        Assert.Contains("Deadline None", page.Text("#schedule-facts"), StringComparison.Ordinal);
        Assert.Contains("At 06:00, on Monday (UTC, 0 6 * * MON); next run: ", (await site.Get("/pipelines")).Text("[data-pipeline=feature]"), StringComparison.Ordinal);
        Assert.Equal(1L, await site.Count("access.audit_log", "what = 'schedule changed' and details like 'cron: 0 0 29 2 * to 0 6 * * MON;%'"));
    }

    [Fact]
    public async Task Shows_the_error_of_each_value_and_rejects_an_older_version()
    {
        await site.Reset();
        using var admin = await site.NewAdminClient();
        var form = await admin.GetPage(Path);

        var page = await (await admin.SubmitForm(form, "#edit-schedule", ("cron", "61 0 * * *"), ("deadlineMinutes", "soon"))).ReadPage(HttpStatusCode.BadRequest);
        Assert.StartsWith("The cron expression is \"61 0 * * *\"; it must be a cron expression of five fields in UTC", page.Text("#cron-error"), StringComparison.Ordinal);
        Assert.StartsWith("The deadline in minutes is \"soon\"; it must be a whole number between 1 and 10,080", page.Text("#deadlineMinutes-error"), StringComparison.Ordinal);
        Assert.Equal("61 0 * * *", page.QuerySelector("#cron")!.GetAttribute("value"));

        await admin.FollowRedirect(await admin.SubmitForm(form, "#edit-schedule", ("cron", "0 6 * * *")));
        page = await (await admin.SubmitForm(form, "#edit-schedule", ("cron", "0 7 * * *"))).ReadPage(HttpStatusCode.Conflict);
        Assert.Equal("Version 0 of the schedule is not the newest one, 1: it has been edited since. Read it and try again.", page.Text("#schedule-problem"));
    }

    [Fact]
    public async Task Pauses_with_a_reason_and_resumes()
    {
        await site.Reset();
        using var admin = await site.NewAdminClient();
        var page = await (await admin.SubmitForm(await admin.GetPage(Path), "#pause-schedule")).ReadPage(HttpStatusCode.BadRequest);
        Assert.Equal("The reason is empty; it must be a text of 1 to 500 characters.", page.Text("#reason-error"));

        page = await admin.FollowRedirect(await admin.SubmitForm(page, "#pause-schedule", ("reason", Reason)));
        Assert.Matches($"^Paused since .* by {TitanicSite.AdminEmail}: {Reason}", page.Text("#pause"));
        var visitor = await site.Get("/pipelines");
        Assert.Matches($"paused since .* UTC: {Reason} Schedule", visitor.Text("[data-pipeline=feature]"));
        Assert.DoesNotContain(TitanicSite.AdminEmail, (await site.Get(Path)).Text("#pause"), StringComparison.Ordinal);

        page = await admin.FollowRedirect(await admin.SubmitForm(page, "#resume"));
        Assert.Equal("Schedule of feature resumed.", page.Text("#message"));
        Assert.Null(page.QuerySelector("#pause"));
    }

    [Fact]
    public async Task A_visitor_reads_the_schedule_and_changes_nothing()
    {
        await site.Reset();
        using var visitor = site.NewClient();
        var page = await visitor.GetPage(Path);
        Assert.Empty(page.QuerySelectorAll("main form"));
        Assert.NotNull(page.QuerySelector("main a[href^='/login']"));

        using var rejected = await visitor.PostAsync($"{Path}?handler=Pause", new FormUrlEncodedContent([new("reason", Reason)]), Cancellation);
        Assert.NotEqual(HttpStatusCode.OK, rejected.StatusCode);
        Assert.Equal(0L, await site.Count("schedule_pauses"));
        await site.Get("/pipelines/schedules/baking", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_api_edits_pauses_and_resumes_with_a_key_of_scope_operate()
    {
        await site.Reset();
        var key = await site.NewOperateKey();
        var values = new { cron = "0 6 * * *", deadlineMinutes = 90, overlap = "queue", missedRuns = "latest", version = 0 };
        Assert.Equal(HttpStatusCode.Unauthorized, (await site.Send("PUT", "/api/schedules/feature", null, values)).Status);

        var (status, schedule) = await site.Send("PUT", "/api/schedules/feature", key, new { cron = "0 7 * * *", overlap = "skip", missedRuns = "all", dryRun = true });
        Assert.Equal((HttpStatusCode.OK, "At 07:00, every day", 0), (status, schedule.GetProperty("description").GetString(), schedule.GetProperty("version").GetInt32()));
        (status, schedule) = await site.Send("PUT", "/api/schedules/feature", key, values);
        Assert.Equal((HttpStatusCode.OK, 1), (status, schedule.GetProperty("version").GetInt32()));
        Assert.Equal(HttpStatusCode.Conflict, (await site.Send("PUT", "/api/schedules/feature", key, values)).Status);
        (status, schedule) = await site.Send("PUT", "/api/schedules/feature", key, values with { overlap = "wait" });
        Assert.Equal((HttpStatusCode.BadRequest, "The policy for overlapping runs is \"wait\"; it must be skip or queue."), (status, schedule.GetProperty("detail").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await site.Send("POST", "/api/schedules/baking/pause", key, new { reason = Reason })).Status);

        Assert.Equal(HttpStatusCode.OK, (await site.Send("POST", "/api/schedules/feature/pause", key, new { reason = Reason })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await site.Send("POST", "/api/schedules/feature/pause", key, new { reason = Reason })).Status);
        var listed = (await site.Send("GET", "/api/schedules", null)).Body.GetProperty("schedules");
        Assert.Equal(PipelineNames.All, listed.EnumerateArray().Select(one => one.GetProperty("pipeline").GetString()!));
        var feature = listed[0];
        Assert.Equal(
            ("0 6 * * *", 90, "queue", "latest", 3), (feature.GetProperty("cron").GetString(), feature.GetProperty("deadlineMinutes").GetInt32(), feature.GetProperty("overlap").GetString(),
                feature.GetProperty("missedRuns").GetString(), feature.GetProperty("nextAt").GetArrayLength()));
        Assert.Equal((Reason, JsonValueKind.Null), (feature.GetProperty("pause").GetProperty("reason").GetString(), feature.GetProperty("pause").GetProperty("by").ValueKind));
        Assert.Equal(HttpStatusCode.OK, (await site.Send("POST", "/api/schedules/feature/resume", key)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await site.Send("POST", "/api/schedules/feature/resume", key)).Status);
        Assert.Equal(3L, await site.Count("access.audit_log", "what like 'schedule %'"));
    }

    [Theory]
    [InlineData("/pipelines/schedules/feature", "schedule", false)]
    [InlineData("/pipelines/schedules/feature", "schedule-admin", true)]
    [InlineData("/pipelines/schedules/training", "schedule-paused", true)]
    [InlineData("/pipelines", "pipelines-paused", false)]
    public async Task Is_accessible_and_fits_the_window(string path, string name, bool isAdmin)
    {
        await site.Reset();
        await site.Send("POST", "/api/schedules/training/pause", await site.NewOperateKey(), new { reason = $"{Reason} {new string('w', 80)}" });
        await checks.Check(site, path, name, isAdmin: isAdmin);
    }

    private static Task<HttpResponseMessage> Submit(HttpClient client, AngleSharp.Dom.IDocument page, string action, params (string Name, string Value)[] values)
    {
        var form = page.QuerySelector("#edit-schedule")!;
        form.SetAttribute("action", form.QuerySelector($"button[formaction*={action}]")!.GetAttribute("formaction"));
        return client.SubmitForm(page, "#edit-schedule", values);
    }

    public sealed class ScheduleSite(TestPostgres postgres) : TitanicSite(postgres, ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"))
    {
        /// <summary>Removes all edits and pauses, and the audit log, whose trigger refuses it otherwise.</summary>
        public async Task Reset()
        {
            await using var command = Database.DataSource.CreateCommand(
                """
                truncate schedules, schedule_pauses;
                alter table access.audit_log disable trigger user;
                delete from access.audit_log;
                alter table access.audit_log enable trigger user
                """);
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        public async Task<long> Count(string table, string condition = "true")
        {
            await using var command = Database.DataSource.CreateCommand($"select count(*) from {table} where {condition}");
            return (long)(await command.ExecuteScalarAsync(Cancellation))!;
        }

        public async Task<string> NewOperateKey()
        {
            await using var scope = Services.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<ApiKeys>().Create($"schedules {Guid.NewGuid()}", ApiKeyScope.Operate, "a test", Cancellation);
        }

        public async Task<(HttpStatusCode Status, JsonElement Body)> Send(string method, string path, string? key, object? body = null)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : JsonContent.Create(body) };
            if (key is not null)
                request.Headers.Add(ApiKeyAuthentication.Header, key);
            using var response = await Client.SendAsync(request, Cancellation);
            return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation));
        }
    }
}
