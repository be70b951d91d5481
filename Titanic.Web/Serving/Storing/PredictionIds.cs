using System.Diagnostics;
using Npgsql;

namespace Titanic.Web.Serving.Storing;

/// <summary>
/// Allocates prediction ids in blocks from the sequence of the table, before the rows are written. So a response can be written before its
/// row, and a retry does not store a row twice. All processes and batch inference use the same sequence: ids are unique, and ids that a
/// process has not used when it ends are gaps.
/// </summary>
/// <remarks>
/// Blocks grow only while they are used up quickly, and a block is valid for one second, because lists are sorted by id as "newest first".
/// </remarks>
internal sealed class PredictionIds(NpgsqlDataSource postgres)
{
    private const int MostAhead = 8192;
    private const string Next = "select array_agg(nextval('predictions_prediction_id_seq')) from generate_series(1, $1)";
    private static readonly TimeSpan _kept = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _usedUpAtOnce = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private long[] _block = [];
    private int _used, _waiting, _ahead = 1;
    private long _takenAt;
    private Task<long[]>? _coming;

    /// <summary>Returns ascending ids. They have gaps while other processes allocate ids too.</summary>
    /// <param name="count">The number of ids, at least 1.</param>
    /// <param name="deadline">The maximum time to wait.</param>
    /// <exception cref="TimeoutException">The database did not respond before the deadline.</exception>
    public ValueTask<long[]> Take(int count, Deadline deadline) => TryTake(count) is { } ids
        ? ValueTask.FromResult(ids)
        : new ValueTask<long[]>(count > 1 ? Fetch(count).WaitAsync(deadline.Remaining) : TakeWhenTheyCome(deadline));

    /// <summary>
    /// Discards the current block after a database failure: another server, with another state of the sequence, may respond next.
    /// </summary>
    public void Invalidate()
    {
        lock (_lock)
            (_block, _used, _ahead) = ([], 0, 1);
    }

    private long[]? TryTake(int count)
    {
        lock (_lock)
        {
            if (_coming is { IsCompletedSuccessfully: true } && _used == _block.Length)
                Use(_coming);
            if (_block.Length - _used < count || Stopwatch.GetElapsedTime(_takenAt) > _kept)
                return null;
            var ids = _block[_used..(_used + count)];
            _used += count;
            if (_coming is null && _block.Length > 1 && 2 * _used > _block.Length)
                _coming = Fetch(_ahead);
            return ids;
        }
    }

    private async Task<long[]> TakeWhenTheyCome(Deadline deadline)
    {
        while (true)
        {
            Task<long[]> coming;
            lock (_lock)
            {
                _waiting++;
                coming = _coming ??= Fetch(Math.Max(_ahead, _waiting));
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
                    if (_coming == coming && coming.IsCompleted)
                        Use(coming);
                }
            }
            if (TryTake(1) is { } ids)
                return ids;
        }
    }

    /// <summary>Makes a fetched block the current one and adapts the block size. Requires the lock.</summary>
    private void Use(Task<long[]> come)
    {
        _coming = null;
        if (!come.IsCompletedSuccessfully)
            return;
        var lasted = Stopwatch.GetElapsedTime(_takenAt);
        if (lasted < _usedUpAtOnce)
            _ahead = Math.Min(2 * _ahead, MostAhead);
        else if (lasted > _kept)
            _ahead = 1;
        (_block, _used, _takenAt) = (come.Result, 0, Stopwatch.GetTimestamp());
    }

    private async Task<long[]> Fetch(int count)
    {
        await Task.Yield(); // leaves the caller's lock before any I/O
        try
        {
            return await Ask(count);
        }
        catch (NpgsqlException)
        {
            return await Ask(count); // the pooled connection may belong to a server that was restarted; a new one may succeed
        }
    }

    private async Task<long[]> Ask(int count)
    {
        await using var command = postgres.CreateCommand(Next);
        command.Parameters.Add(new NpgsqlParameter { Value = count });
        return (long[])(await command.ExecuteScalarAsync())!;
    }
}
