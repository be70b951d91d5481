using Hangfire;
using Hangfire.Dashboard;
using Hangfire.PostgreSql;
using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Hosting;

/// <summary>Hangfire's tables live beside ours, in the schema <c>hangfire</c>.</summary>
internal static class HangfireStorage
{
    public const string Schema = "hangfire";

    public static IServiceCollection AddHangfireStorage(this IServiceCollection services) => services
        // Before AddHangfire, which would otherwise hand out one static storage to every application of a process.
        .AddSingleton<JobStorage>(provider => new PostgreSqlStorage(new GatedConnections(provider), new PostgreSqlStorageOptions
        {
            SchemaName = Schema,
            PrepareSchemaIfNecessary = false, // DatabasePreparation does, once the server is up
            UseSlidingInvisibilityTimeout = true, // without it a long job is started again and again
            QueuePollInterval = TimeSpan.FromSeconds(1),
            EnableTransactionScopeEnlistment = false,
        }))
        .AddHangfire(hangfire => hangfire
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings()
            // Hangfire logs through one static provider: by Serilog's it outlives an application, by ours it would end with the newest.
            .UseSerilogLogProvider());

    /// <summary>Asks for the data source only when a connection is needed: the dashboard is mapped before the database is there.</summary>
    private sealed class GatedConnections(IServiceProvider services) : IConnectionFactory
    {
        public NpgsqlConnection GetOrCreateConnection()
        {
            if (services.GetRequiredService<DatabaseGate>() is { IsReady: false })
                throw new InvalidOperationException("The database is still starting.");
            return services.GetRequiredService<NpgsqlDataSource>().CreateConnection();
        }
    }
}

/// <summary>Runs the jobs of the queues of this process's roles; to be started after the database and the first start are done.</summary>
public sealed partial class HangfireServer(
    JobStorage storage, JobActivator activator, IServiceProvider services, IOptions<ProcessRoles> roles, ILogger<HangfireServer> log) : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly Lock _oneStop = new();
    private BackgroundJobServer? _server;
    private Task? _stopped;

    public void Start()
    {
        if (roles.Value.Queues is not { Count: > 0 } queues)
            return;
        services.GetRequiredService<IOptions<PipelineSchedule>>().Value.Install(services.GetRequiredService<IRecurringJobManager>());
        _server = new BackgroundJobServer(
            new BackgroundJobServerOptions
            {
                Queues = [.. queues],
                WorkerCount = queues.Count,
                Activator = activator,
                SchedulePollingInterval = TimeSpan.FromSeconds(5),
                ShutdownTimeout = _patience,
            },
            storage);
        LogWorking(string.Join(", ", queues));
    }

    /// <summary>Asks running jobs to stop and waits for them; another server runs again what they leave unfinished.</summary>
    public async ValueTask DisposeAsync()
    {
        Task stopped;
        lock (_oneStop) // the host's stop and its disposal may come at the same time
            stopped = _stopped ??= Stop();
        await stopped;
    }

    private async Task Stop()
    {
        if (_server is null)
            return;
        _server.SendStop();
        await _server.WaitForShutdownAsync(CancellationToken.None);
        _server.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Working off the queues {Queues}")]
    private partial void LogWorking(string queues);
}

/// <summary>
/// Shows the dashboard to the signed-in administrator and nobody else. Hangfire's default, "whoever asks from this machine", would open
/// it to everyone behind a proxy on the same host.
/// </summary>
public sealed class HangfireDashboardAccess : IDashboardAuthorizationFilter
{
    public bool Authorize(DashboardContext context) => context.GetHttpContext().User.IsInRole(AccessPolicies.AdminRole);
}
