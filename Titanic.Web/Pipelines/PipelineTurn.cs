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
    public static async Task<PipelineTurn?> Take(NpgsqlDataSource postgres, string pipeline, CancellationToken cancellation)
    {
        var connection = await postgres.OpenConnectionAsync(cancellation);
        try
        {
            await using var command = new NpgsqlCommand("select pg_try_advisory_lock(hashtextextended('pipeline ' || @pipeline, 0))", connection);
            command.Parameters.AddWithValue("pipeline", pipeline);
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

    // Returning a connection to the pool resets its session, which releases the lock.
    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
