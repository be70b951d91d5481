using Npgsql;

namespace Titanic.Web.Pipelines;

/// <summary>Records that say "running" although nobody is at work on them any more.</summary>
internal static class LostRuns
{
    private const string Error = "The process, or its connection to the database, ended before the run did.";

    /// <summary>
    /// Gives up every running record of a pipeline whose lock is free (<see cref="PipelineTurn.Hold"/>). A run that ends while we look
    /// has freed its lock and is no longer running when the update sees its row: an update looks again at a row that has changed.
    /// </summary>
    private const string GiveUpSql =
        """
        with running as materialized (
            select run_id from runs where pipeline = @pipeline and status = 'Running' and run_id <> @next
        ), lost as materialized (
            select run_id from running where pg_try_advisory_xact_lock(hashtextextended('run ' || run_id, 0))
        )
        update runs set status = 'Failed', ended_at = @now, error = @error
        from lost where runs.run_id = lost.run_id and runs.status = 'Running'
        """;

    /// <param name="next">The run that is about to start; its own record is not looked at.</param>
    public static async Task GiveUp(NpgsqlDataSource postgres, Run next, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(GiveUpSql);
        command.Parameters.AddWithValue("pipeline", next.Pipeline);
        command.Parameters.AddWithValue("next", next.RunId);
        command.Parameters.AddWithValue("now", now);
        command.Parameters.AddWithValue("error", Error);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
