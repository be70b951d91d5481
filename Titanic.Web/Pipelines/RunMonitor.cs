using Npgsql;
using NpgsqlTypes;
using Titanic.Web.Database;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Watches a run while this process executes it, once a second: stores its steps if they have changed, and cancels it when a user has
/// requested that, through whichever process. A run that is shorter than the interval costs no statement. It has a thread of its own and no
/// asynchronous calls, because training occupies the threads of the pool.
/// </summary>
internal sealed partial class RunMonitor : IAsyncDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _postgres;
    private readonly long _runId;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _work;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;
    private string _stored = "[]";

    /// <param name="steps">The steps to store.</param>
    /// <param name="cancellation">Cancels the run without a request of a user: the process is stopped, or the client has disconnected.</param>
    public RunMonitor(NpgsqlDataSource postgres, long runId, StepRecorder steps, ILogger log, CancellationToken cancellation)
    {
        (_postgres, _runId, Steps, _log) = (postgres, runId, steps, log);
        _work = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Cancellation = _work.Token;
        _watching = Task.Factory.StartNew(Watch, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public StepRecorder Steps { get; }

    /// <summary>Cancels the work of the run.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>The request of a user to cancel the run; null as long as there is none.</summary>
    public CancelRequest? Request { get; private set; }

    /// <summary>Stops watching. The caller writes the final steps.</summary>
    public async Task Stop()
    {
        await _end.CancelAsync();
        await _watching;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _end.Dispose();
        _work.Dispose();
    }

    private void Watch()
    {
        // The real time, not the clock of the product: the work takes real time, too.
        while (!_end.Token.WaitHandle.WaitOne(_interval))
        {
            try
            {
                if ((Request ??= Exchange()) is not null)
                    _work.Cancel();
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
            {
                LogNotWatched(failure, _runId); // the database may be restarting; the next time it is tried again
            }
        }
    }

    /// <summary>Stores the steps if they have changed, and reads the request to cancel the run.</summary>
    private CancelRequest? Exchange()
    {
        var steps = JsonColumn.Serialize(Steps.Read());
        using var command = _postgres.CreateCommand(steps == _stored
            ? "select cancel_requested_at, cancel_requested_by from runs where run_id = @run and cancel_requested_at is not null"
            : "update runs set steps = @steps where run_id = @run returning cancel_requested_at, cancel_requested_by");
        command.Parameters.AddWithValue("run", _runId);
        if (steps != _stored)
            command.Parameters.AddWithValue("steps", NpgsqlDbType.Jsonb, steps);
        using var reader = command.ExecuteReader();
        var isRequested = reader.Read() && !reader.IsDBNull(0);
        _stored = steps;
        return isRequested ? new CancelRequest(reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1)) : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The steps of run {RunId} could not be stored; trying again")]
    private partial void LogNotWatched(Exception failure, long runId);
}
