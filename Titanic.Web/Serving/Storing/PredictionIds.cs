using System.Diagnostics;
using Npgsql;

namespace Titanic.Web.Serving.Storing;

/// <summary>
/// Allocates prediction ids in blocks from the sequence of the table, before the rows are written. So a response can be serialized before
/// its row is stored, and a retry does not store a row twice. All processes and batch inference use the same sequence: ids are unique, and ids that a
/// process has not used when it ends are gaps.
/// </summary>
/// <remarks>
/// Blocks grow only while they are used up quickly, and a block is valid for one second, because lists are sorted by id as "newest first".
/// </remarks>
internal sealed class PredictionIds(NpgsqlDataSource postgres)
{
    private const int MaximumBlockSize = 8192;
    private const string SelectIds = "select array_agg(nextval('predictions_prediction_id_seq')) from generate_series(1, $1)";
    private static readonly TimeSpan _blockLifetime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _fastUse = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private long[] _block = [];
    private int _used, _waiting, _blockSize = 1;
    private long _fetchedAt;
    private Task<long[]>? _pendingFetch;

    /// <summary>Returns ascending ids. They have gaps while other processes allocate ids too.</summary>
    /// <param name="count">The number of ids, at least 1.</param>
    /// <param name="deadline">The maximum time to wait.</param>
    /// <exception cref="TimeoutException">The database did not respond before the deadline.</exception>
    public ValueTask<long[]> Take(int count, Deadline deadline) => TryTake(count) is { } ids
        ? ValueTask.FromResult(ids)
        : new ValueTask<long[]>(count > 1 ? Fetch(count).WaitAsync(deadline.Remaining) : TakeAfterFetch(deadline));

    /// <summary>
    /// Discards the current block after a database failure: another server, with another state of the sequence, may respond next.
    /// </summary>
    public void Invalidate()
    {
        lock (_lock)
            (_block, _used, _blockSize) = ([], 0, 1);
    }

    private long[]? TryTake(int count)
    {
        lock (_lock)
        {
            if (_pendingFetch is { IsCompletedSuccessfully: true } && _used == _block.Length)
                UseBlock(_pendingFetch);
            if (_block.Length - _used < count || Stopwatch.GetElapsedTime(_fetchedAt) > _blockLifetime)
                return null;
            var ids = _block[_used..(_used + count)];
            _used += count;
            if (_pendingFetch is null && _block.Length > 1 && 2 * _used > _block.Length)
                _pendingFetch = Fetch(_blockSize);
            return ids;
        }
    }

    private async Task<long[]> TakeAfterFetch(Deadline deadline)
    {
        while (true)
        {
            Task<long[]> coming;
            lock (_lock)
            {
                _waiting++;
                coming = _pendingFetch ??= Fetch(Math.Max(_blockSize, _waiting));
            }
            try
            {
                await coming.WaitAsync(deadline.Remaining);
            }
            finally
            {
                lock (_lock)
                {
                    _waiting--;
                    if (_pendingFetch == coming && coming.IsCompleted)
                        UseBlock(coming);
                }
            }
            if (TryTake(1) is { } ids)
                return ids;
        }
    }

    /// <summary>Makes a fetched block the current one and adapts the block size. Requires the lock.</summary>
    private void UseBlock(Task<long[]> fetched)
    {
        _pendingFetch = null;
        if (!fetched.IsCompletedSuccessfully)
            return;
        var lasted = Stopwatch.GetElapsedTime(_fetchedAt);
        if (lasted < _fastUse)
            _blockSize = Math.Min(2 * _blockSize, MaximumBlockSize);
        else if (lasted > _blockLifetime)
            _blockSize = 1;
        (_block, _used, _fetchedAt) = (fetched.Result, 0, Stopwatch.GetTimestamp());
    }

    private async Task<long[]> Fetch(int count)
    {
        await Task.Yield(); // leaves the caller's lock before any I/O
        try
        {
            return await QueryIds(count);
        }
        catch (NpgsqlException)
        {
            return await QueryIds(count); // the pooled connection may belong to a server that was restarted; a new one may succeed
        }
    }

    private async Task<long[]> QueryIds(int count)
    {
        await using var command = postgres.CreateCommand(SelectIds);
        command.Parameters.Add(new NpgsqlParameter { Value = count });
        return (long[])(await command.ExecuteScalarAsync())!;
    }
}
