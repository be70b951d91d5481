using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Pages.Alerts;

/// <summary>The pages of the alerts, the badge of the layout and the API, on a site with alerts.</summary>
public sealed class AlertPagesTests(AlertSite site, PageChecks checks) : IClassFixture<AlertSite>, IClassFixture<PageChecks>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_page_shows_the_number_of_open_alerts()
    {
        await site.Reset();
        foreach (var path in (string[])["/", "/models", "/pipelines", "/alerts", "/login"])
            Assert.Equal("Alerts 2 open", (await site.Get(path)).Text("nav[aria-label=Main] a[href='/alerts']"));
        await site.Execute("update alerts set state = 'Resolved', ended_at = now()");
        Assert.Equal("Alerts", (await site.Get("/")).Text("nav[aria-label=Main] a[href='/alerts']"));
    }

    /// <summary>The site has no champion.</summary>
    [Fact]
    public async Task Every_page_shows_what_is_wrong_with_links()
    {
        await site.Reset();
        foreach (var path in (string[])["/", "/models", "/alerts", "/login"])
            Assert.Equal("champion 1 overdue", (await site.Get(path)).Text("#site-status"));
        await site.Execute("update alerts set rule = 'failed-run', subject = 'feature ' || alert_id, state = case alert_id when 4 then state else 'Acknowledged' end");

        var badges = (await site.Get("/")).QuerySelectorAll("#site-status a");

        Assert.Equal([("champion", "/models"), ("3 failed", "/alerts?rule=failed-run")], badges.Select(badge => (badge.TextContent, badge.GetAttribute("href")!)));
        Assert.Equal(3, (await site.Get(badges[1].GetAttribute("href")!)).QuerySelectorAll("#alert-list tbody tr").Length);
    }

    [Fact]
    public async Task Lists_unresolved_alerts_and_filters_them()
    {
        await site.Reset();
        Assert.Equal(["3: Drift, sex", "2: Drift, age", "1: Missed run, training"], Names(await site.Get("/alerts")));
        Assert.Equal(["2: Drift, age"], Names(await site.Get("/alerts?state=acknowledged")));
        Assert.Equal(["4: Drift, fare", "3: Drift, sex", "2: Drift, age"], Names(await site.Get("/alerts?state=all&rule=drift")));
        Assert.Equal(
            "The parameter state is \"broken\"; it must be unresolved, open, acknowledged or resolved.",
            (await site.Get("/alerts?state=broken", HttpStatusCode.BadRequest)).Text("#alert-problem"));
        await site.Get("/alerts/999", HttpStatusCode.NotFound);
        Assert.Empty((await site.Get("/alerts/1")).QuerySelectorAll("#alert-actions"));
    }

    [Fact]
    public async Task An_operator_acknowledges_and_resolves_without_scripts()
    {
        await site.Reset();
        using var admin = await site.NewAdminClient();
        var page = await admin.FollowRedirect(await Submit(admin, await admin.GetPage("/alerts/1"), "Acknowledge", ("note", "Restarting the worker.")));
        Assert.Equal("Alert 1 acknowledged.", page.Text("#message"));
        page = await admin.FollowRedirect(await Submit(admin, page, "Resolve", ("note", "")));
        Assert.Equal("Alert 1 resolved.", page.Text("#message"));
        Assert.Equal(
            [("Opened " + page.Text("#alert-message"), "evaluation"), ("Acknowledged Restarting the worker.", TitanicSite.AdminEmail), ("Resolved", TitanicSite.AdminEmail)],
            page.Rows("#alert-history").Select(row => (row[0], row[1])));

        using var visitor = site.NewClient();
        using var rejected = await visitor.PostAsync("/alerts/3?handler=Resolve", null, Cancellation);
        Assert.NotEqual(HttpStatusCode.OK, rejected.StatusCode);
        Assert.Equal("Open", await site.Scalar("select state from alerts where alert_id = 3"));
    }

    [Fact]
    public async Task The_api_lists_in_pages_shows_the_history_and_names_invalid_parameters()
    {
        await site.Reset();
        var first = await Get("/api/alerts?state=unresolved&limit=2");
        Assert.Equal("3 2", Ids(first));
        var next = first.GetProperty("next").GetString()!;
        Assert.Equal("/api/alerts?state=unresolved&limit=2&before=2", next);
        Assert.Equal("1", Ids(await Get(next)));
        Assert.Equal("1", Ids(await Get("/api/alerts?rule=missed-run")));
        Assert.Equal("4", Ids(await Get("/api/alerts?state=resolved")));
        Assert.Equal("missed-run", (await Get("/api/alerts/1")).GetProperty("alert").GetProperty("rule").GetString());
        Assert.Equal("There is no alert 99; the page /alerts and GET /api/alerts list the alerts.", await Problem("/api/alerts/99", HttpStatusCode.NotFound));
        Assert.Equal(
            "The parameter rule is \"rain\"; it must be drift, accuracy, late-data, missed-run, overdue, failed-run, damaged-model or stalled-queue.",
            await Problem("/api/alerts?rule=rain", HttpStatusCode.BadRequest));
        Assert.StartsWith("The parameter state is \"new\"; it must be ", await Problem("/api/alerts?state=new", HttpStatusCode.BadRequest), StringComparison.Ordinal);
        await Problem("/api/alerts?limit=0", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_api_changes_alerts_with_a_key_of_scope_operate()
    {
        await site.Reset();
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post("/api/alerts/1/resolve", null)).StatusCode);
        await using var scope = site.Services.CreateAsyncScope();
        var key = await scope.ServiceProvider.GetRequiredService<ApiKeys>().Create($"alerts {Guid.NewGuid()}", ApiKeyScope.Operate, "a test", Cancellation);

        using var acknowledged = await Post("/api/alerts/1/acknowledge", key, new { note = "seen" });
        Assert.Equal("acknowledged", (await acknowledged.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.OK, (await Post("/api/alerts/1/resolve", key)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Post("/api/alerts/1/resolve", key)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await Post("/api/alerts/1/acknowledge", key)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Post("/api/alerts/99/resolve", key)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post("/api/alerts/3/acknowledge", key, new { note = new string('x', 1_001) })).StatusCode);
        Assert.Equal("3", await site.Scalar("select count(*)::text from alert_events where alert_id = 1"));
    }

    [Fact]
    public async Task The_delivery_log_and_the_test_message_are_for_the_administrator()
    {
        await site.Reset();
        using var visitor = site.NewClient();
        using var challenge = await visitor.GetAsync("/alerts/webhooks", Cancellation);
        Assert.Equal(HttpStatusCode.Redirect, challenge.StatusCode);

        using var admin = await site.NewAdminClient();
        var page = await admin.FollowRedirect(await admin.SubmitForm(await admin.GetPage("/alerts/webhooks"), "#send-test"));
        Assert.Equal("Test message sent to 1 receiver; the delivery log shows the result.", page.Text("#message"));
        Assert.Equal(
            [("alert.test to 127.0.0.1:9", "pending"), ("alert.opened to hooks.example.com", "delivered"), ("alert.opened to hooks.example.com", "failed")],
            page.Rows("#delivery-list").Select(row => (row[0], row[1])));
        Assert.DoesNotContain("token", page.DocumentElement.InnerHtml, StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_", page.DocumentElement.InnerHtml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/alerts", "alerts", false)]
    [InlineData("/alerts/2", "alert", false)]
    [InlineData("/alerts/1", "alert-admin", true)]
    [InlineData("/alerts/webhooks", "webhooks-admin", true)]
    public async Task Is_accessible_and_fits_the_window(string path, string name, bool isAdmin)
    {
        await site.Reset();
        await checks.Check(site, path, name, isAdmin: isAdmin);
    }

    private static Task<HttpResponseMessage> Submit(HttpClient client, AngleSharp.Dom.IDocument page, string action, params (string Name, string Value)[] values)
    {
        var form = page.QuerySelector("#alert-actions")!;
        form.SetAttribute("action", form.QuerySelector($"button[formaction*={action}]")!.GetAttribute("formaction"));
        return client.SubmitForm(page, "#alert-actions", values);
    }

    private static IEnumerable<string> Names(AngleSharp.Dom.IDocument page) => page.QuerySelectorAll("#alert-list tbody a").Select(link => link.TextContent);

    private static string Ids(JsonElement page) => string.Join(' ', page.GetProperty("alerts").EnumerateArray().Select(alert => alert.GetProperty("id").GetInt32()));

    private Task<JsonElement> Get(string path) => site.Client.GetFromJsonAsync<JsonElement>(path, Cancellation);

    private async Task<string> Problem(string path, HttpStatusCode status)
    {
        using var response = await site.Client.GetAsync(path, Cancellation);
        Assert.Equal(status, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("detail").GetString()!;
    }

    private async Task<HttpResponseMessage> Post(string path, string? key, object? body = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (key is not null)
            request.Headers.Add(ApiKeyAuthentication.Header, key);
        return await site.Client.SendAsync(request, Cancellation);
    }
}

/// <summary>A site with four alerts, one of them acknowledged and one resolved, and a receiver that accepts no connection.</summary>
public sealed class AlertSite(TestPostgres postgres) : TitanicSite(
    postgres, ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"), ("Alerts:Webhooks:0:Url", "http://127.0.0.1:9/token"),
    ("Alerts:Webhooks:0:Secret", "whsec_" + Convert.ToBase64String(new byte[32])), ("Alerts:AllowedHosts", "127.0.0.1"), ("Alerts:AllowPrivateAddresses", "true"))
{
    /// <summary>Replaces all alerts and deliveries. The evaluation that runs in the background resolves them after five minutes.</summary>
    public Task Reset() => Execute(
        """
        truncate alerts, alert_events, webhook_deliveries restart identity;
        insert into alerts (rule, subject, state, message, link, evidence, opened_at, last_seen_at, acknowledged_at, acknowledged_by, resolved_at, ended_at) values
            ('missed-run', 'training', 'Open', 'The training run of 2026-03-01 was due at 2026-03-01 00:15 UTC and has not started.', '/pipelines#pipeline-training',
                '{"pipeline": "training", "date": "2026-03-01"}', now(), now(), null, null, null, null),
            ('drift', 'age', 'Acknowledged', 'The input alarm of Age group is raised since 2026-03-01: new passengers differ from the training rows.', '/monitoring#drift',
                '{"feature": "age"}', now(), now(), now(), 'ann', null, null),
            ('drift', 'sex', 'Open', 'The input alarm of Sex is raised since 2026-03-01: new passengers differ from the training rows.', '/monitoring#drift',
                '{"feature": "sex"}', now(), now(), null, null, null, null),
            ('drift', 'fare', 'Resolved', 'The input alarm of Fare band is raised since 2026-02-01: new passengers differ from the training rows.', '/monitoring#drift',
                '{"feature": "fare"}', now(), now(), null, null, now(), now());
        insert into alert_events (alert_id, kind, at, who, note) values
            (1, 'Opened', now(), null, 'The training run of 2026-03-01 was due at 2026-03-01 00:15 UTC and has not started.'),
            (2, 'Opened', now(), null, 'The input alarm of Age group is raised since 2026-03-01: new passengers differ from the training rows.'),
            (2, 'Acknowledged', now(), 'ann', 'The operator of the source was asked.'), (3, 'Opened', now(), null, null), (4, 'Opened', now(), null, null);
        insert into webhook_deliveries (delivery_id, alert_event_id, url, type, body, status, attempts, created_at, next_attempt_at, last_attempt_at, response_code, error) values
            (uuidv7(), 1, 'https://hooks.example.com/token', 'alert.opened', '{}', 'Failed', 8, now(), now(), now(), 500, 'The receiver returned status 500; it must be 200 to 299.'),
            (uuidv7(), 2, 'https://hooks.example.com/token', 'alert.opened', '{}', 'Delivered', 1, now(), now(), now(), 204, null)
        """);

    public async Task Execute(string sql)
    {
        await using var db = Database.NewContext();
        await db.Database.ExecuteSqlRawAsync(sql.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal), TestContext.Current.CancellationToken);
    }

    public async Task<string> Scalar(string sql)
    {
        await using var command = Database.DataSource.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
