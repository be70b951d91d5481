namespace Titanic.Web.Pipelines;

/// <summary>Lives through days one after another, as the schedule would: arrive, predict, learn, watch.</summary>
public sealed class Simulation(PipelineRunner runner)
{
    /// <param name="finished">Told after each day.</param>
    /// <exception cref="PipelineFailedException">A run did not succeed; the days before it are complete.</exception>
    public async Task Live(DateOnly from, int days, RunTrigger trigger, Func<DateOnly, IReadOnlyList<Run>, Task> finished, CancellationToken cancellation)
    {
        for (var day = from; day < from.AddDays(days); day = day.AddDays(1))
        {
            var runs = new List<Run>();
            foreach (var pipeline in PipelineNames.InOrder)
                runs.Add(await Succeed(new RunRequest(pipeline, day, trigger), cancellation));
            await finished(day, runs);
        }
    }

    /// <summary>Runs one pipeline and insists that it succeeds.</summary>
    public async Task<Run> Succeed(RunRequest request, CancellationToken cancellation)
    {
        var run = await runner.Run(request, cancellation);
        cancellation.ThrowIfCancellationRequested();
        return run.Status == RunStatus.Succeeded ? run : throw new PipelineFailedException(run);
    }
}

/// <summary>A run ended otherwise than well.</summary>
public sealed class PipelineFailedException(Run run)
    : Exception($"The {run.Pipeline} run {run.RunId} {run.Status.ToString().ToLowerInvariant()}: {run.Error ?? run.Summary}")
{
    public Run Run { get; } = run;
}
