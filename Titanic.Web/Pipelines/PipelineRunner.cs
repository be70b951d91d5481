using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Lifecycle;
using Titanic.Web.Pipelines.Ingest;

namespace Titanic.Web.Pipelines;

/// <summary>
/// The one way to run a pipeline, for schedule, button, API and command line alike: run record, log, timing, one run of a pipeline
/// at a time, errors.
/// </summary>
public sealed class PipelineRunner(IServiceScopeFactory scopes, NpgsqlDataSource postgres, CodeVersion codeVersion, TimeProvider clock, ILogger<PipelineRunner> log) : IDisposable
{
    /// <summary>
    /// Each run beside others takes three of the pool's hundred connections: for its locks, its rows and its record. More of them than
    /// this wait, before they hold one for which another would wait in vain.
    /// </summary>
    private readonly SemaphoreSlim _roomBeside = new(24);

    /// <summary>Writes down that something should run, for a worker to take up.</summary>
    /// <param name="jobId">The Hangfire job that will carry the run, if it is known already.</param>
    public async Task<Run> Queue(RunRequest request, string? jobId, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await Add(scope.ServiceProvider.GetRequiredService<TitanicDb>(), request, jobId, isBeside: false, cancellation);
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
        await using var turn = await PipelineTurn.Take(postgres, run.Pipeline, cancellation);
        if (turn is not null)
            await Live(turn, run, record, (context, stop) => Execute(run, context, stop), cancellation);
        else if (run.Status != RunStatus.Running)
            await record.Skip(cancellation);
        return run;
    }

    /// <summary>
    /// Runs what its asker carries, such as an upload: at once, beside whatever else is under way. What overlaps must be made safe by
    /// the nouns themselves, as ingestions are by their own lock.
    /// </summary>
    /// <param name="request">Its backfill says in words what is read.</param>
    /// <returns>The finished record. A failed run is returned, not thrown; <see cref="Pipelines.Run.Failure"/> says what happened.</returns>
    public async Task<Run> RunBeside(RunRequest request, Func<RunContext, CancellationToken, Task<string>> story, CancellationToken cancellation)
    {
        await _roomBeside.WaitAsync(cancellation);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
            await using var turn = await PipelineTurn.Beside(postgres, cancellation);
            var run = await Add(db, request, jobId: null, isBeside: true, cancellation);
            await Live(turn, run, new RunRecord(db, run, clock, log), story, cancellation);
            return run;
        }
        finally
        {
            _roomBeside.Release();
        }
    }

    public void Dispose() => _roomBeside.Dispose();

    private async Task Live(PipelineTurn turn, Run run, RunRecord record, Func<RunContext, CancellationToken, Task<string>> story, CancellationToken cancellation)
    {
        using var logScope = log.BeginScope(new Dictionary<string, object> { ["RunId"] = run.RunId, ["Pipeline"] = run.Pipeline });
        // Without the caller's cancellation: a record that was made is brought to an end, not left behind as queued.
        await turn.Hold(run.RunId, CancellationToken.None);
        await LostRuns.GiveUp(postgres, run, clock.GetUtcNow(), CancellationToken.None);
        await record.Start(CancellationToken.None);
        try
        {
            record.Succeed(await story(new RunContext(run, record.Log), cancellation));
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
