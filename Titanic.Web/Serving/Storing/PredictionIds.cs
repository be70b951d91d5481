using System.Diagnostics;
using Npgsql;

namespace Titanic.Web.Serving.Storing;

/// <summary>
/// Ids of predictions, taken in blocks from the table's own sequence before the rows are written, so that a response can be made before its
/// row, and a row can be written again without becoming two. Other processes and batch inference take theirs from the same sequence: no id
/// is given twice, and those that a process has not used when it ends are gaps.
/// </summary>
/// <remarks>
/// They are taken ahead only while they are used up at once, and are kept for a second only: lists say "newest first" by number.
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

    /// <summary>So many numbers, increasing. They are not one after another when others take some as well.</summary>
    /// <exception cref="TimeoutException">None came in time.</exception>
    public ValueTask<long[]> Take(int count, Deadline deadline) =>
        TryTake(count) is { } ids ? ValueTask.FromResult(ids) : new ValueTask<long[]>(count > 1 ? Fetch(count).WaitAsync(deadline.Remaining) : TakeWhenTheyCome(deadline));

    /// <summary>What was taken ahead is not used: something is wrong with the database, and it may be another when it comes back.</summary>
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

    /// <summary>Only under the lock.</summary>
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
        await Task.Yield(); // never under the lock
        try
        {
            return await Ask(count);
        }
        catch (NpgsqlException)
        {
            return await Ask(count); // the pool's connection was of a server that has gone, and a new one may be there
        }
    }

    private async Task<long[]> Ask(int count)
    {
        await using var command = postgres.CreateCommand(Next);
        command.Parameters.Add(new NpgsqlParameter { Value = count });
        return (long[])(await command.ExecuteScalarAsync())!;
    }
}
