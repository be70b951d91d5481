using System.Data;
using Npgsql;

namespace Titanic.Web.Pipelines;

/// <summary>
/// PostgreSQL advisory locks on a dedicated connection: one for the pipeline, so that its runs are executed one at a time, and one for the
/// run itself, by which other processes detect that it is still running. PostgreSQL releases both when the connection ends, so a killed
/// process does not block its pipeline, and <see cref="InterruptedRuns"/> detects its run.
/// </summary>
internal sealed class PipelineLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly CancellationTokenSource _lost = new(), _released = new();
    private Task _watch = Task.CompletedTask;

    private PipelineLock(NpgsqlConnection connection) => _connection = connection;

    /// <summary>
    /// Canceled when the connection ends while the lock of the run is held: PostgreSQL has released the locks, and another process may start
    /// the run again.
    /// </summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Why the connection ended; null while it is open.</summary>
    public Exception? LostBy { get; private set; }

    /// <returns>Null when another run of the pipeline holds the lock.</returns>
    public static Task<PipelineLock?> TryAcquire(NpgsqlDataSource postgres, string pipeline, CancellationToken cancellation) =>
        Open(postgres, "select pg_try_advisory_lock(hashtextextended('pipeline ' || @name, 0))", pipeline, cancellation);

    /// <summary>Waits without limit until the lock is free.</summary>
    public static async Task<PipelineLock> Acquire(NpgsqlDataSource postgres, string name, CancellationToken cancellation) =>
        (await Open(postgres, "select pg_advisory_lock(hashtextextended('pipeline ' || @name, 0)) is not null", name, cancellation))!;

    /// <summary>Opens the connection for a concurrent run, which takes the lock of the run but not that of the pipeline.</summary>
    public static async Task<PipelineLock> OpenForConcurrentRun(NpgsqlDataSource postgres, CancellationToken cancellation) =>
        new(await postgres.OpenConnectionAsync(cancellation));

    /// <summary>Takes the lock of the run. Call it before the record's status becomes running; otherwise the run looks interrupted.</summary>
    public async Task AcquireRunLock(long runId, CancellationToken cancellation)
    {
        await Lock(_connection, "select pg_advisory_lock(hashtextextended('run ' || @name, 0)) is not null", $"{runId}", cancellation);
        _watch = Watch();
    }

    /// <summary>Waits for a message that the server never sends, so that the end of the connection is noticed at once.</summary>
    private async Task Watch()
    {
        try
        {
            while (true)
                await _connection.WaitAsync(_released.Token);
        }
        catch (OperationCanceledException) when (_released.IsCancellationRequested)
        {
            // released
        }
        catch (Exception lost)
        {
            LostBy = lost;
            await _lost.CancelAsync();
        }
    }

    private static async Task<PipelineLock?> Open(NpgsqlDataSource postgres, string sql, string name, CancellationToken cancellation)
    {
        var connection = await postgres.OpenConnectionAsync(cancellation);
        try
        {
            if (await Lock(connection, sql, name, cancellation))
                return new PipelineLock(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        await connection.DisposeAsync();
        return null;
    }

    private static async Task<bool> Lock(NpgsqlConnection connection, string sql, string name, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.AddWithValue("name", name);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>
    /// Releases the locks explicitly: a connection that is returned to the pool keeps its session locks until it is reused.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await using var connection = _connection;
        using var lost = _lost;
        using var released = _released;
        await _released.CancelAsync();
        await _watch;
        try
        {
            await using var unlock = new NpgsqlCommand("select pg_advisory_unlock_all()", connection);
            await unlock.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception gone) when (gone is NpgsqlException or InvalidOperationException && connection.State != ConnectionState.Open)
        {
            return; // the connection is lost, and PostgreSQL has released its locks
        }
    }
}
