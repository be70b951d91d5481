using Hangfire;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Hosting.FireDrills;
using Titanic.Web.Hosting.OpenApi;
using Titanic.Web.Lifecycle;
using Titanic.Web.Monitoring;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Alerts;
using Titanic.Web.Pipelines.FireDrills;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Training;

namespace Titanic.Web.Hosting;

/// <summary>Registers startup, listening, logging, telemetry, health checks and shutdown.</summary>
public static class HostingModule
{
    private const string Live = "live", Ready = "ready";

    public static WebApplicationBuilder CreateBuilder(string[] args) =>
        WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = ProjectFolder.ContentRoot(args) });

    public static WebApplicationBuilder AddHosting(this WebApplicationBuilder builder, CommandLine command)
    {
        command.Configure(builder.Configuration);
        // Docker and Kubernetes mount secrets as files: the file ConnectionStrings__Titanic in this folder sets ConnectionStrings:Titanic.
        if (builder.Configuration["Titanic:SecretsDirectory"] is { Length: > 0 } secrets)
            builder.Configuration.AddKeyPerFile(Path.GetFullPath(secrets), optional: true);
        builder.AddLogging(toStandardError: !command.Serves);
        builder.AddTelemetry();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            RequestLimits.Apply(kestrel);
        });
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOptions<ProcessRoles>().Configure(roles => roles.Roles = builder.Configuration[ProcessRoles.Setting]).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ProcessRoles>, ProcessRoles.ProcessRolesValidator>();
        builder.Services.AddOptions<SettingNames>().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SettingNames>, SettingNames.Validator>();
        builder.Services.AddSingleton<DatabaseLocation>().AddSingleton<DatabaseWait>().AddSingleton<DatabasePreparation>();
        builder.Services.AddSingleton<HangfireServer>().AddSingleton<IFireDrills, FireDrillRunner>();
        builder.Services.AddHangfireStorage();
        builder.Services.AddNetwork(builder.Configuration);
        builder.Services.AddSecurityHeaders();
        builder.Services.AddErrorResponses();
        builder.Services.AddRequestCompression();
        builder.Services.AddStrictJson();
        builder.Services.AddSingleton<RequestParameters>();
        builder.Services.AddApiDocument();
        builder.Services.AddHealthChecks().AddCheck<LivenessCheck>(Live).AddCheck<ReadinessCheck>(Ready);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        if (command.Serves)
            builder.Services.AddHostedService<Startup>().AddHostedService<DatabaseWatcher>().AddHostedService<WorkflowGauges>()
                .AddHostedService<AlertLoop>(); // stopped in the opposite order
        return builder;
    }

    /// <summary>Registers the modules of the workflow, without web server, pages and job server.</summary>
    public static IServiceCollection AddWorkflow(this IServiceCollection services, IConfiguration configuration) => services
        .AddPassengers(configuration)
        .AddFeatureStore()
        .AddTraining(configuration)
        .AddRegistry(configuration)
        .AddServing(configuration)
        .AddMonitoring(configuration)
        .AddLifecycle()
        .AddPipelines(configuration)
        .AddAccess(configuration);

    /// <summary>Adds the middleware that runs before every page and endpoint.</summary>
    public static WebApplication UseHosting(this WebApplication app)
    {
        app.UseForwardedRequests();
        var pathBase = app.Configuration["Titanic:PathBase"]?.Trim('/');
        if (pathBase is { Length: > 0 })
            app.UsePathBase($"/{pathBase}");
        app.UseHeadOfApi();
        app.UseRouting(); // WebApplication would otherwise route before the path base is removed and before HEAD is changed
        if (pathBase is { Length: > 0 })
        {
            app.Use((context, next) =>
            {
                context.Response.OnStarting(() =>
                {
                    if (context.Response.Headers.Location is [{ } address] && address.StartsWith("/api/", StringComparison.Ordinal))
                        context.Response.Headers.Location = context.Request.PathBase + address;
                    return Task.CompletedTask;
                });
                return next(context);
            });
        }
        app.UseTitanicSecurityHeaders();
        app.UseNetwork();
        app.UseHealthOnlyWithoutWebRole();
        app.UseErrorResponses();
        app.UseAllowedMethods();
        app.UseRequestDraining();
        app.UseDatabasePages();
        app.UseRequestCompression();
        app.UseRequestParameters();
        return app;
    }

    /// <summary>Maps the OpenAPI document and its page, the health endpoints, the metrics and the Hangfire dashboard.</summary>
    public static WebApplication MapHosting(this WebApplication app)
    {
        app.UseOutputCache(); // after authorization: a stored response is for those who may read it
        app.MapApiDocument();
        app.MapApiPage();
        app.MapHealthChecks("/health/live", CheckOptions(Live)).AllowAnonymous();
        app.MapHealthChecks("/health/ready", CheckOptions(Ready)).AllowAnonymous();
        app.MapMetrics();
        app.MapHangfireDashboardWithAuthorizationPolicy(AccessPolicies.Admin, "/hangfire", new DashboardOptions
        {
            Authorization = [new HangfireDashboardAccess()],
            DisplayStorageConnectionString = false,
            DashboardTitle = "Titanic jobs",
        });
        return app;
    }

    private static HealthCheckOptions CheckOptions(string name) => new()
    {
        Predicate = check => check.Name == name,
        ResponseWriter = (context, report) => context.Response.WriteAsync(
            string.Join('\n', report.Entries.Values.Select(entry => entry.Description ?? entry.Status.ToString())), context.RequestAborted),
    };
}

/// <summary>Serilog: plain text in development, one JSON object per line in other environments.</summary>
internal static class Logging
{
    private const string OutputTemplate = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>Replaces the logging providers with Serilog, which also writes to the provider of <see cref="Telemetry"/>, if there is one.</summary>
    /// <param name="toStandardError">True for commands, whose standard output contains only results.</param>
    public static void AddLogging(this WebApplicationBuilder builder, bool toStandardError)
    {
        builder.Logging.ClearProviders();
        builder.Services.AddSerilog(
            (_, logger) => Configure(logger, builder.Environment.IsDevelopment(), toStandardError),
            writeToProviders: Telemetry.ExportsByOtlp(builder.Configuration));
    }

    private static void Configure(LoggerConfiguration logger, bool isDevelopment, bool toStandardError)
    {
        LogEventLevel? standardErrorFrom = toStandardError ? LogEventLevel.Verbose : null;
        logger.MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            // Suppresses the warning at every start that the keys are stored unencrypted: the database protects them like the accounts.
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection", LogEventLevel.Error)
            .MinimumLevel.Override("System.Net.Http", LogEventLevel.Warning)
            // Commands.Serve and Startup report why the host cannot start.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            // A failed SQL command also throws, and the first migration queries a table that does not exist yet.
            .MinimumLevel.Override("Microsoft.EntityFrameworkCore.Database.Command", LogEventLevel.Fatal)
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LogEventLevel.Fatal) // the response contains the result
            .MinimumLevel.Override("Hangfire", LogEventLevel.Warning)
            .Enrich.FromLogContext();
        if (isDevelopment)
            logger.WriteTo.Console(
                outputTemplate: OutputTemplate, formatProvider: System.Globalization.CultureInfo.InvariantCulture, standardErrorFromLevel: standardErrorFrom);
        else
            logger.WriteTo.Console(new RenderedCompactJsonFormatter(), standardErrorFromLevel: standardErrorFrom);
    }
}
