using Hangfire;
using Hangfire.AspNetCore;
using Hangfire.Dashboard;
using Hangfire.PostgreSql;
using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Schedules;

namespace Titanic.Web.Hosting;

/// <summary>Hangfire's tables are in the same database, in the schema <c>hangfire</c>.</summary>
internal static class HangfireStorage
{
    public const string Schema = RunRepair.JobSchema;

    public static IServiceCollection AddHangfireStorage(this IServiceCollection services) => services
        // Both before AddHangfire, which otherwise registers the static storage and activator of the application that the process configured
        // last: with several applications in one process, a job then runs with the services of another one.
        .AddSingleton<JobActivator>(provider => new AspNetCoreJobActivator(provider.GetRequiredService<IServiceScopeFactory>()))
        .AddSingleton<JobStorage>(provider => new PostgreSqlStorage(new ReadyConnectionFactory(provider), new PostgreSqlStorageOptions
        {
            SchemaName = Schema,
            PrepareSchemaIfNecessary = false, // DatabasePreparation creates the schema when the server is running
            UseSlidingInvisibilityTimeout = true, // without it a long job is started again while it runs; RunRepair need not wait for it
            DistributedLockTimeout = TimeSpan.FromSeconds(15), // locks are held for milliseconds; one is left behind if the disk is full when it is released
            QueuePollInterval = TimeSpan.FromSeconds(1),
            EnableTransactionScopeEnlistment = false,
        }))
        .AddHangfire(hangfire => hangfire
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings()
            // Hangfire logs through one static provider. Serilog's outlives the application; the application's own would be disposed with
            // it.
            .UseSerilogLogProvider());

    /// <summary>Resolves the data source only when a connection is opened: the dashboard is mapped before the database is ready.</summary>
    private sealed class ReadyConnectionFactory(IServiceProvider services) : IConnectionFactory
    {
        public NpgsqlConnection GetOrCreateConnection()
        {
            if (services.GetRequiredService<DatabaseReadiness>() is { IsReady: false })
                throw new InvalidOperationException("The database is not ready yet; try again in a moment.");
            return services.GetRequiredService<NpgsqlDataSource>().CreateConnection();
        }
    }
}

/// <summary>
/// Processes the job queues of this process's roles, and repairs interrupted runs and recurring jobs. Start it after the database is ready and the first start is complete.
/// </summary>
public sealed partial class HangfireServer(
    JobStorage storage, JobActivator activator, IServiceProvider services, IOptions<ProcessRoles> roles, ILogger<HangfireServer> log) : IAsyncDisposable
{
    private static readonly TimeSpan _shutdownTimeout = TimeSpan.FromSeconds(20);

    /// <summary>A repair takes milliseconds; a database that hangs must not keep the process from stopping.</summary>
    private static readonly TimeSpan _repairTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _stopLock = new();
    private BackgroundJobServer? _server;
    private Task? _stopped;
    private PeriodicTimer? _repairTimer;
    private Task _repairing = Task.CompletedTask;

    public async Task Start(CancellationToken cancellation)
    {
        if (roles.Value.Queues is not { Count: > 0 } queues)
            return;
        await InstallSchedules(onlyEdited: false, cancellation);
        _server = new BackgroundJobServer(
            new BackgroundJobServerOptions
            {
                Queues = [.. queues],
                WorkerCount = queues.Count,
                Activator = activator,
                SchedulePollingInterval = TimeSpan.FromSeconds(5),
                ShutdownTimeout = _shutdownTimeout,
                HeartbeatInterval = RunRepair.HeartbeatInterval,
            },
            storage);
        _repairTimer = new PeriodicTimer(RunRepair.Interval);
        _repairing = RepairRuns(services.GetRequiredService<RunRepair>(), _repairTimer);
        LogStarted(string.Join(", ", queues));
    }

    /// <summary>Cancels running jobs and waits up to 20 seconds for them; another server restarts the jobs that did not complete.</summary>
    public async ValueTask DisposeAsync()
    {
        Task stopped;
        lock (_stopLock) // the host can stop and dispose at the same time
            stopped = _stopped ??= Stop();
        await stopped;
    }

    private async Task Stop()
    {
        if (_server is null)
            return;
        _repairTimer!.Dispose();
        await Task.WhenAny(_repairing, Task.Delay(_repairTimeout));
        _server.SendStop();
        await _server.WaitForShutdownAsync(CancellationToken.None);
        _server.Dispose();
    }

    private async Task InstallSchedules(bool onlyEdited, CancellationToken cancellation)
    {
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ScheduleEditor>().Install(onlyEdited, cancellation);
    }

    private async Task RepairRuns(RunRepair repair, PeriodicTimer timer)
    {
        do
        {
            try
            {
                await repair.Repair(CancellationToken.None);
                await InstallSchedules(onlyEdited: true, CancellationToken.None);
            }
            // Any exception: an unhandled one would end the repairs.
            catch (Exception failure)
            {
                LogNotRepaired(failure);
            }
        }
        while (await timer.WaitForNextTickAsync());
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Interrupted runs and recurring jobs cannot be repaired; the next interval tries again")]
    private partial void LogNotRepaired(Exception failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "Processing the queues {Queues}")]
    private partial void LogStarted(string queues);
}

/// <summary>
/// Allows only signed-in administrators to open the dashboard. Hangfire's default allows all local requests, and behind a proxy on the
/// same host every request is local.
/// </summary>
public sealed class HangfireDashboardAccess : IDashboardAuthorizationFilter
{
    public bool Authorize(DashboardContext context) => context.GetHttpContext().User.IsInRole(AccountRoles.Admin);
}
