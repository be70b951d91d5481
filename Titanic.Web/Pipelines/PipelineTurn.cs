using System.Data;
using Npgsql;

namespace Titanic.Web.Pipelines;

/// <summary>
/// The right to run a pipeline: a PostgreSQL advisory lock on a connection of its own. It ends with the connection, so a killed
/// process never blocks its pipeline.
/// </summary>
internal sealed class PipelineTurn : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private PipelineTurn(NpgsqlConnection connection) => _connection = connection;

    /// <returns>Null when another run of the pipeline is under way.</returns>
    public static Task<PipelineTurn?> Take(NpgsqlDataSource postgres, string pipeline, CancellationToken cancellation) =>
        Lock(postgres, "select pg_try_advisory_lock(hashtextextended('pipeline ' || @name, 0))", pipeline, cancellation);

    /// <summary>Waits for its turn, for as long as it takes.</summary>
    public static async Task<PipelineTurn> Await(NpgsqlDataSource postgres, string name, CancellationToken cancellation) =>
        (await Lock(postgres, "select pg_advisory_lock(hashtextextended('pipeline ' || @name, 0)) is not null", name, cancellation))!;

    private static async Task<PipelineTurn?> Lock(NpgsqlDataSource postgres, string sql, string name, CancellationToken cancellation)
    {
        var connection = await postgres.OpenConnectionAsync(cancellation);
        try
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            command.Parameters.AddWithValue("name", name);
            if (await command.ExecuteScalarAsync(cancellation) is true)
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

    /// <summary>Gives the turn back at once: a pooled connection would keep its locks until somebody uses it again.</summary>
    public async ValueTask DisposeAsync()
    {
        await using var connection = _connection;
        try
        {
            await using var unlock = new NpgsqlCommand("select pg_advisory_unlock_all()", connection);
            await unlock.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException) when (connection.State != ConnectionState.Open)
        {
            return; // the lock went with the connection
        }
    }
}
