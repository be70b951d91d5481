namespace Titanic.Web.Pipelines;

/// <summary>Runs the daily pipelines in order, as the schedule does.</summary>
public sealed class Simulation(PipelineRunner runner)
{
    /// <returns>The day's runs.</returns>
    /// <exception cref="PipelineFailedException">A run did not succeed.</exception>
    public async Task<IReadOnlyList<Run>> SimulateDay(DateOnly day, RunTrigger trigger, CancellationToken cancellation)
    {
        var runs = new List<Run>();
        foreach (var pipeline in PipelineNames.Daily)
            runs.Add(await RunOrThrow(new RunRequest(pipeline, day, trigger), cancellation));
        return runs;
    }

    /// <summary>Runs one pipeline and throws unless the run succeeds.</summary>
    /// <exception cref="PipelineFailedException">The run did not succeed.</exception>
    public async Task<Run> RunOrThrow(RunRequest request, CancellationToken cancellation)
    {
        var run = await runner.Run(request, cancellation);
        cancellation.ThrowIfCancellationRequested();
        return run.Status == RunStatus.Succeeded ? run : throw new PipelineFailedException(run);
    }
}

/// <summary>A run did not succeed.</summary>
public sealed class PipelineFailedException(Run run)
    : Exception($"The {run.Pipeline} run {run.RunId} {run.Status.ToString().ToLowerInvariant()}: {run.Error ?? run.Summary ?? "another process is executing it."}", run.Failure)
{
    public Run Run { get; } = run;
}
