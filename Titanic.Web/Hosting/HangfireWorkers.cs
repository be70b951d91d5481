using Hangfire;
using Microsoft.Extensions.Options;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Hosting;

/// <summary>Works off the queues of this process's roles, once told that the database and the first start are done.</summary>
public sealed partial class HangfireWorkers(JobStorage storage, JobActivator activator, IRecurringJobManager recurring, IOptions<PipelineSchedule> schedule, IOptions<ProcessRoles> roles, ILogger<HangfireWorkers> log)
    : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly Lock _oneStop = new();
    private BackgroundJobServer? _server;
    private Task? _stopped;

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
        LogWorking(string.Join(", ", queues));
    }

    /// <summary>Asks running jobs to stop and waits for them; what they leave undone is taken up by the next worker.</summary>
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
