using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Pipelines;

/// <summary>
/// The one way to run a pipeline, for schedule, button, API and command line alike: run record, log, timing, one run of a pipeline
/// at a time, errors.
/// </summary>
public sealed partial class PipelineRunner(IServiceScopeFactory scopes, NpgsqlDataSource postgres, CodeVersion codeVersion, TimeProvider clock, ILogger<PipelineRunner> log)
{
    /// <summary>Writes down that something should run, for a worker to take up.</summary>
    /// <param name="jobId">The Hangfire job that will carry the run, if it is known already.</param>
    public async Task<Run> Queue(RunRequest request, string? jobId, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
        var run = new Run
        {
            Pipeline = request.Pipeline,
            LogicalDate = request.Backfill is null ? request.LogicalDate : null,
            Backfill = request.Backfill,
            Trigger = request.Trigger,
            Status = RunStatus.Queued,
            CodeVersion = codeVersion.Text,
            JobId = jobId,
            QueuedAt = clock.GetUtcNow(),
        };
        db.Runs.Add(run);
        await db.SaveChangesAsync(cancellation);
        return run;
    }

    public async Task<Run> Run(RunRequest request, CancellationToken cancellation) =>
        await Run((await Queue(request, null, cancellation)).RunId, cancellation);

    /// <summary>Runs what is written down; a run that ended well is not run again.</summary>
    /// <returns>
    /// The finished record. A failed run is returned, not thrown; its status and error tell. A record that another process is at work
    /// on, or was until a moment ago, is returned as it is: running.
    /// </returns>
    public async Task<Run> Run(long runId, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
        var run = await db.Runs.SingleAsync(r => r.RunId == runId, cancellation);
        if (run.Status is RunStatus.Succeeded or RunStatus.Skipped)
            return run;

        using var logScope = log.BeginScope(new Dictionary<string, object> { ["RunId"] = run.RunId, ["Pipeline"] = run.Pipeline });
        await using var turn = await PipelineTurn.Take(postgres, run.Pipeline, cancellation);
        if (turn is null)
            return run.Status == RunStatus.Running ? run : await Skip(db, run, cancellation);
        await GiveUpLostRuns(db, run, cancellation);
        await Start(db, run, cancellation);
        try
        {
            var context = new RunContext(run, message => WriteLog(db, run, message, isError: false, CancellationToken.None));
            run.Summary = await Execute(run, context, cancellation);
            run.Status = RunStatus.Succeeded;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            (run.Status, run.Error) = (RunStatus.Cancelled, "The process was asked to stop before the run was done.");
        }
        catch (Exception failure)
        {
            (run.Status, run.Error) = (RunStatus.Failed, failure.Message);
            LogFailed(failure, run.Pipeline, run.RunId);
            await WriteLog(db, run, failure.ToString(), isError: true, CancellationToken.None);
        }
        await End(db, run);
        return run;
    }

    // In a scope of its own: what a pipeline leaves in its database context, or clears from it, must not touch the record.
    private async Task<string> Execute(Run run, RunContext context, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var pipeline = run.Backfill is not null
            ? scope.ServiceProvider.GetRequiredService<BackfillPipeline>()
            : scope.ServiceProvider.GetRequiredKeyedService<IPipeline>(run.Pipeline);
        return await pipeline.Execute(context, cancellation);
    }

    private async Task Start(TitanicDb db, Run run, CancellationToken cancellation)
    {
        (run.Status, run.StartedAt, run.EndedAt) = (RunStatus.Running, clock.GetUtcNow(), null);
        (run.Attempts, run.Error, run.Host) = (run.Attempts + 1, null, Environment.MachineName);
        await db.SaveChangesAsync(cancellation);
        LogStarted(run.Pipeline, run.RunId, run.Backfill ?? run.LogicalDate?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), run.Trigger);
    }

    private async Task End(TitanicDb db, Run run)
    {
        run.EndedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(CancellationToken.None);
        LogEnded(run.Pipeline, run.RunId, run.Status, run.Duration, run.Summary ?? run.Error);
    }

    private async Task<Run> Skip(TitanicDb db, Run run, CancellationToken cancellation)
    {
        var other = await db.Runs.Where(r => r.Pipeline == run.Pipeline && r.Status == RunStatus.Running)
            .Select(r => (long?)r.RunId).MaxAsync(cancellation);
        (run.Status, run.EndedAt) = (RunStatus.Skipped, clock.GetUtcNow());
        run.Summary = $"Skipped: {run.Pipeline} run {other} is under way.";
        await db.SaveChangesAsync(cancellation);
        LogSkipped(run.Pipeline, run.RunId, other);
        return run;
    }

    // Whoever holds the pipeline's turn knows that no other run of it is alive: records that still say so lost their process.
    private async Task GiveUpLostRuns(TitanicDb db, Run run, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await db.Runs.Where(r => r.Pipeline == run.Pipeline && r.Status == RunStatus.Running && r.RunId != run.RunId)
            .ExecuteUpdateAsync(set => set
                .SetProperty(r => r.Status, RunStatus.Failed)
                .SetProperty(r => r.EndedAt, now)
                .SetProperty(r => r.Error, "The process ended before the run did."), cancellation);
    }

    private async Task WriteLog(TitanicDb db, Run run, string message, bool isError, CancellationToken cancellation)
    {
        db.RunLog.Add(new RunLogLine { RunId = run.RunId, At = clock.GetUtcNow(), IsError = isError, Message = message });
        await db.SaveChangesAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Pipeline} run {RunId} started for {Subject} by {Trigger}")]
    private partial void LogStarted(string pipeline, long runId, string? subject, RunTrigger trigger);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Pipeline} run {RunId} {Status} in {Duration}: {Summary}")]
    private partial void LogEnded(string pipeline, long runId, RunStatus status, TimeSpan? duration, string? summary);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Pipeline} run {RunId} skipped: run {Other} is under way")]
    private partial void LogSkipped(string pipeline, long runId, long? other);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Pipeline} run {RunId} failed")]
    private partial void LogFailed(Exception failure, string pipeline, long runId);
}
