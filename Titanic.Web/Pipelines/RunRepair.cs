using Hangfire;
using Npgsql;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Continues runs whose process has ended: it marks them as interrupted, releases the Hangfire jobs of ended servers, and queues jobs for runs
/// that have none. A run that is still executed is not executed twice, whatever the repair assumes, because of its locks.
/// </summary>
public sealed partial class RunRepair(NpgsqlDataSource postgres, IBackgroundJobClient jobs, TimeProvider clock, ILogger<RunRepair> log)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    /// <summary>The schema of Hangfire's tables.</summary>
    public const string JobSchema = "hangfire";

    /// <summary>How often a Hangfire server writes its heartbeat.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(5);

    /// <summary>Six missed heartbeats. Compared with the newest heartbeat of all servers: while the database hangs, none of them writes one.</summary>
    private const string HeartbeatTimeout = "interval '30 seconds'";

    /// <summary>Longer than a process takes from storing a run to queuing its job, or from fetching a job to processing it.</summary>
    private const string HandoverTimeout = "interval '30 seconds'";

    /// <summary>The jobs whose first argument is a run ID, or an array of them; the second one may be a run that follows.</summary>
    private const string MethodsWithRuns =
        $"'{nameof(PipelineJobs.RunQueued)}', '{nameof(PipelineJobs.RunWhenFree)}', '{nameof(PipelineJobs.RunInOrder)}'";

    /// <summary>The time within which a job that is processed starts its next run.</summary>
    private const string StartTimeout = "interval '10 seconds'";

    /// <summary>
    /// Makes the queue entries of ended servers visible at once; Hangfire itself does it after 30 minutes. A server has ended if its
    /// heartbeat is old, or if a run that its job had started is interrupted. A server that is alive has lost a job if none of the job's runs
    /// is executed: the database was away, or had no space, when the server wanted to return it.
    /// </summary>
    private const string ReleaseJobsSql =
        $"""
        update {JobSchema}.jobqueue entry set fetchedat = null
        from {JobSchema}.job job left join {JobSchema}.state state on state.id = job.stateid
        where entry.jobid = job.id and entry.fetchedat is not null and (
            job.statename = 'Enqueued' and entry.fetchedat < now() - {StartTimeout}
            or job.statename = 'Processing' and (
                not exists (
                    select from {JobSchema}.server where server.id = state.data ->> 'ServerId'
                        and server.lastheartbeat > (select max(lastheartbeat) from {JobSchema}.server) - {HeartbeatTimeout})
                or exists (
                    select from runs where status = 'Interrupted' and ended_at > state.createdat
                        and (job_id = job.id::text or job.invocationdata ->> 'Method' in ({MethodsWithRuns}) and (job.arguments ->> 0)::jsonb @> to_jsonb(run_id)))
                or job.invocationdata ->> 'Method' in ({MethodsWithRuns}) and state.createdat < now() - {StartTimeout} and (
                    select bool_or(status = 'Queued') and not bool_or(status = 'Running' or coalesce(ended_at > now() - {StartTimeout}, false))
                    from runs where (job.arguments ->> 0)::jsonb @> to_jsonb(run_id))))
        returning job.id
        """;

    private const string JobsOfRuns =
        $"""
        jobs as materialized (
            select id::text as id, arguments ->> 0 as run, arguments ->> 1 as next, statename, invocationdata ->> 'Method' as method
            from {JobSchema}.job where statename in ('Enqueued', 'Scheduled', 'Processing', 'Awaiting', 'Deleted')
        ), runs_with_jobs as materialized (
            select run_id, bool_and(statename = 'Deleted') as is_deleted
            from runs join jobs on jobs.id = job_id or method in ({MethodsWithRuns}) and (run::jsonb @> to_jsonb(run_id) or next = run_id::text)
            where status in ('Queued', 'Interrupted') group by run_id
        )
        """;

    /// <summary>Runs whose job was deleted in Hangfire's dashboard.</summary>
    private const string MarkDeletedSql =
        $"""
        with {JobsOfRuns}
        update runs set status = 'Cancelled', ended_at = @now, error = 'The job of the run was deleted.'
        from runs_with_jobs deleted where deleted.run_id = runs.run_id and is_deleted and status in ('Queued', 'Interrupted')
        """;

    /// <summary>
    /// Runs that wait for a job: queued ones, and interrupted ones that continue. A training run waits until an inference run of its day has
    /// ended, because it may have been requested to follow it.
    /// </summary>
    private const string RunsWithoutJobSql =
        $"""
        with {JobsOfRuns}
        select run_id, pipeline from runs
        where (status = 'Queued' and queued_at < @now - {HandoverTimeout} or status = 'Interrupted')
            and not is_beside and trigger not in ('CommandLine', 'Bootstrap')
            and run_id not in (select run_id from runs_with_jobs)
            and not (pipeline = '{PipelineNames.Training}' and exists (
                select from runs before where before.pipeline = '{PipelineNames.Inference}' and before.logical_date = runs.logical_date
                    and before.trigger = runs.trigger and before.status in ('Queued', 'Running', 'Interrupted')))
        order by run_id
        """;

    /// <summary>Runs that a process stored and ended before it could start them; nothing else starts them.</summary>
    private const string MarkNeverStartedSql =
        $"""
        update runs set status = 'Interrupted', ended_at = @now, error = 'The process ended before the run started.'
        where status = 'Queued' and queued_at < @now - {HandoverTimeout} and (is_beside or trigger in ('CommandLine', 'Bootstrap'))
        """;

    /// <summary>Repairs all runs, unless another process does it at the moment.</summary>
    public async Task Repair(CancellationToken cancellation)
    {
        await using var repairLock = await PipelineLock.TryAcquire(postgres, "repair", cancellation);
        if (repairLock is null)
            return;
        await InterruptedRuns.Mark(postgres, null, clock.GetUtcNow(), cancellation);
        await Execute(MarkNeverStartedSql, cancellation);
        await Execute(MarkDeletedSql, cancellation);
        foreach (var (job, _) in await Read(ReleaseJobsSql, cancellation))
            LogReleased(job);
        foreach (var (run, pipeline) in await Read(RunsWithoutJobSql, cancellation))
        {
            jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(pipeline!), queued => queued.RunWhenFree(run, null, CancellationToken.None));
            LogQueued(pipeline!, run);
        }
    }

    private async Task Execute(string sql, CancellationToken cancellation)
    {
        await using var command = CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<List<(long Id, string? Pipeline)>> Read(string sql, CancellationToken cancellation)
    {
        await using var command = CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<(long, string?)>();
        while (await reader.ReadAsync(cancellation))
            rows.Add((reader.GetInt64(0), reader.FieldCount > 1 ? reader.GetString(1) : null));
        return rows;
    }

    private NpgsqlCommand CreateCommand(string sql)
    {
        var command = postgres.CreateCommand(sql);
        if (sql.Contains("@now", StringComparison.Ordinal))
            command.Parameters.AddWithValue("now", clock.GetUtcNow());
        return command;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {JobId} is queued again: the process that executed it has ended")]
    private partial void LogReleased(long jobId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Pipeline} run {RunId} had no job and is queued again")]
    private partial void LogQueued(string pipeline, long runId);
}
