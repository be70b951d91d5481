using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Pipelines;

/// <summary>Cancels runs at the request of a user, and records the request in the audit log.</summary>
public sealed class RunCancellation(TitanicDb db, AuditLog audit, TimeProvider clock)
{
    /// <summary>In the stored error, in place of the name of the user, which only operators may read: see <see cref="Run.DescribeError"/>.</summary>
    internal const string ByOperator = "Canceled by an operator.";

    /// <summary>
    /// A run that no process executes is canceled by the statement: it is queued or interrupted, or its process was killed, so that the lock of the run is
    /// free (<see cref="PipelineLock.AcquireRunLock"/>).
    /// </summary>
    private const string RequestSql =
        """
        update runs set
            cancel_requested_at = @now, cancel_requested_by = @user,
            status = case when is_idle then 'Cancelled' else status end,
            ended_at = case when is_idle then @now else ended_at end,
            error = case when is_idle then @error else error end
        from (
            select run_id as id, status in ('Queued', 'Interrupted') or pg_try_advisory_xact_lock(hashtextextended('run ' || run_id, 0)) as is_idle
            from runs where run_id = @run and status in ('Queued', 'Running', 'Interrupted') and cancel_requested_at is null for update
        ) requested
        where run_id = id
        """;

    /// <summary>
    /// Cancels a queued run at once, and requests that the process that executes a running one stops it. A second request changes nothing.
    /// </summary>
    /// <param name="caller">The caller's name for the audit log.</param>
    /// <returns>The run after the request. Null, with an error message, if the run had ended.</returns>
    public async Task<(Run? Run, string? Error)> Request(long runId, string caller, CancellationToken cancellation)
    {
        var isRequested = await RequestAndRecord(runId, caller, cancellation);
        var run = await db.Runs.AsNoTracking().SingleAsync(r => r.RunId == runId, cancellation);
        if (isRequested && run.Status == RunStatus.Cancelled)
            RunTelemetry.CountEnd(run);
        return isRequested || run is { Status: RunStatus.Running, CancelRequestedAt: not null } ? (run, null) : (null, Ended(run));
    }

    /// <summary>The error of a run that was canceled before it started.</summary>
    internal static string NotStartedError => $"{ByOperator} The run had not started; nothing was stored.";

    private static string Ended(Run run) =>
        $"Run {run.RunId} has ended with the status {run.Status.ToString().ToLowerInvariant()}; only a queued, running or interrupted run can be canceled.";

    private async Task<bool> RequestAndRecord(long runId, string caller, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var isRequested = await db.Database.ExecuteSqlRawAsync(
            RequestSql,
            [
                new NpgsqlParameter("run", runId), new NpgsqlParameter("user", caller), new NpgsqlParameter("now", clock.GetUtcNow()),
                new NpgsqlParameter("error", $"{ByOperator} No process executed the run."),
            ],
            cancellation) > 0;
        if (isRequested)
            await audit.Record(caller, "run canceled", $"run {runId}", null, cancellation);
        await transaction.CommitAsync(cancellation);
        return isRequested;
    }
}

/// <summary>The request of a user to cancel a run.</summary>
/// <param name="By">The name of the account or API key, as in the audit log.</param>
internal sealed record CancelRequest(DateTimeOffset At, string By);

/// <summary>What a run has stored that stays after it was canceled: each of these was committed in a transaction of its own.</summary>
internal static class KeptOutputs
{
    /// <summary>A sentence such as "Kept: 1 commit and 200 predictions."</summary>
    public static async Task<string> Describe(TitanicDb db, Run run, CancellationToken cancellation)
    {
        (string Name, int Count)[] outputs =
        [
            ("commit", await db.Commits.CountAsync(commit => commit.RunId == run.RunId, cancellation)),
            ("prediction", await db.Predictions.CountAsync(prediction => prediction.RunId == run.RunId, cancellation)),
            ("model version", await db.ModelVersions.CountAsync(version => version.RunId == run.RunId, cancellation)),
            ("reproduction", await db.Reproductions.CountAsync(reproduction => reproduction.RunId == run.RunId, cancellation)),
        ];
        var kept = outputs.Where(output => output.Count > 0).Select(output => Quantity.Of(output.Count, output.Name)).ToList();
        return kept.Count > 0 ? $"Kept: {string.Join(" and ", kept)}."
            : run.Pipeline == PipelineNames.Monitoring ? "The metrics of completed steps were kept; the next run computes the others."
            : "Nothing was stored.";
    }
}
