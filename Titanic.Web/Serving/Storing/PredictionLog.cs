using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Serving.Storing;

/// <summary>
/// Stores every online prediction as a row. Requests share commits (group commit): one writer takes what waits and stores it in one
/// transaction, and only then do its requests get their responses; meanwhile the next batch gathers. The writer starts with the first use.
/// </summary>
public sealed partial class PredictionLog : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    private readonly DatabaseGate _gate;
    private readonly ServingOptions _options;
    private readonly ILogger<PredictionLog> _log;
    private readonly Channel<PendingWrite> _waiting = Channel.CreateUnbounded<PendingWrite>(new UnboundedChannelOptions { SingleReader = true });
    private readonly RowSemaphore _rows;
    private readonly Lazy<NpgsqlDataSource> _postgres;
    private readonly Lazy<PredictionIds> _ids;
    private readonly Lazy<Task> _writing;
    private readonly CancellationTokenSource _giveUp = new();
    private NpgsqlConnection? _connection;
    private bool _isAway;

    public PredictionLog(DatabaseGate gate, IOptions<ServingOptions> options, ILogger<PredictionLog> log)
    {
        (_gate, _options, _log) = (gate, options.Value, log);
        _rows = new RowSemaphore(_options.LogQueueRows);
        _postgres = new Lazy<NpgsqlDataSource>(Connect);
        _ids = new Lazy<PredictionIds>(() => new PredictionIds(_postgres.Value));
        _writing = new Lazy<Task>(() => Task.Run(Write));
    }

    public PredictionLogMode Mode => _options.LogMode;

    /// <summary>Until when a request that comes now may wait for all of it: ids, room and rows.</summary>
    internal Deadline NewDeadline() => Deadline.In(_options.LogTimeout);

    /// <summary>Ids for rows that are to be stored.</summary>
    /// <exception cref="AnswersNotStoredException">The database is away or too slow.</exception>
    internal async ValueTask<long[]> NewIds(int count, Deadline deadline)
    {
        try
        {
            return await _ids.Value.Take(count, deadline);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            throw new AnswersNotStoredException(IsAway, failure);
        }
    }

    /// <summary>Ends when the rows are durable.</summary>
    /// <param name="rows">With ids of <see cref="NewIds"/>; they stay as they are from now on.</param>
    /// <param name="deadline">Of <see cref="NewDeadline"/>.</param>
    /// <exception cref="AnswersNotStoredException">The database is away or too slow. Whether the rows were stored is not known, but not twice.</exception>
    internal Task Store(IReadOnlyList<Prediction> rows, Deadline deadline) => Store(new PendingWrite(rows, null, deadline));

    /// <summary>Stores a response under its idempotency key with its rows, unless there is one already; durable in every mode.</summary>
    /// <returns>What is stored under the key now: this response, or the one that was there.</returns>
    /// <inheritdoc cref="Store(IReadOnlyList{Prediction}, Deadline)"/>
    internal async Task<IdempotencyRecord> StoreIdempotent(IdempotencyRecord record, IReadOnlyList<Prediction> rows, Deadline deadline) =>
        (await Store(new PendingWrite(rows, record, deadline)))!;

    private async Task<IdempotencyRecord?> Store(PendingWrite write)
    {
        _ = _writing.Value;
        if (!await _rows.WaitAsync(write.Weight, write.Deadline))
            throw new AnswersNotStoredException(FormattableString.Invariant($"{_options.LogQueueRows} answers are waiting to be stored already."));
        if (!_waiting.Writer.TryWrite(write))
        {
            _rows.Release(write.Weight);
            throw new AnswersNotStoredException("the server is stopping.");
        }
        return await write.Stored;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stores what was accepted, by when the host's patience ends.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        await using var impatience = cancellationToken.Register(_giveUp.Cancel);
        if (_writing.IsValueCreated)
            await _writing.Value;
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(_options.LogTimeout);
        await StopAsync(patience.Token);
        if (_postgres.IsValueCreated)
            await _postgres.Value.DisposeAsync();
        _giveUp.Dispose();
    }

    /// <summary>
    /// Connections of its own: pages that wait for theirs must not keep answers waiting, and a server that does not answer is given up after
    /// seconds. Few, because the writer has one, and numbers are seldom fetched by two at once.
    /// </summary>
    private NpgsqlDataSource Connect()
    {
        var seconds = (int)Math.Ceiling(_options.LogTimeout.TotalSeconds);
        var address = new NpgsqlConnectionStringBuilder(_gate.ConnectionString);
        return NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(address.ConnectionString)
        {
            ApplicationName = address.ApplicationName ?? "titanic answers",
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
            if (Gather() is { Count: > 0 } batch)
                await StoreBatch(batch);
        }
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    /// <summary>What waits, in its order.</summary>
    private List<PendingWrite> Gather()
    {
        var batch = new List<PendingWrite>(); // a new one: an attempt that was given up may still read the old one
        var rows = 0;
        while (_waiting.Reader.TryPeek(out var next) && (batch.Count == 0 || rows + next.Weight <= _options.LogBatchRows))
        {
            _waiting.Reader.TryRead(out _);
            if (next.Deadline.HasPassed)
            {
                Fail([next], new AnswersNotStoredException("the database is too slow for all who ask."));
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
        catch (AnswersNotStoredException failure)
        {
            Fail(batch, failure);
        }
    }

    private void Fail(List<PendingWrite> batch, AnswersNotStoredException failure)
    {
        _rows.Release(batch.Sum(write => write.Weight));
        foreach (var write in batch)
            write.Fail(failure);
    }

    /// <summary>
    /// Tries until the batch's first deadline, so that no request waits longer than its own. Every row keeps its id, so an attempt whose end
    /// was not seen may be followed by another; see <see cref="PredictionBatchWriter.Store"/>. While the database is known to be away,
    /// one attempt is enough to fail.
    /// </summary>
    private async Task<IdempotencyRecord?[]> StoreInTime(List<PendingWrite> batch)
    {
        var deadline = batch.MinBy(write => write.Deadline.Timestamp)!.Deadline;
        for (var isAgain = false; ; isAgain = true)
        {
            var attempt = Attempt(batch, isAgain);
            try
            {
                (var stored, _connection) = await attempt.WaitAsync(deadline.Remaining, _giveUp.Token);
                if (_isAway)
                    LogBack();
                _isAway = false;
                return stored;
            }
            catch (Exception failure)
            {
                _ = Abandon(attempt);
                _ids.Value.Invalidate();
                var isOver = _giveUp.IsCancellationRequested
                    || _isAway || deadline.HasPassed || failure is PostgresException { IsTransient: false } or InvalidDataException;
                if (!_isAway)
                    LogAway(failure);
                _isAway = true;
                if (isOver)
                    throw new AnswersNotStoredException(IsAway, failure);
            }
            await Task.Delay(_pause);
        }
    }

    private async Task<(IdempotencyRecord?[] Stored, NpgsqlConnection Connection)> Attempt(List<PendingWrite> batch, bool isAgain)
    {
        var connection = Interlocked.Exchange(ref _connection, null) ?? await _postgres.Value.OpenConnectionAsync();
        try
        {
            return (await PredictionBatchWriter.Store(connection, batch, isAgain, _options.IdempotencyTime, CancellationToken.None), connection);
        }
        catch
        {
            await connection.DisposeAsync(); // a broken one does not go back to the pool
            throw;
        }
    }

    /// <summary>It ends by the command's own time limit, if not before; nobody waits for it.</summary>
    private static async Task Abandon(Task<(IdempotencyRecord?[] Stored, NpgsqlConnection Connection)> attempt)
    {
        await attempt.ContinueWith(_ => { }, TaskScheduler.Default);
        if (attempt.IsCompletedSuccessfully)
            await attempt.Result.Connection.DisposeAsync();
        else
            _ = attempt.Exception;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Answers cannot be stored, so none are given until the database is back")]
    private partial void LogAway(Exception cause);

    [LoggerMessage(Level = LogLevel.Information, Message = "Answers are stored and given again")]
    private partial void LogBack();

    private const string IsAway = "the database does not answer.";
}

/// <summary>The predictions of one request, which are stored together or not at all.</summary>
/// <param name="rows">With their ids.</param>
/// <param name="record">Null for a request without an <c>Idempotency-Key</c>.</param>
/// <param name="deadline">When the request gives up.</param>
internal sealed class PendingWrite(IReadOnlyList<Prediction> rows, IdempotencyRecord? record, Deadline deadline)
{
    private readonly TaskCompletionSource<IdempotencyRecord?> _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Prediction> Rows => rows;

    public IdempotencyRecord? Record => record;

    public Deadline Deadline => deadline;

    /// <summary>What takes room in the queue: an idempotency record is a row as well.</summary>
    public int Weight => Math.Max(1, rows.Count);

    /// <summary>Ends when the rows are durable; what is now stored under the key.</summary>
    public Task<IdempotencyRecord?> Stored => _stored.Task;

    public void Succeed(IdempotencyRecord? stored) => _stored.TrySetResult(stored);

    public void Fail(AnswersNotStoredException failure) => _stored.TrySetException(failure);
}

/// <summary>A semaphore of rows: a request that finds no room waits, in order, until earlier rows are stored.</summary>
internal sealed class RowSemaphore(int maximum)
{
    private readonly Lock _lock = new();
    private readonly Queue<(int Rows, TaskCompletionSource<bool> Entered)> _outside = [];
    private int _free = maximum;

    /// <returns>False when there was no room in time.</returns>
    public async ValueTask<bool> WaitAsync(int rows, Deadline deadline)
    {
        TaskCompletionSource<bool> entered;
        lock (_lock)
        {
            if (_outside.Count == 0 && rows <= _free)
            {
                _free -= rows;
                return true;
            }
            entered = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _outside.Enqueue((rows, entered));
        }
        try
        {
            return await entered.Task.WaitAsync(deadline.Remaining);
        }
        catch (TimeoutException)
        {
            // A request that was let in meanwhile is in: otherwise its rows would never be released.
            return !entered.TrySetResult(false);
        }
    }

    public void Release(int rows)
    {
        lock (_lock)
        {
            _free += rows;
            while (_outside.TryPeek(out var first) && (first.Entered.Task.IsCompleted || first.Rows <= _free))
            {
                _outside.Dequeue();
                if (first.Entered.TrySetResult(true))
                    _free -= first.Rows;
            }
        }
    }
}

/// <summary>Until when a request waits, by the monotonic clock.</summary>
internal readonly record struct Deadline
{
    private Deadline(long timestamp) => Timestamp = timestamp;

    /// <summary>The earlier, the less.</summary>
    public long Timestamp { get; }

    public static Deadline In(TimeSpan time) => new(Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));

    /// <summary>Zero when it has passed.</summary>
    public TimeSpan Remaining => TimeSpan.FromSeconds(Math.Max(0, (double)(Timestamp - Stopwatch.GetTimestamp()) / Stopwatch.Frequency));

    public bool HasPassed => Remaining == TimeSpan.Zero;
}

/// <summary>The predictions could not be stored in time, so they are not given. Whether their rows were stored is not known.</summary>
public sealed class AnswersNotStoredException(string reason, Exception? cause = null)
    : Exception($"The question was not answered, because an answer is given only when it is stored: {reason} Try again in a moment.", cause)
{
    /// <summary>When a caller should try again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
}
