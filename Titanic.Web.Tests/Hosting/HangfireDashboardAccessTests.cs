using System.Net;
using Hangfire;
using Hangfire.PostgreSql;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;
using Titanic.Web.Hosting;
using Titanic.Web.Tests.Access;

namespace Titanic.Web.Tests.Hosting;

public sealed class HangfireDashboardAccessTests(TestPostgres postgres)
{
    [Fact]
    public async Task Allows_only_the_administrator_also_for_local_requests()
    {
        await using var app = await AccessApp.Start(
            postgres,
            site => site.MapHangfireDashboard(new DashboardOptions { Authorization = [new HangfireDashboardAccess()] }),
            services => services.AddHangfire((provider, hangfire) => hangfire
                .UsePostgreSqlStorage(storage => storage.UseNpgsqlConnection(provider.GetRequiredService<IConfiguration>().GetConnectionString("Titanic")))
                .UseSerilogLogProvider())); // static: all applications of the process share it, and other tests run longer than this one
        using var visitor = app.NewVisitor();
        var key = await app.InScope<ApiKeys, string>(keys => keys.Create("cron", ApiKeyScope.Operate, "test", Visitor.Cancelled));

        Assert.Equal(HttpStatusCode.Unauthorized, (await visitor.Get("/hangfire")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await visitor.Get("/hangfire", (ApiKeyAuthentication.Header, key))).StatusCode);

        await visitor.SignIn();
        var dashboard = await visitor.Get("/hangfire");
        Assert.Equal(HttpStatusCode.OK, dashboard.StatusCode);
        Assert.Contains("'unsafe-inline'", Assert.Single(dashboard.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }
}
