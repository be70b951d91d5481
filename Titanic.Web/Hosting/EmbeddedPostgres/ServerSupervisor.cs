using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>
/// Restarts the server when its postmaster has ended, on the same port. Each process that uses the server supervises it; the start lock
/// lets one of them restart it, and the others find it running.
/// </summary>
internal sealed partial class ServerSupervisor(StateFolder state, Postmaster postmaster, PostmasterFile started, Credentials credentials, ILogger logger)
    : IAsyncDisposable
{
    /// <summary>A check reads two files of /proc.</summary>
    private static readonly TimeSpan _checkInterval = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan _maximumRetryDelay = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _stop = new();
    private volatile PostmasterFile _server = started;
    private volatile ServerOutage? _outage;
    private Task? _supervision;

    public int ProcessId => _server.ProcessId;

    /// <summary>Null while the server's process runs.</summary>
    public ServerOutage? Outage => _outage;

    public void Start() => _supervision = Task.Run(Supervise);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_supervision is not null)
            await _supervision.ContinueWith(_ => { }, TaskScheduler.Default); // it ends by cancellation
        _stop.Dispose();
    }

    private async Task Supervise()
    {
        using var timer = new PeriodicTimer(_checkInterval);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            if (!_server.IsServerRunning())
                await Restart();
        }
    }

    private async Task Restart()
    {
        var (since, delay) = (Stopwatch.GetTimestamp(), _checkInterval);
        _outage = new ServerOutage(since, "PostgreSQL ended unexpectedly and is being restarted.");
        LogEnded(_server.ProcessId);
        while (_outage is not null)
        {
            try
            {
                using var starting = await StateLocks.AcquireExclusive(state.StartLock, _stop.Token);
                _server = await postmaster.Restart(credentials, _server.Port, _stop.Token);
                _outage = null;
                LogAvailable(_server.ProcessId, (long)Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            }
            // Any exception: an unhandled one would end the supervision.
            catch (Exception failure) when (!_stop.IsCancellationRequested)
            {
                var reason = FailureText.Describe(failure);
                _outage = new ServerOutage(since, $"PostgreSQL ended unexpectedly and cannot be restarted: {reason}");
                LogNotRestarted(reason, delay);
                await Task.Delay(delay, _stop.Token);
                delay = delay * 2 < _maximumRetryDelay ? delay * 2 : _maximumRetryDelay;
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "PostgreSQL with process id {ProcessId} ended unexpectedly; restarting it")]
    private partial void LogEnded(int processId);

    [LoggerMessage(LogLevel.Warning, "PostgreSQL runs again with process id {ProcessId}, {ElapsedMilliseconds} ms after its end was noticed")]
    private partial void LogAvailable(int processId, long elapsedMilliseconds);

    [LoggerMessage(LogLevel.Error, "PostgreSQL cannot be restarted; the next attempt is in {Delay}: {Reason}")]
    private partial void LogNotRestarted(string reason, TimeSpan delay);
}

/// <summary>The time without a running server process.</summary>
/// <param name="Since">The timestamp of <see cref="Stopwatch"/>.</param>
/// <param name="Reason">A sentence for operators.</param>
internal sealed record ServerOutage(long Since, string Reason)
{
    /// <summary>
    /// Longer than a restart after a crash takes, including a minute of recovery: what has not been successful until then needs a restart
    /// of this process, which can use another port, or a person.
    /// </summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public bool IsLasting(long now) => Stopwatch.GetElapsedTime(Since, now) >= Limit;
}

internal static class ServerTelemetry
{
    private static readonly Counter<long> _restarts = ProductTelemetry.Meter.CreateCounter<long>(
        "titanic.postgres.restarts", "{restart}", "Restarts of the embedded PostgreSQL by this process after its unexpected end.");

    public static void CountRestarts(int count) => _restarts.Add(count);
}
