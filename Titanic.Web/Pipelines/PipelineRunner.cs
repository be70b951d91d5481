using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines.Ingest;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Queues and executes runs for the schedule, the pages, the API and the command line. It writes the run record, log and timing, executes
/// one run of a pipeline at a time, and records errors.
/// </summary>
public sealed class PipelineRunner(IServiceScopeFactory scopes, NpgsqlDataSource postgres, CodeVersion codeVersion, TimeProvider clock, ILogger<PipelineRunner> log) : IDisposable
{
    /// <summary>
    /// Limits concurrent runs. Each takes three connections of the pool: for its locks, its rows and its record. Without the limit, runs
    /// that hold one connection and wait for another could block each other.
    /// </summary>
    private readonly SemaphoreSlim _concurrentRuns = new(DatabaseModule.MaximumConnections / 3);

    /// <summary>Stores a run with status queued.</summary>
    /// <param name="jobId">The ID of the Hangfire job that will execute the run; null if it is not known yet.</param>
    /// <returns>The new record, or the record that an earlier attempt of the same job created.</returns>
    public async Task<Run> Queue(RunRequest request, string? jobId, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
        var existing = jobId is null ? null : await db.Runs.AsNoTracking()
            .SingleOrDefaultAsync(r => r.JobId == jobId && r.Pipeline == request.Pipeline && r.LogicalDate == request.LogicalDate, cancellation);
        return existing ?? await AddRun(db, request, jobId, isConcurrent: false, cancellation);
    }

    /// <summary>Stores several runs with status queued, in this order: all or none.</summary>
    public async Task<IReadOnlyList<Run>> Queue(IReadOnlyList<RunRequest> requests, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
        Run[] runs = [.. requests.Select(request => NewRun(request, jobId: null, isConcurrent: false))];
        db.Runs.AddRange(runs);
        await db.SaveChangesAsync(cancellation);
        return runs;
    }

    /// <summary>
    /// A queued run of the same pipeline, day and trigger, which was queued less than a minute ago; null if there is none. It will start
    /// after this call. An older one may have lost its job: a process that is killed after storing a record queues no job for it.
    /// </summary>
    public async Task<Run?> FindQueued(RunRequest request, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var since = clock.GetUtcNow().AddMinutes(-1);
        return await scope.ServiceProvider.GetRequiredService<TitanicDb>().Runs.AsNoTracking()
            .Where(r => r.Pipeline == request.Pipeline && r.LogicalDate == request.LogicalDate && r.Trigger == request.Trigger
                && r.Status == RunStatus.Queued && r.QueuedAt > since)
            .OrderByDescending(r => r.RunId).FirstOrDefaultAsync(cancellation);
    }

    /// <summary>Adds a line to the log of a run that this process does not execute.</summary>
    public async Task Log(long runId, string message, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
        db.RunLog.Add(new RunLogLine { RunId = runId, At = clock.GetUtcNow(), Message = message });
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>
    /// Records that a run was not started because the run before it failed. A later <see cref="Run(long, CancellationToken, bool)"/>
    /// executes it. A run that was started is not changed.
    /// </summary>
    public async Task MarkNotStarted(long runId, string error, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = clock.GetUtcNow();
        await scope.ServiceProvider.GetRequiredService<TitanicDb>().Runs
            .Where(r => r.RunId == runId && r.Attempts == 0 && (r.Status == RunStatus.Queued || r.Status == RunStatus.Failed))
            .ExecuteUpdateAsync(r => r.SetProperty(run => run.Status, RunStatus.Failed).SetProperty(run => run.Error, error).SetProperty(run => run.EndedAt, now), cancellation);
    }

    /// <summary>Queues a run and executes it at once in this process.</summary>
    /// <returns>The finished record. A failed run is returned, not thrown.</returns>
    public async Task<Run> Run(RunRequest request, CancellationToken cancellation) =>
        await Run((await Queue(request, null, cancellation)).RunId, cancellation);

    /// <summary>Executes a stored run. A run that succeeded, was skipped, was canceled by a user or is quarantined is not executed again.</summary>
    /// <param name="skipsIfBusy">
    /// Whether the run is recorded as skipped while another run of the pipeline is running; otherwise, and if it was interrupted, it is
    /// returned unchanged.
    /// </param>
    /// <returns>
    /// The finished record. A failed run is returned, not thrown. A run that another process is executing is returned unchanged, with
    /// status running.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// The run was a concurrent one: its data came with a request and are not stored.
    /// </exception>
    public async Task<Run> Run(long runId, CancellationToken cancellation, bool skipsIfBusy = true)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
        var run = await db.Runs.SingleAsync(r => r.RunId == runId, cancellation);
        if (IsFinal(run))
            return run;
        if (run.IsConcurrent)
            throw new InvalidOperationException(
                $"Run {runId} was executed by the request that sent its data and cannot be executed again. Send the request again.");

        var record = new RunRecorder(db, run, clock, log);
        await using var pipelineLock = await PipelineLock.TryAcquire(postgres, run.Pipeline, cancellation);
        if (pipelineLock is not null)
        {
            await InterruptedRuns.Mark(postgres, run.Pipeline, clock.GetUtcNow(), cancellation);
            await db.Entry(run).ReloadAsync(cancellation); // another process may have executed it since it was read
            if (!IsFinal(run))
                await ExecuteRecorded(pipelineLock, run, record, (context, stop) => Execute(run, context, stop), cancellation);
        }
        else if (run.Status is not (RunStatus.Running or RunStatus.Interrupted) && skipsIfBusy)
            await record.Skip(cancellation);
        return run;

        static bool IsFinal(Run run) => run.Status is RunStatus.Succeeded or RunStatus.Skipped || run.IsCanceledByUser || run.IsQuarantined;
    }

    /// <summary>
    /// Executes the work of a request, such as an upload, as a run: at once, and concurrently with other runs. The work itself must be safe
    /// to execute concurrently; ingestions take their own lock.
    /// </summary>
    /// <param name="request">Its backfill describes the data of the request.</param>
    /// <returns>
    /// The finished record. A failed run is returned, not thrown; <see cref="Pipelines.Run.Failure"/> holds the exception.
    /// </returns>
    /// <exception cref="FirstStartIncompleteException">
    /// The first start still simulates past days; rows of today would be stored before rows of earlier days.
    /// </exception>
    public async Task<Run> RunConcurrent(RunRequest request, Func<RunContext, CancellationToken, Task<string>> work, CancellationToken cancellation)
    {
        await _concurrentRuns.WaitAsync(cancellation);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
            if (await db.SetupProgress.AnyAsync(setup => setup.FinishedAt == null, cancellation))
                throw new FirstStartIncompleteException();
            await using var pipelineLock = await PipelineLock.OpenForConcurrentRun(postgres, cancellation);
            await InterruptedRuns.Mark(postgres, request.Pipeline, clock.GetUtcNow(), cancellation);
            var run = await AddRun(db, request, jobId: null, isConcurrent: true, cancellation);
            await ExecuteRecorded(pipelineLock, run, new RunRecorder(db, run, clock, log), work, cancellation);
            return run;
        }
        finally
        {
            _concurrentRuns.Release();
        }
    }

    public void Dispose() => _concurrentRuns.Dispose();

    private async Task ExecuteRecorded(PipelineLock pipelineLock, Run run, RunRecorder record, Func<RunContext, CancellationToken, Task<string>> work, CancellationToken cancellation)
    {
        using var logScope = log.BeginScope(new Dictionary<string, object> { ["RunId"] = run.RunId, ["Pipeline"] = run.Pipeline });
        using var activity = RunTelemetry.StartActivity(run);
        // Not canceled by the caller: a stored record must reach a final status, not stay queued.
        await pipelineLock.AcquireRunLock(run.RunId, CancellationToken.None);
        if (!await record.Start(CancellationToken.None))
            return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, pipelineLock.Lost);
        await using var monitor = new RunMonitor(postgres, run.RunId, new StepRecorder(clock), log, stop.Token);
        try
        {
            record.Succeed(await work(new RunContext(run, record, monitor), monitor.Cancellation));
        }
        catch (Exception) when (monitor.Request is not null) // a library may wrap the cancellation
        {
            await record.Cancel(monitor.Request);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            record.Cancel();
        }
        catch (Exception failure)
        {
            record.Fail(failure is OperationCanceledException && pipelineLock.LostBy is { } lost ? lost : failure);
            activity?.SetStatus(ActivityStatusCode.Error, run.Error);
        }
        await monitor.Stop(); // it writes the steps, too
        run.Steps = monitor.Steps.End();
        await record.SaveEnd();
    }

    // In a separate scope: entities that a pipeline tracks in, or clears from, its database context must not affect the run record.
    private async Task<string> Execute(Run run, RunContext context, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var pipeline = run.Backfill is not null
            ? scope.ServiceProvider.GetRequiredService<BackfillPipeline>()
            : scope.ServiceProvider.GetRequiredKeyedService<IPipeline>(run.Pipeline);
        return await pipeline.Execute(context, cancellation);
    }

    private async Task<Run> AddRun(TitanicDb db, RunRequest request, string? jobId, bool isConcurrent, CancellationToken cancellation)
    {
        var run = NewRun(request, jobId, isConcurrent);
        db.Runs.Add(run);
        await db.SaveChangesAsync(cancellation);
        return run;
    }

    private Run NewRun(RunRequest request, string? jobId, bool isConcurrent) => new()
    {
        Pipeline = request.Pipeline,
        LogicalDate = request is { Backfill: null, AsOf: null } ? request.LogicalDate : null,
        Backfill = request.Backfill,
        Policy = request.Policy,
        Read = request.Read,
        AsOf = request.AsOf,
        Alternative = request.Alternative,
        IsConcurrent = isConcurrent,
        RequestedBy = request.RequestedBy,
        FileName = request.FileName,
        Trigger = request.Trigger,
        Status = RunStatus.Queued,
        CodeVersion = codeVersion.Text,
        JobId = jobId,
        QueuedAt = clock.GetUtcNow(),
    };
}

/// <summary>Writes the start, the log lines and the end of a run to the database.</summary>
internal sealed partial class RunRecorder(TitanicDb db, Run run, TimeProvider clock, ILogger log)
{
    /// <summary>How long saving the end of a run is retried. A restarted database is available again within seconds.</summary>
    private static readonly TimeSpan _saveTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _saveRetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>Records the start, unless a user has requested to cancel the run: then it is canceled.</summary>
    /// <returns>Whether the run is started.</returns>
    public async Task<bool> Start(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var isStarted = await db.Runs.Where(r => r.RunId == run.RunId && r.CancelRequestedAt == null).ExecuteUpdateAsync(
            r => r.SetProperty(p => p.Status, RunStatus.Running).SetProperty(p => p.StartedAt, now).SetProperty(p => p.EndedAt, (DateTimeOffset?)null)
                .SetProperty(p => p.Attempts, run.Attempts + 1).SetProperty(p => p.Error, (string?)null).SetProperty(p => p.Host, Environment.MachineName)
                .SetProperty(p => p.Steps, new List<RunStep>()),
            cancellation) > 0;
        await db.Entry(run).ReloadAsync(cancellation);
        if (!isStarted)
        {
            if (!run.IsCanceledByUser)
            {
                (run.Status, run.Error) = (RunStatus.Cancelled, RunCancellation.NotStartedError);
                await SaveEnd();
            }
            return false;
        }
        LogStarted(run.Pipeline, run.RunId, run.Backfill ?? run.AsOf ?? run.LogicalDate?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), run.Trigger);
        return true;
    }

    public Task Log(string message)
    {
        AddLogLine(message, isError: false);
        return db.SaveChangesAsync(CancellationToken.None);
    }

    public void Succeed(string summary) => (run.Status, run.Summary) = (RunStatus.Succeeded, Format.Capitalized(summary));

    /// <summary>Records that the caller stopped the run: the client of a request, or the end of the process.</summary>
    public void Cancel() => (run.Status, run.Error) = run.IsConcurrent
        ? (RunStatus.Cancelled, "The client disconnected or the process was stopped before the run completed. Nothing was stored. Send the request again.")
        : (RunStatus.Interrupted, "The process was stopped before the run completed.");

    /// <summary>Records that a user canceled the run, and what was kept.</summary>
    public async Task Cancel(CancelRequest request)
    {
        (run.Status, run.CancelRequestedAt, run.CancelRequestedBy) = (RunStatus.Cancelled, request.At, request.By);
        run.Error = RunCancellation.ByOperator;
        try
        {
            run.Error += $" {await KeptOutputs.Describe(db, run, CancellationToken.None)}";
        }
        catch (Exception failure) when (LostConnection.IsCauseOf(failure))
        {
            // the outputs of the run, on its page, show what was kept
        }
    }

    /// <summary>
    /// Records that the run failed. A failure of the database that can pass only interrupts a run that can continue by itself: after a lost
    /// connection as often as after the end of its process, while the database server lacks resources without limit.
    /// </summary>
    public void Fail(Exception failure)
    {
        run.Failure = failure;
        var isLost = LostConnection.IsCauseOf(failure);
        run.Interruptions += isLost && run.ContinuesByItself ? 1 : 0;
        (run.Status, run.Error) =
            isLost && run.Interruptions >= InterruptedRuns.Limit ? (RunStatus.Failed, InterruptedRuns.QuarantineError)
            : run.ContinuesByItself && isLost ? (RunStatus.Interrupted, "The database connection was lost during the run. It continues by itself.")
            : run.ContinuesByItself && LostConnection.IsLackOfResources(failure) ? (RunStatus.Interrupted, LostConnection.LackOfResourcesMessage)
            : (RunStatus.Failed, isLost ? LostConnection.MessageFor(run) : FailureText.Describe(failure));
        // The excluded exceptions report invalid input of the caller.
        var isUnexpected = failure is not (PassengerFileException or IngestionRejectedException or UnknownAsOfException);
        AddLogLine(isUnexpected && failure is not AuditFailedException ? failure.ToString() : failure.Message, isError: true);
        if (isUnexpected)
            LogFailed(failure, run.Pipeline, run.RunId);
    }

    /// <summary>
    /// Saves the end of the run. Lost connections are retried for <see cref="_saveTimeout"/>, because an unavailable database may be what
    /// ended the run.
    /// </summary>
    public async Task SaveEnd()
    {
        run.EndedAt = clock.GetUtcNow();
        RunTelemetry.CountEnd(run);
        var start = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await db.SaveChangesAsync(CancellationToken.None);
                LogEnded(run.Pipeline, run.RunId, run.Status, run.Duration, run.Summary ?? run.Error);
                return;
            }
            catch (DbUpdateConcurrencyException)
            {
                LogStartedAgain(run.Pipeline, run.RunId, run.Status, run.Summary ?? run.Error);
                return;
            }
            catch (Exception failure) when (LostConnection.IsCauseOf(failure))
            {
                if (clock.GetElapsedTime(start) >= _saveTimeout)
                {
                    LogNotSaved(failure, run.Pipeline, run.RunId, run.Status, run.Summary ?? run.Error);
                    return;
                }
                await Task.Delay(_saveRetryDelay, clock, CancellationToken.None);
            }
        }
    }

    public async Task Skip(CancellationToken cancellation)
    {
        var other = await db.Runs.Where(r => r.Pipeline == run.Pipeline && r.Status == RunStatus.Running && !r.IsConcurrent)
            .Select(r => (long?)r.RunId).MaxAsync(cancellation);
        (run.Status, run.EndedAt) = (RunStatus.Skipped, clock.GetUtcNow());
        run.Summary = other is null ? $"Skipped: another {run.Pipeline} run is running." : $"Skipped: {run.Pipeline} run {other} is running.";
        await db.SaveChangesAsync(cancellation);
        RunTelemetry.CountEnd(run);
        LogSkipped(run.Pipeline, run.RunId, other);
    }

    private void AddLogLine(string message, bool isError) =>
        db.RunLog.Add(new RunLogLine { RunId = run.RunId, At = clock.GetUtcNow(), IsError = isError, Message = message });

    [LoggerMessage(Level = LogLevel.Information, Message = "{Pipeline} run {RunId} started for {Subject} by {Trigger}")]
    private partial void LogStarted(string pipeline, long runId, string? subject, RunTrigger trigger);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Pipeline} run {RunId} {Status} in {Duration}: {Summary}")]
    private partial void LogEnded(string pipeline, long runId, RunStatus status, TimeSpan? duration, string? summary);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Pipeline} run {RunId} skipped: run {Other} is running")]
    private partial void LogSkipped(string pipeline, long runId, long? other);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Pipeline} run {RunId} failed")]
    private partial void LogFailed(Exception failure, string pipeline, long runId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Pipeline} run {RunId} {Status}: {Summary} This is not recorded, because another process has started the run again since the database connection was lost")]
    private partial void LogStartedAgain(string pipeline, long runId, RunStatus status, string? summary);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Pipeline} run {RunId} {Status}: {Summary} This could not be saved because the database is unavailable; the record stays running until it is marked as interrupted")]
    private partial void LogNotSaved(Exception failure, string pipeline, long runId, RunStatus status, string? summary);
}
