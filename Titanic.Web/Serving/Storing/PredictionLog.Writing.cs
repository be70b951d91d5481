using Npgsql;

namespace Titanic.Web.Serving.Storing;

public sealed partial class PredictionLog
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    private NpgsqlConnection? _connection;
    private bool _isAway;

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

    /// <summary>
    /// What waits, in its order. Answers that are given already (asynchronous mode) may wait for a database that is away, and those
    /// whose askers wait may not: they do not share a batch.
    /// </summary>
    private List<WaitingAnswers> Gather()
    {
        var batch = new List<WaitingAnswers>(); // a new one: an attempt that was given up may still read the old one
        var rows = 0;
        while (_waiting.Reader.TryPeek(out var next))
        {
            if (batch.Count > 0 && (rows + next.Weight > _options.LogBatchRows || (next.Deadline == Deadline.Never) != (batch[0].Deadline == Deadline.Never)))
                break;
            _waiting.Reader.TryRead(out _);
            if (next.Deadline.HasPassed)
            {
                Refuse([next], new AnswersNotStoredException("the database is too slow for all who ask."));
                continue;
            }
            batch.Add(next);
            rows += next.Weight;
        }
        return batch;
    }

    private async Task StoreBatch(List<WaitingAnswers> batch)
    {
        try
        {
            var stored = await StoreInTime(batch);
            _room.Leave(batch.Sum(answers => answers.Weight));
            for (var i = 0; i < batch.Count; i++)
                batch[i].Succeed(stored[i]);
        }
        catch (AnswersNotStoredException failure)
        {
            Refuse(batch, failure);
        }
    }

    private void Refuse(List<WaitingAnswers> batch, AnswersNotStoredException failure)
    {
        _room.Leave(batch.Sum(answers => answers.Weight));
        foreach (var answers in batch)
            answers.Fail(failure);
    }

    /// <summary>
    /// Tries until the batch's first deadline: nobody in it, nor behind it, waits longer than their own. Every row keeps its number, so an
    /// attempt whose end nobody saw may be followed by another; see <see cref="StoringBatch.Store"/>. While the database is known to be away,
    /// one attempt is enough to refuse a question.
    /// </summary>
    private async Task<KeyedAnswer?[]> StoreInTime(List<WaitingAnswers> batch)
    {
        var deadline = batch.MinBy(answers => answers.Deadline.Timestamp)!.Deadline;
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
                _ids.Value.Forget();
                var isOver = _giveUp.IsCancellationRequested
                    || deadline != Deadline.Never && (_isAway || deadline.HasPassed || failure is PostgresException { IsTransient: false } or InvalidDataException);
                if (!_isAway)
                    LogAway(failure);
                _isAway = true;
                if (isOver)
                    throw new AnswersNotStoredException(IsAway, failure);
            }
            await Task.Delay(_pause);
        }
    }

    private async Task<(KeyedAnswer?[] Stored, NpgsqlConnection Connection)> Attempt(List<WaitingAnswers> batch, bool isAgain)
    {
        var connection = Interlocked.Exchange(ref _connection, null) ?? await _postgres.Value.OpenConnectionAsync();
        try
        {
            return (await StoringBatch.Store(connection, batch, isAgain, _options.IdempotencyTime, CancellationToken.None), connection);
        }
        catch
        {
            await connection.DisposeAsync(); // a broken one does not go back to the pool
            throw;
        }
    }

    /// <summary>It ends by the command's own time limit, if not before; nobody waits for it.</summary>
    private static async Task Abandon(Task<(KeyedAnswer?[] Stored, NpgsqlConnection Connection)> attempt)
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
}
