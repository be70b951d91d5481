using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Hosting;

namespace Titanic.Web.Tests.Hosting;

public sealed class HangfireTests
{
    [Fact]
    public async Task Runs_the_jobs_of_an_application_with_its_own_services()
    {
        await using var first = Application("first");
        await using var second = Application("second"); // configured last: Hangfire's static activator is the one of this application

        Assert.Equal(("first", "second"), (NameSeenByAJobOf(first), NameSeenByAJobOf(second)));
    }

    private static ServiceProvider Application(string name)
    {
        var services = new ServiceCollection().AddSingleton(new ApplicationName(name)).AddLogging().AddHangfireStorage().BuildServiceProvider();
        services.GetRequiredService<IGlobalConfiguration>();
        return services;
    }

    private static string NameSeenByAJobOf(IServiceProvider application)
    {
        using var scope = application.GetRequiredService<JobActivator>().BeginScope((JobActivatorContext)null!);
        return ((ApplicationName)scope.Resolve(typeof(ApplicationName))).Value;
    }

    private sealed record ApplicationName(string Value);
}
