using Hangfire;
using Microsoft.Extensions.Options;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Hosting;

/// <summary>Works off the queues of this process's roles, once told that the database and the first start are done.</summary>
public sealed class HangfireWorkers(JobStorage storage, JobActivator activator, IRecurringJobManager recurring, IOptions<PipelineSchedule> schedule, IOptions<ProcessRoles> roles)
    : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private BackgroundJobServer? _server;

    public void Start()
    {
        if (roles.Value.Queues is not { Count: > 0 } queues)
            return;
        schedule.Value.Install(recurring);
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
    }

    /// <summary>Asks running jobs to stop and waits for them; what they leave undone is taken up by the next worker.</summary>
    public async ValueTask DisposeAsync()
    {
        // The host's stop and the container's disposal may come at the same moment.
        if (Interlocked.Exchange(ref _server, null) is not { } server)
            return;
        server.SendStop();
        await server.WaitForShutdownAsync(CancellationToken.None);
        server.Dispose();
    }
}
