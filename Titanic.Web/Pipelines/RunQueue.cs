using Hangfire;

namespace Titanic.Web.Pipelines;

/// <summary>Hands a run that a person or a program asked for to the workers.</summary>
public sealed class RunQueue(PipelineRunner runner, IBackgroundJobClient jobs)
{
    /// <returns>The record, to be looked at while a worker takes it up.</returns>
    public async Task<Run> Enqueue(RunRequest request, CancellationToken cancellation)
    {
        var run = await runner.Queue(request, null, cancellation);
        jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(request.Pipeline), job => job.RunQueued(run.RunId, CancellationToken.None));
        return run;
    }
}
