using Npgsql;

namespace Titanic.Web.Pipelines;

/// <summary>Runs with the status running whose process, or whose connection with the run lock, has ended.</summary>
internal static class InterruptedRuns
{
    /// <summary>The number of interruptions after which a run is not started again: the run itself may end its process.</summary>
    public const int Limit = 3;

    /// <summary>The error of a quarantined run.</summary>
    public static readonly string QuarantineError = $"The process or its database connection ended {Limit} times during this run; it is not started again automatically.";

    /// <summary>
    /// Marks every running record whose run lock is free (<see cref="PipelineLock.AcquireRunLock"/>). A run that ends
    /// during the statement is not affected: an update evaluates its condition again on a row that was changed concurrently.
    /// </summary>
    private static readonly string _markSql = FormattableString.Invariant(
        $"""
        with running as materialized (
            select run_id from runs where status = 'Running' and (@pipeline::text is null or pipeline = @pipeline)
        ), lost as materialized (
            select run_id from running where pg_try_advisory_xact_lock(hashtextextended('run ' || run_id, 0))
        ), marked as (
            update runs set interruptions = interruptions + 1, ended_at = @now,
                status = case when not is_beside and interruptions + 1 >= {Limit} then 'Failed' else 'Interrupted' end,
                error = case
                    when is_beside then @ended || ' Its data came with a request and are not stored. Send the request again.'
                    when interruptions + 1 >= {Limit} then '{QuarantineError}'
                    when trigger = 'CommandLine' then @ended || ' Run it again.'
                    when trigger = 'Bootstrap' then @ended || ' The first start continues with a new run.'
                    else @ended || ' It continues by itself.' end
            from lost where runs.run_id = lost.run_id and runs.status = 'Running'
            returning runs.run_id, runs.pipeline, runs.status, runs.error, runs.attempts
        ), logged as (
            insert into run_log (run_id, at, is_error, message) select run_id, @now, false, 'Attempt ' || attempts || ': ' || error from marked
        )
        select pipeline, status, count(*) from marked group by pipeline, status
        """);

    /// <param name="pipeline">The pipeline; null for all.</param>
    public static async Task Mark(NpgsqlDataSource postgres, string? pipeline, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(_markSql);
        command.Parameters.AddWithValue("pipeline", (object?)pipeline ?? DBNull.Value);
        command.Parameters.AddWithValue("now", now);
        command.Parameters.AddWithValue("ended", "The process or its database connection ended before the run completed.");
        await using var marked = await command.ExecuteReaderAsync(cancellation);
        while (await marked.ReadAsync(cancellation))
            RunTelemetry.Count(marked.GetString(0), Enum.Parse<RunStatus>(marked.GetString(1)), (int)marked.GetInt64(2));
    }
}
