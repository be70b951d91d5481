using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Serving.Storing;

/// <summary>
/// Stores every online prediction as a row. Requests share commits (group commit): one writer takes the queued writes and stores them in
/// one transaction; their requests complete after the commit, and the next batch is queued meanwhile. The writer starts on first use.
/// </summary>
public sealed partial class PredictionLog : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan _retryDelay = TimeSpan.FromMilliseconds(50);

    private readonly DatabaseReadiness _database;
    private readonly ServingOptions _options;
    private readonly ILogger<PredictionLog> _log;
    private readonly Channel<PendingWrite> _waiting = Channel.CreateUnbounded<PendingWrite>(new UnboundedChannelOptions { SingleReader = true });
    private readonly RowSemaphore _rows;
    private readonly Lazy<NpgsqlDataSource> _postgres;
    private readonly Lazy<PredictionIds> _ids;
    private readonly Lazy<Task> _writing;
    private readonly CancellationTokenSource _stop = new();
    private NpgsqlConnection? _connection;
    private bool _isUnavailable;

    public PredictionLog(DatabaseReadiness database, IOptions<ServingOptions> options, ILogger<PredictionLog> log)
    {
        (_database, _options, _log) = (database, options.Value, log);
        _rows = new RowSemaphore(_options.LogQueueRows);
        _postgres = new Lazy<NpgsqlDataSource>(Connect);
        _ids = new Lazy<PredictionIds>(() => new PredictionIds(_postgres.Value));
        _writing = new Lazy<Task>(() => Task.Run(Write));
    }

    public PredictionLogMode Mode => _options.LogMode;

    /// <summary>
    /// The deadline of a request that starts now, for all steps: ids, queue and commit; see <see cref="ServingOptions.LogTimeout"/>.
    /// </summary>
    internal Deadline NewDeadline() => Deadline.In(_options.LogTimeout);

    /// <summary>Allocates ids for new rows.</summary>
    /// <exception cref="PredictionsNotStoredException">The database does not respond, or not before the deadline.</exception>
    internal async ValueTask<long[]> NewIds(int count, Deadline deadline)
    {
        try
        {
            return await _ids.Value.Take(count, deadline);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            throw new PredictionsNotStoredException(Unavailable, failure);
        }
    }

    /// <summary>Stores rows; completes when they are durable.</summary>
    /// <param name="rows">Rows with ids of <see cref="NewIds"/>; they must not change afterwards.</param>
    /// <param name="deadline">The deadline of the request, from <see cref="NewDeadline"/>.</param>
    /// <exception cref="PredictionsNotStoredException">
    /// The database does not respond, or not before the deadline. It is unknown whether the rows are stored; they are not stored twice.
    /// </exception>
    internal Task Store(IReadOnlyList<Prediction> rows, Deadline deadline) => Store(new PendingWrite(rows, null, deadline));

    /// <summary>Stores a response with its rows under its idempotency key, unless the key exists; durable in every mode.</summary>
    /// <returns>The response that is stored under the key: this one, or an earlier one.</returns>
    /// <inheritdoc cref="Store(IReadOnlyList{Prediction}, Deadline)"/>
    internal async Task<IdempotencyRecord> StoreIdempotent(IdempotencyRecord record, IReadOnlyList<Prediction> rows, Deadline deadline) =>
        (await Store(new PendingWrite(rows, record, deadline)))!;

    private async Task<IdempotencyRecord?> Store(PendingWrite write)
    {
        _ = _writing.Value;
        if (!await _rows.WaitAsync(write.Weight, write.Deadline))
            throw new PredictionsNotStoredException(
                FormattableString.Invariant($"the queue is full ({_options.LogQueueRows:#,##0} rows)."));
        if (!_waiting.Writer.TryWrite(write))
        {
            _rows.Release(write.Weight);
            throw new PredictionsNotStoredException("the server is stopping.");
        }
        return await write.Stored;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stores the queued writes; fails the remaining ones when the shutdown time of the host is over.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        await using var registration = cancellationToken.Register(_stop.Cancel);
        if (_writing.IsValueCreated)
            await _writing.Value;
    }

    public async ValueTask DisposeAsync()
    {
        using var timeLimit = new CancellationTokenSource(_options.LogTimeout);
        await StopAsync(timeLimit.Token);
        if (_postgres.IsValueCreated)
            await _postgres.Value.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>
    /// Opens a separate connection pool, so that predictions do not wait for connections that pages use, and with short timeouts for a
    /// server that does not respond. It is small: the writer uses one connection, and ids are rarely fetched concurrently.
    /// </summary>
    private NpgsqlDataSource Connect()
    {
        var seconds = (int)Math.Ceiling(_options.LogTimeout.TotalSeconds);
        var address = new NpgsqlConnectionStringBuilder(_database.ConnectionString);
        return NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(address.ConnectionString)
        {
            ApplicationName = address.ApplicationName ?? "titanic prediction log",
            MaxPoolSize = 6,
            Timeout = seconds,
            CommandTimeout = seconds + 1,
            CancellationTimeout = -1,
            MaxAutoPrepare = 10,
            AutoPrepareMinUsages = 2,
        });
    }

    private async Task Write()
    {
        while (await _waiting.Reader.WaitToReadAsync())
        {
            if (_options.LogDelay > TimeSpan.Zero && !_waiting.Reader.Completion.IsCompleted)
                await Task.Delay(_options.LogDelay);
            if (TakeBatch() is { Count: > 0 } batch)
                await StoreBatch(batch);
        }
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    /// <summary>Takes the next batch from the queue, in order. Writes whose deadline has passed fail.</summary>
    private List<PendingWrite> TakeBatch()
    {
        var batch = new List<PendingWrite>(); // not reused: an abandoned attempt may still read the previous list
        var rows = 0;
        while (_waiting.Reader.TryPeek(out var next) && (batch.Count == 0 || rows + next.Weight <= _options.LogBatchRows))
        {
            _waiting.Reader.TryRead(out _);
            if (next.Deadline.HasPassed)
            {
                Fail([next], new PredictionsNotStoredException("the database cannot store all requests in time."));
                continue;
            }
            batch.Add(next);
            rows += next.Weight;
        }
        return batch;
    }

    private async Task StoreBatch(List<PendingWrite> batch)
    {
        try
        {
            var stored = await StoreInTime(batch);
            _rows.Release(batch.Sum(write => write.Weight));
            for (var i = 0; i < batch.Count; i++)
                batch[i].Succeed(stored[i]);
        }
        catch (PredictionsNotStoredException failure)
        {
            Fail(batch, failure);
        }
    }

    private void Fail(List<PendingWrite> batch, PredictionsNotStoredException failure)
    {
        _rows.Release(batch.Sum(write => write.Weight));
        foreach (var write in batch)
            write.Fail(failure);
    }

    /// <summary>
    /// Retries until the earliest deadline of the batch, so that no request waits longer than its own. Every row keeps its id, so an
    /// attempt with an unknown outcome can be retried; see <see cref="PredictionBatchWriter.Store"/>. While the database is known to be
    /// unavailable, the first failed attempt is the last.
    /// </summary>
    private async Task<IdempotencyRecord?[]> StoreInTime(List<PendingWrite> batch)
    {
        var deadline = batch.MinBy(write => write.Deadline.Timestamp)!.Deadline;
        for (var isAgain = false; ; isAgain = true)
        {
            var attempt = Attempt(batch, isAgain);
            try
            {
                (var stored, _connection) = await attempt.WaitAsync(deadline.Remaining, _stop.Token);
                if (_isUnavailable)
                    LogRecovered();
                _isUnavailable = false;
                return stored;
            }
            catch (Exception failure)
            {
                _ = Abandon(attempt);
                _ids.Value.Invalidate();
                var isOver = _stop.IsCancellationRequested
                    || _isUnavailable || deadline.HasPassed || failure is PostgresException { IsTransient: false } or InvalidDataException;
                if (!_isUnavailable)
                    LogUnavailable(failure);
                _isUnavailable = true;
                if (isOver)
                    throw new PredictionsNotStoredException(Unavailable, failure);
            }
            await Task.Delay(_retryDelay);
        }
    }

    private async Task<(IdempotencyRecord?[] Stored, NpgsqlConnection Connection)> Attempt(List<PendingWrite> batch, bool isRetry)
    {
        var connection = Interlocked.Exchange(ref _connection, null) ?? await _postgres.Value.OpenConnectionAsync();
        try
        {
            return (await PredictionBatchWriter.Store(connection, batch, isRetry, _options.IdempotencyTime, CancellationToken.None), connection);
        }
        catch
        {
            await connection.DisposeAsync(); // a broken connection is not returned to the pool
            throw;
        }
    }

    /// <summary>Disposes an attempt that no request waits for. It ends at the latest with the command timeout.</summary>
    private static async Task Abandon(Task<(IdempotencyRecord?[] Stored, NpgsqlConnection Connection)> attempt)
    {
        await attempt.ContinueWith(_ => { }, TaskScheduler.Default);
        if (attempt.IsCompletedSuccessfully)
            await attempt.Result.Connection.DisposeAsync();
        else
            _ = attempt.Exception;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Predictions cannot be stored; requests fail until the database responds")]
    private partial void LogUnavailable(Exception cause);

    [LoggerMessage(Level = LogLevel.Information, Message = "Predictions are stored again")]
    private partial void LogRecovered();

    private const string Unavailable = "the database does not respond.";
}

/// <summary>A queued write: the predictions of one request, which are stored in one transaction.</summary>
/// <param name="rows">The rows with their ids.</param>
/// <param name="record">The response to store; null for a request without an <c>Idempotency-Key</c>.</param>
/// <param name="deadline">When the write fails.</param>
internal sealed class PendingWrite(IReadOnlyList<Prediction> rows, IdempotencyRecord? record, Deadline deadline)
{
    private readonly TaskCompletionSource<IdempotencyRecord?> _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Prediction> Rows => rows;

    public IdempotencyRecord? Record => record;

    public Deadline Deadline => deadline;

    /// <summary>The number of rows that count against the queue limit; at least 1, because a response without rows is stored too.</summary>
    public int Weight => Math.Max(1, rows.Count);

    /// <summary>Completes when the rows are durable, with the record that is stored under the key.</summary>
    public Task<IdempotencyRecord?> Stored => _stored.Task;

    public void Succeed(IdempotencyRecord? stored) => _stored.TrySetResult(stored);

    public void Fail(PredictionsNotStoredException failure) => _stored.TrySetException(failure);
}

/// <summary>A first-in-first-out semaphore that counts rows: a request waits until enough rows of earlier requests are stored.</summary>
internal sealed class RowSemaphore(int maximum)
{
    private readonly Lock _lock = new();
    private readonly Queue<(int Rows, TaskCompletionSource<bool> Entered)> _waiters = [];
    private int _free = maximum;

    /// <summary>Acquires a number of rows.</summary>
    /// <returns>False where the deadline passed first; then nothing is acquired.</returns>
    public async ValueTask<bool> WaitAsync(int rows, Deadline deadline)
    {
        TaskCompletionSource<bool> entered;
        lock (_lock)
        {
            if (_waiters.Count == 0 && rows <= _free)
            {
                _free -= rows;
                return true;
            }
            entered = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Enqueue((rows, entered));
        }
        try
        {
            return await entered.Task.WaitAsync(deadline.Remaining);
        }
        catch (TimeoutException)
        {
            // The rows may have been acquired since the timeout; then true is returned, so that the caller releases them.
            return !entered.TrySetResult(false);
        }
    }

    public void Release(int rows)
    {
        lock (_lock)
        {
            _free += rows;
            while (_waiters.TryPeek(out var first) && (first.Entered.Task.IsCompleted || first.Rows <= _free))
            {
                _waiters.Dequeue();
                if (first.Entered.TrySetResult(true))
                    _free -= first.Rows;
            }
        }
    }
}

/// <summary>A point in time by the monotonic clock at which a request stops waiting.</summary>
internal readonly record struct Deadline
{
    private Deadline(long timestamp) => Timestamp = timestamp;

    /// <summary>The <see cref="Stopwatch"/> timestamp; smaller is earlier.</summary>
    public long Timestamp { get; }

    public static Deadline In(TimeSpan time) => new(Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));

    /// <summary>The time that is left; zero when the deadline has passed.</summary>
    public TimeSpan Remaining => TimeSpan.FromSeconds(Math.Max(0, (double)(Timestamp - Stopwatch.GetTimestamp()) / Stopwatch.Frequency));

    public bool HasPassed => Remaining == TimeSpan.Zero;
}

/// <summary>Predictions could not be stored in time, so they are not returned. It is unknown whether their rows are stored.</summary>
public sealed class PredictionsNotStoredException(string reason, Exception? cause = null)
    : Exception($"No prediction was returned, because it could not be stored: {reason} Try again in a moment.", cause)
{
    /// <summary>The value of the header Retry-After.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
}
