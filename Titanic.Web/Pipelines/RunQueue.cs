using System.Globalization;
using Hangfire;
using Titanic.Web.Access;
using Titanic.Web.Training.Challengers;

namespace Titanic.Web.Pipelines;

/// <summary>Hands a run that a person or a program asked for to the workers, and writes down who asked.</summary>
public sealed class RunQueue(PipelineRunner runner, IBackgroundJobClient jobs, AuditLog audit, TimeProvider clock)
{
    /// <param name="pipeline">One of <see cref="PipelineNames"/>.</param>
    /// <param name="date">The day to run for, such as 2026-11-23 and not after today; null or empty means today.</param>
    /// <param name="challenger">For training: one of <see cref="ChallengerCatalog.Names"/> to register; null or empty means the K-NN.</param>
    /// <param name="who">For the audit log.</param>
    /// <returns>The record, to be looked at while a worker takes it up.</returns>
    /// <exception cref="RunRefusedException">The pipeline, the date or the challenger is wrong; nothing was queued.</exception>
    public async Task<Run> Ask(string? pipeline, string? date, string? challenger, RunTrigger trigger, string who, CancellationToken cancellation)
    {
        if (pipeline is null || !PipelineNames.InOrder.Contains(pipeline))
            throw new RunRefusedException(nameof(pipeline), $"There is no pipeline \"{pipeline}\"; there are {string.Join(", ", PipelineNames.InOrder)}.");
        var (day, learner) = (DayOf(date), LearnerOf(pipeline, challenger));
        var run = await runner.Queue(new RunRequest(pipeline, day, trigger, Challenger: learner), null, cancellation);
        jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(pipeline), job => job.RunQueued(run.RunId, CancellationToken.None));
        await audit.Record(who, "run requested", $"run {run.RunId}", $"{pipeline} for {Text(day)}{(learner is null ? "" : $", {learner}")}", cancellation);
        return run;
    }

    private static string? LearnerOf(string pipeline, string? challenger)
    {
        if (string.IsNullOrEmpty(challenger))
            return null;
        if (pipeline != PipelineNames.Training)
            throw new RunRefusedException(nameof(challenger), $"A challenger goes with the {PipelineNames.Training} pipeline only.");
        return ChallengerCatalog.Find(challenger) is { } found
            ? found.Name
            : throw new RunRefusedException(nameof(challenger), $"There is no challenger \"{challenger}\"; there are {string.Join(", ", ChallengerCatalog.Names)}.");
    }

    private DateOnly DayOf(string? date)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (string.IsNullOrEmpty(date))
            return today;
        if (!DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            throw new RunRefusedException(nameof(date), $"The date is \"{date}\"; it must be like {Text(today)}.");
        return day <= today ? day : throw new RunRefusedException(nameof(date), $"The date is {date}; it must not be after today, {Text(today)} (UTC).");
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <summary>A run that was asked for cannot be.</summary>
public sealed class RunRefusedException(string field, string problem) : Exception(problem)
{
    /// <summary>Which part of the wish is wrong: "pipeline", "date" or "challenger".</summary>
    public string Field { get; } = field;
}
