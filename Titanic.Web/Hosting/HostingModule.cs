using Hangfire;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Titanic.Web.Hosting.OpenApi;

namespace Titanic.Web.Hosting;

/// <summary>The door of hosting: how the process starts, listens, logs, tells its health and stops.</summary>
public static class HostingModule
{
    public static WebApplicationBuilder AddHosting(this WebApplicationBuilder builder, CommandLine command)
    {
        command.Configure(builder.Configuration);
        // Docker and Kubernetes hand secrets over as files: ConnectionStrings__Titanic in this folder sets ConnectionStrings:Titanic.
        if (builder.Configuration["Titanic:SecretsDirectory"] is { Length: > 0 } secrets)
            builder.Configuration.AddKeyPerFile(Path.GetFullPath(secrets), optional: true);
        builder.AddLogging(toStandardError: !command.Serves);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            RequestLimits.Apply(kestrel);
        });
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOptions<ProcessRoles>().Configure(roles => roles.Roles = builder.Configuration[ProcessRoles.Setting]).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ProcessRoles>, ProcessRoles.Validator>();
        builder.Services.AddSingleton<StartupProgress>().AddSingleton<DatabasePreparation>().AddSingleton<HangfireWorkers>();
        builder.Services.AddHangfireStorage();
        builder.Services.AddSecurityHeaders();
        builder.Services.AddErrorAnswers();
        builder.Services.AddStrictJson();
        builder.Services.AddSingleton<KnownQueries>();
        builder.Services.AddApiDocument();
        builder.Services.AddHealthChecks().AddCheck<ReadinessCheck>("ready");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        if (command.Serves)
            builder.Services.AddHostedService<Startup>();
        return builder;
    }

    /// <summary>What every request passes before it reaches a page or an endpoint.</summary>
    public static WebApplication UseHosting(this WebApplication app)
    {
        app.UseTitanicSecurityHeaders();
        app.UseHealthOnlyWithoutPages();
        app.UseErrorAnswers();
        app.UseHearingOut();
        app.UseStartPage();
        app.UseKnownQueries();
        return app;
    }

    public static WebApplication MapHosting(this WebApplication app)
    {
        app.MapApiDocument();
        app.MapApiPage();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            ResponseWriter = (context, report) => context.Response.WriteAsync(
                string.Join('\n', report.Entries.Values.Select(entry => entry.Description ?? entry.Status.ToString())), context.RequestAborted),
        });
        app.MapHangfireDashboardWithAuthorizationPolicy(Access.AccessPolicies.Admin, "/hangfire", new DashboardOptions
        {
            Authorization = [new HangfireDashboardAccess()],
            DisplayStorageConnectionString = false,
            DashboardTitle = "Titanic jobs",
        });
        return app;
    }
}
