using System.Data;
using Npgsql;

namespace Titanic.Web.Pipelines;

/// <summary>
/// PostgreSQL advisory locks on a dedicated connection: one for the pipeline, so that its runs are executed one at a time, and one for the
/// run itself, by which other processes detect that it is still running. PostgreSQL releases both when the connection ends, so a killed
/// process does not block its pipeline, and <see cref="OrphanedRuns"/> detects its run.
/// </summary>
internal sealed class PipelineLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private PipelineLock(NpgsqlConnection connection) => _connection = connection;

    /// <returns>Null when another run of the pipeline holds the lock.</returns>
    public static Task<PipelineLock?> TryAcquire(NpgsqlDataSource postgres, string pipeline, CancellationToken cancellation) =>
        Open(postgres, "select pg_try_advisory_lock(hashtextextended('pipeline ' || @name, 0))", pipeline, cancellation);

    /// <summary>Waits without limit until the lock is free.</summary>
    public static async Task<PipelineLock> Acquire(NpgsqlDataSource postgres, string name, CancellationToken cancellation) =>
        (await Open(postgres, "select pg_advisory_lock(hashtextextended('pipeline ' || @name, 0)) is not null", name, cancellation))!;

    /// <summary>Opens the connection for a concurrent run, which takes the lock of the run but not that of the pipeline.</summary>
    public static async Task<PipelineLock> OpenForConcurrentRun(NpgsqlDataSource postgres, CancellationToken cancellation) =>
        new(await postgres.OpenConnectionAsync(cancellation));

    /// <summary>Takes the lock of the run. Call it before the record's status becomes running; otherwise the run looks orphaned.</summary>
    public Task AcquireRunLock(long runId, CancellationToken cancellation) =>
        Lock(_connection, "select pg_advisory_lock(hashtextextended('run ' || @name, 0)) is not null", $"{runId}", cancellation);

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
