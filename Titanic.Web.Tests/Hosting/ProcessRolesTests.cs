using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Hosting;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Hosting;

public sealed class ProcessRolesTests(TestPostgres postgres)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("web", "")]
    [InlineData("features,training", "features,training,audit")]
    [InlineData(" Inference ", "inference,monitoring")]
    [InlineData("", "features,inference,monitoring,training,audit")]
    public void Roles_determine_the_queues(string roles, string queues) =>
        Assert.Equal(queues, string.Join(',', new ProcessRoles { Roles = roles }.Queues));

    [Fact]
    public void A_process_with_all_roles_processes_the_queue_of_every_pipeline() =>
        Assert.Equal(PipelineNames.All.Select(PipelineNames.QueueOf).Order(), new ProcessRoles().Queues.Order());

    [Fact]
    public async Task Several_processes_share_an_empty_database_and_each_performs_only_its_roles()
    {
        await using var database = await postgres.CreateEmptyDatabase();
        await using var web = RoleProcess.Start("web", database.ConnectionString);
        await using var anotherWeb = RoleProcess.Start("web", database.ConnectionString);

        // A process with the role web alone does not perform the first start; its health check reports that it is missing.
        await web.WaitForHealth(text => text == "The first start has not begun");
        await anotherWeb.WaitForHealth(text => text == "The first start has not begun");

        await using var worker = RoleProcess.Start("features,training", database.ConnectionString);
        await using var inference = RoleProcess.Start("inference", database.ConnectionString);
        foreach (var process in (RoleProcess[])[web, anotherWeb, worker, inference])
            await process.WaitForHealth(text => text == "Ready");
    }

    [Fact]
    public async Task A_process_without_the_role_web_serves_only_its_health_and_metrics_and_creates_no_administrator()
    {
        await using var database = await postgres.CreateEmptyDatabase();
        await using var worker = RoleProcess.Start("inference", database.ConnectionString);
        await worker.WaitForHealth(text => text == "Ready");
        using var client = worker.CreateClient();

        Assert.Equal(HttpStatusCode.OK, await Status("/health/live"));
        Assert.Equal(HttpStatusCode.OK, await Status("/metrics"));
        foreach (var path in (string[])["/", "/login", "/hangfire", "/api/predictions/1", "/lib/bootstrap/dist/css/bootstrap.min.css", "/healthy"])
            Assert.Equal(HttpStatusCode.NotFound, await Status(path));
        var response = await client.PostAsJsonAsync("/api/predictions", new { pclass = 1, sex = "female" }, Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);

        await using var db = database.NewContext();
        Assert.Equal(0, await db.Users.CountAsync(Cancelled));

        async Task<HttpStatusCode> Status(string path) => (await client.GetAsync(path, Cancelled)).StatusCode;
    }

    [Fact]
    public async Task A_process_with_the_role_web_creates_the_administrator()
    {
        await using var database = await postgres.CreateEmptyDatabase();
        await using var web = RoleProcess.Start("web", database.ConnectionString);
        await web.WaitForHealth(text => text == "The first start has not begun");

        await using var db = database.NewContext();
        await Eventually.True(() => db.Users.AnyAsync(Cancelled), "there is an administrator");
        Assert.Equal("admin@titanic.local", Assert.Single(await db.Users.ToListAsync(Cancelled)).Email);
    }
}
