using System.Data;
using Npgsql;

namespace Titanic.Web.Pipelines;

/// <summary>
/// The right to run, as PostgreSQL advisory locks on a connection of its own: one for the pipeline where its runs come one at a time,
/// and one for the run itself, by which everybody sees that it lives. Both end with the connection, so a killed process never blocks
/// its pipeline and its record is known to be lost.
/// </summary>
internal sealed class PipelineTurn : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private PipelineTurn(NpgsqlConnection connection) => _connection = connection;

    /// <returns>Null when another run of the pipeline is under way.</returns>
    public static Task<PipelineTurn?> Take(NpgsqlDataSource postgres, string pipeline, CancellationToken cancellation) =>
        Open(postgres, "select pg_try_advisory_lock(hashtextextended('pipeline ' || @name, 0))", pipeline, cancellation);

    /// <summary>Waits for its turn, for as long as it takes.</summary>
    public static async Task<PipelineTurn> Await(NpgsqlDataSource postgres, string name, CancellationToken cancellation) =>
        (await Open(postgres, "select pg_advisory_lock(hashtextextended('pipeline ' || @name, 0)) is not null", name, cancellation))!;

    /// <summary>For a run that goes on beside others: nobody waits for it, and it waits for nobody.</summary>
    public static async Task<PipelineTurn> Beside(NpgsqlDataSource postgres, CancellationToken cancellation) =>
        new(await postgres.OpenConnectionAsync(cancellation));

    /// <summary>Shows from now on that a run lives. To be called before its record says that it is running.</summary>
    public Task Hold(long runId, CancellationToken cancellation) =>
        Lock(_connection, "select pg_advisory_lock(hashtextextended('run ' || @name, 0)) is not null", $"{runId}", cancellation);

    private static async Task<PipelineTurn?> Open(NpgsqlDataSource postgres, string sql, string name, CancellationToken cancellation)
    {
        var connection = await postgres.OpenConnectionAsync(cancellation);
        try
        {
            if (await Lock(connection, sql, name, cancellation))
                return new PipelineTurn(connection);
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

    /// <summary>Gives the turn back at once: a pooled connection would keep its locks until somebody uses it again.</summary>
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
            return; // the locks went with the connection
        }
    }
}
