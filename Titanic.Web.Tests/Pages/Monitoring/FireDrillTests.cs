using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Pipelines.FireDrills;

namespace Titanic.Web.Tests.Pages.Monitoring;

/// <summary>Fire drills on the page. The benchmark <c>fire-drill</c> runs all faults.</summary>
[Collection(SharedSites.Name)]
public sealed class FireDrillTests(EmptySite site, TestPostgres postgres, PageChecks checks) : IClassFixture<PageChecks>
{
    private static readonly DrillFault Damaged = DrillFault.Find("damaged-model")!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_starts_a_drill_that_opens_the_expected_alert()
    {
        site.Services.GetRequiredService<DatabaseReadiness>().AdministratorConnectionString = await postgres.GetAdministratorConnectionString();
        using var admin = await site.NewAdminClient();
        await checks.Check(site, "/monitoring/fire-drill", "fire-drill", isAdmin: true);
        var start = await admin.GetPage("/monitoring/fire-drill");

        var running = await admin.FollowRedirect(await Submit(admin, start, Damaged.Name));
        Assert.StartsWith("Running", running.Text("#drill-status"), StringComparison.Ordinal);
        using (var again = await Submit(admin, start, Damaged.Name))
            Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        var page = await Finished();
        Assert.Equal(
            "Passed The alert damaged-model/champion was opened on day 0; expected at the latest on day 0, and no unexpected alert was opened.",
            page.Text("#drill-status"));
        Assert.StartsWith("damaged-model/champion (expected): ", page.Text("#drill-steps li li"), StringComparison.Ordinal);
        await Eventually.True(async () => await site.Database.QueryScalar<int>(
            $"""select count(*)::int as "Value" from pg_database where datname = {site.Database.Name + "_fire_drill"}""") == 0, "the database of the drill is dropped");
        Assert.Equal(0, await site.Database.QueryScalar<int>($"""select count(*)::int as "Value" from alerts"""));
        await checks.Check(site, "/monitoring/fire-drill", "fire-drill-result");
    }

    /// <summary>As on a server of the user's own; the product may create databases on its embedded server.</summary>
    [Fact]
    public async Task A_role_that_may_not_create_databases_is_named()
    {
        var readiness = site.Services.GetRequiredService<DatabaseReadiness>();
        readiness.AdministratorConnectionString = readiness.ConnectionString;
        using var admin = await site.NewAdminClient();
        await admin.FollowRedirect(await Submit(admin, await admin.GetPage("/monitoring/fire-drill"), Damaged.Name));

        var role = new NpgsqlConnectionStringBuilder(readiness.ConnectionString).Username;
        Assert.Equal(
            $"Failed The role {role} may not create a database for the drill. An administrator of the server can permit it: ALTER ROLE {role} CREATEDB.",
            (await Finished(admin)).Text("#drill-status"));
    }

    [Fact]
    public async Task Visitors_start_no_drill_and_an_unknown_fault_is_refused()
    {
        Assert.Empty((await site.Get("/monitoring/fire-drill")).QuerySelectorAll("#drill-faults form"));
        using var visitor = site.NewClient();
        using var rejected = await visitor.PostAsync("/monitoring/fire-drill", new FormUrlEncodedContent([new("fault", Damaged.Name)]), Cancellation);
        Assert.NotEqual(HttpStatusCode.OK, rejected.StatusCode);

        using var admin = await site.NewAdminClient();
        using var unknown = await Submit(admin, await admin.GetPage("/monitoring/fire-drill"), "fire");
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        Assert.StartsWith("The fault is \"fire\"; it must be none, drifted-feature,", (await TitanicSite.ParsePage(unknown)).Text("#drill-problem"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_late_an_unexpected_or_an_unresolved_alert_does_not_pass()
    {
        var fault = DrillFault.Find("late-outcomes")!;
        Assert.True(Report(opened: 8, fault.Expected!, unresolved: 0).IsPassed);
        Assert.False(Report(opened: 9, fault.Expected!, unresolved: 0).IsPassed);
        Assert.False(Report(opened: 8, "drift/age", unresolved: 0).IsPassed);
        Assert.False(Report(opened: 8, fault.Expected!, unresolved: 1).IsPassed);

        DrillReport Report(int opened, string alert, int unresolved) => new(
            fault, default, [new DrillDay(opened, [new DrillAlert(alert, "")], 1), new DrillDay(10, [], unresolved)])
        { FinishedAt = DateTimeOffset.UnixEpoch };
    }

    /// <param name="client">Null for a visitor.</param>
    private async Task<AngleSharp.Dom.IDocument> Finished(HttpClient? client = null)
    {
        await Eventually.True(async () => !(await site.Get("/monitoring/fire-drill")).Text("#drill-status").StartsWith("Running", StringComparison.Ordinal), "the drill finishes");
        return client is null ? await site.Get("/monitoring/fire-drill") : await client.GetPage("/monitoring/fire-drill");
    }

    private static Task<HttpResponseMessage> Submit(HttpClient client, AngleSharp.Dom.IDocument page, string fault) =>
        client.SubmitForm(page, "#drill-faults form", ("fault", fault));
}
