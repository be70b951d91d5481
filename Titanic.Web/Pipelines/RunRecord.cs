using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines;

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
