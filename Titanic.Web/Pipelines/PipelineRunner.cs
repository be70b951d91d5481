using System.Globalization;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines.Ingest;

namespace Titanic.Web.Pipelines;

/// <summary>
/// The one way to run a pipeline, for schedule, button, API and command line alike: run record, log, timing, one run of a pipeline
/// at a time, errors.
/// </summary>
public sealed class PipelineRunner(IServiceScopeFactory scopes, NpgsqlDataSource postgres, CodeVersion codeVersion, TimeProvider clock, ILogger<PipelineRunner> log) : IDisposable
{
    /// <summary>
    /// Each concurrent run takes three of the pool's hundred connections: for its locks, its rows and its record. More of them than
    /// this wait, before they hold one for which another would wait in vain.
    /// </summary>
    private readonly SemaphoreSlim _concurrentRuns = new(24);

    /// <summary>Writes down that something should run, for a worker to take up.</summary>
    /// <param name="jobId">The Hangfire job that will carry the run, if it is known already.</param>
    /// <returns>The new record; where the job was retried, the one that it began before.</returns>
    public async Task<Run> Queue(RunRequest request, string? jobId, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
        var existing = jobId is null ? null : await db.Runs.AsNoTracking()
            .SingleOrDefaultAsync(r => r.JobId == jobId && r.Pipeline == request.Pipeline && r.LogicalDate == request.LogicalDate, cancellation);
        return existing ?? await Add(db, request, jobId, isBeside: false, cancellation);
    }

    public async Task<Run> Run(RunRequest request, CancellationToken cancellation) =>
        await Run((await Queue(request, null, cancellation)).RunId, cancellation);

    /// <summary>Runs what is written down; a run that ended well is not run again.</summary>
    /// <returns>
    /// The finished record. A failed run is returned, not thrown; its status and error tell. A record that another process is at work
    /// on, or was until a moment ago, is returned as it is: running.
    /// </returns>
    /// <exception cref="InvalidOperationException">The run was carried by its asker, and what was sent is gone.</exception>
    public async Task<Run> Run(long runId, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
        var run = await db.Runs.SingleAsync(r => r.RunId == runId, cancellation);
        if (run.Status is RunStatus.Succeeded or RunStatus.Skipped)
            return run;
        if (run.IsBeside)
            throw new InvalidOperationException($"Run {runId} read what its asker sent and cannot be run again; send it again.");

        var record = new RunRecord(db, run, clock, log);
        await using var pipelineLock = await PipelineLock.TryAcquire(postgres, run.Pipeline, cancellation);
        if (pipelineLock is not null)
            await ExecuteRecorded(pipelineLock, run, record, (context, stop) => Execute(run, context, stop), cancellation);
        else if (run.Status != RunStatus.Running)
            await record.Skip(cancellation);
        return run;
    }

    /// <summary>
    /// Runs work that came with a request, such as an upload: at once, concurrently with other runs. The modules themselves make
    /// concurrent work safe, as ingestions do by their own lock.
    /// </summary>
    /// <param name="request">Its backfill says in words what is read.</param>
    /// <returns>The finished record. A failed run is returned, not thrown; <see cref="Pipelines.Run.Failure"/> says what happened.</returns>
    /// <exception cref="FirstStartUnfinishedException">Rows of today would come among the days of the past that are being simulated.</exception>
    public async Task<Run> RunConcurrent(RunRequest request, Func<RunContext, CancellationToken, Task<string>> work, CancellationToken cancellation)
    {
        await _concurrentRuns.WaitAsync(cancellation);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
            if (await db.SetupProgress.AnyAsync(setup => setup.FinishedAt == null, cancellation))
                throw new FirstStartUnfinishedException();
            await using var pipelineLock = await PipelineLock.ForConcurrentRun(postgres, cancellation);
            var run = await Add(db, request, jobId: null, isBeside: true, cancellation);
            await ExecuteRecorded(pipelineLock, run, new RunRecord(db, run, clock, log), work, cancellation);
            return run;
        }
        finally
        {
            _concurrentRuns.Release();
        }
    }

    public void Dispose() => _concurrentRuns.Dispose();

    private async Task ExecuteRecorded(PipelineLock pipelineLock, Run run, RunRecord record, Func<RunContext, CancellationToken, Task<string>> work, CancellationToken cancellation)
    {
        using var logScope = log.BeginScope(new Dictionary<string, object> { ["RunId"] = run.RunId, ["Pipeline"] = run.Pipeline });
        // Without the caller's cancellation: a record that was made is brought to an end, not left behind as queued.
        await pipelineLock.MarkRunning(run.RunId, CancellationToken.None);
        await OrphanedRuns.MarkFailed(postgres, run, clock.GetUtcNow(), CancellationToken.None);
        await record.Start(CancellationToken.None);
        try
        {
            record.Succeed(await work(new RunContext(run, record.Log), cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            record.Cancel();
        }
        catch (Exception failure)
        {
            record.Fail(failure);
        }
        await record.End();
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

    private async Task<Run> Add(TitanicDb db, RunRequest request, string? jobId, bool isBeside, CancellationToken cancellation)
    {
        var run = new Run
        {
            Pipeline = request.Pipeline,
            LogicalDate = request is { Backfill: null, AsOf: null } ? request.LogicalDate : null,
            Backfill = request.Backfill,
            Policy = request.Policy,
            AsOf = request.AsOf,
            Challenger = request.Challenger,
            IsBeside = isBeside,
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
}

/// <summary>A run's record while the run lives: its beginning, its log lines and its end, as they are written down.</summary>
internal sealed partial class RunRecord(TitanicDb db, Run run, TimeProvider clock, ILogger log)
{
    /// <summary>A database that is restarted comes back within seconds; one that does not is left to the next run.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    public async Task Start(CancellationToken cancellation)
    {
        (run.Status, run.StartedAt, run.EndedAt) = (RunStatus.Running, clock.GetUtcNow(), null);
        (run.Attempts, run.Error, run.Host) = (run.Attempts + 1, null, Environment.MachineName);
        await db.SaveChangesAsync(cancellation);
        LogStarted(run.Pipeline, run.RunId, run.Backfill ?? run.AsOf ?? run.LogicalDate?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), run.Trigger);
    }

    public Task Log(string message)
    {
        Add(message, isError: false);
        return db.SaveChangesAsync(CancellationToken.None);
    }

    public void Succeed(string summary) => (run.Status, run.Summary) = (RunStatus.Succeeded, summary);

    public void Cancel() => (run.Status, run.Error) = (RunStatus.Cancelled, run.IsBeside
        ? "The sender went away, or the process was asked to stop, before the run was done; nothing of it was stored."
        : "The process was asked to stop before the run was done.");

    public void Fail(Exception failure)
    {
        run.Failure = failure;
        (run.Status, run.Error) = (RunStatus.Failed, LostConnection.IsBehind(failure) ? LostConnection.SentenceFor(run) : failure.Message);
        var isOurs = failure is not (PassengerFileException or IngestionRefusedException or UnknownAsOfException); // else whoever asked is told
        Add(isOurs && failure is not AuditFailedException ? failure.ToString() : failure.Message, isError: true);
        if (isOurs)
            LogFailed(failure, run.Pipeline, run.RunId);
    }

    /// <summary>Writes the end down, with patience for a database that is away: its absence may be what ended the run.</summary>
    public async Task End()
    {
        run.EndedAt = clock.GetUtcNow();
        var since = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await db.SaveChangesAsync(CancellationToken.None);
                LogEnded(run.Pipeline, run.RunId, run.Status, run.Duration, run.Summary ?? run.Error);
                return;
            }
            catch (Exception trouble) when (LostConnection.IsBehind(trouble))
            {
                if (clock.GetElapsedTime(since) >= _patience)
                {
                    LogNotWritten(trouble, run.Pipeline, run.RunId, run.Status, run.Summary ?? run.Error);
                    return;
                }
                await Task.Delay(_pause, clock, CancellationToken.None);
            }
        }
    }

    public async Task Skip(CancellationToken cancellation)
    {
        var other = await db.Runs.Where(r => r.Pipeline == run.Pipeline && r.Status == RunStatus.Running && !r.IsBeside)
            .Select(r => (long?)r.RunId).MaxAsync(cancellation);
        (run.Status, run.EndedAt) = (RunStatus.Skipped, clock.GetUtcNow());
        run.Summary = other is null ? $"Skipped: another {run.Pipeline} run is under way." : $"Skipped: {run.Pipeline} run {other} is under way.";
        await db.SaveChangesAsync(cancellation);
        LogSkipped(run.Pipeline, run.RunId, other);
    }

    private void Add(string message, bool isError) =>
        db.RunLog.Add(new RunLogLine { RunId = run.RunId, At = clock.GetUtcNow(), IsError = isError, Message = message });

    [LoggerMessage(Level = LogLevel.Information, Message = "{Pipeline} run {RunId} started for {Subject} by {Trigger}")]
    private partial void LogStarted(string pipeline, long runId, string? subject, RunTrigger trigger);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Pipeline} run {RunId} {Status} in {Duration}: {Summary}")]
    private partial void LogEnded(string pipeline, long runId, RunStatus status, TimeSpan? duration, string? summary);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Pipeline} run {RunId} skipped: run {Other} is under way")]
    private partial void LogSkipped(string pipeline, long runId, long? other);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Pipeline} run {RunId} failed")]
    private partial void LogFailed(Exception failure, string pipeline, long runId);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Pipeline} run {RunId} {Status}: {Summary} The database stayed away, so its record still says running; the pipeline's next run gives it up")]
    private partial void LogNotWritten(Exception trouble, string pipeline, long runId, RunStatus status, string? summary);
}

/// <summary>Records with the status running whose process has ended.</summary>
internal static class OrphanedRuns
{
    private const string Error = "The process, or its connection to the database, ended before the run did.";

    /// <summary>
    /// Marks as failed every running record of a pipeline whose lock is free (<see cref="PipelineLock.MarkRunning"/>). A run that ends while we look
    /// has freed its lock and is no longer running when the update sees its row: an update looks again at a row that has changed.
    /// </summary>
    private const string MarkFailedSql =
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
    public static async Task MarkFailed(NpgsqlDataSource postgres, Run next, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(MarkFailedSql);
        command.Parameters.AddWithValue("pipeline", next.Pipeline);
        command.Parameters.AddWithValue("next", next.RunId);
        command.Parameters.AddWithValue("now", now);
        command.Parameters.AddWithValue("error", Error);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}

/// <summary>How it shows that the database ended our connection: it was restarted, it crashed, or somebody pulled a cable.</summary>
internal static class LostConnection
{
    /// <summary>Entity Framework and others wrap what Npgsql throws, and not always in the same way.</summary>
    public static bool IsBehind(Exception? failure) => failure switch
    {
        null => false,
        PostgresException { SqlState: var state } => state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow,
        NpgsqlException { InnerException: IOException or SocketException } => true,
        _ => IsBehind(failure.InnerException),
    };

    /// <summary>For people. A backfill is one transaction; other pipelines may have committed a part of their work before.</summary>
    public static string SentenceFor(Run run) => run.Backfill is not null
        ? "The database ended the connection in the middle of the run; nothing of it was stored. Run it again."
        : "The database ended the connection in the middle of the run; what was not committed by then was not stored. Run it again.";
}
