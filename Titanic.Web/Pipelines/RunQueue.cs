using System.Globalization;
using Hangfire;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Pipelines;

/// <summary>Hands a run that a person or a program asked for to the workers, and writes down who asked.</summary>
public sealed class RunQueue(PipelineRunner runner, FeatureReader features, IBackgroundJobClient jobs, AuditLog audit, TimeProvider clock)
{
    /// <param name="pipeline">One of <see cref="PipelineNames"/>.</param>
    /// <param name="date">The day to run for, such as 2026-11-23 and not after today; null or empty means today.</param>
    /// <param name="asOf">For training, in place of a day: see <see cref="AsOf.Resolve"/>; null or empty means that it does not look back.</param>
    /// <param name="challenger">For training: one of <see cref="AlternativeLearners.Names"/> to register; null or empty means the K-NN.</param>
    /// <param name="who">For the audit log.</param>
    /// <returns>The record, to be looked at while a worker takes it up.</returns>
    /// <exception cref="RunRefusedException">The pipeline, the date, the point of history or the challenger is wrong; nothing was queued.</exception>
    public async Task<Run> Ask(string? pipeline, string? date, string? asOf, string? challenger, RunTrigger trigger, string who, CancellationToken cancellation)
    {
        if (pipeline is null || !PipelineNames.InOrder.Contains(pipeline))
            throw new RunRefusedException(nameof(pipeline), $"There is no pipeline \"{pipeline}\"; there are {string.Join(", ", PipelineNames.InOrder)}.");
        var (day, learner) = (DayOf(date), LearnerOf(pipeline, challenger));
        if (!string.IsNullOrWhiteSpace(asOf))
            await RequirePointOfHistory(pipeline, date, asOf, cancellation);
        var request = new RunRequest(pipeline, day, trigger, AsOf: string.IsNullOrWhiteSpace(asOf) ? null : asOf.Trim(), Challenger: learner);
        var run = await runner.Queue(request, null, cancellation);
        jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(pipeline), job => job.RunQueued(run.RunId, CancellationToken.None));
        await audit.Record(who, "run requested", $"run {run.RunId}", Wish(request), cancellation);
        return run;
    }

    private static string Wish(RunRequest request) =>
        (request.AsOf is null ? $"{request.Pipeline} for {Text(request.LogicalDate)}" : $"{request.Pipeline} as of {request.AsOf}") + (request.Challenger is null ? "" : $", {request.Challenger}");

    private static string? LearnerOf(string pipeline, string? challenger)
    {
        if (string.IsNullOrEmpty(challenger))
            return null;
        if (pipeline != PipelineNames.Training)
            throw new RunRefusedException(nameof(challenger), $"A challenger goes with the {PipelineNames.Training} pipeline only.");
        return AlternativeLearners.Find(challenger) is { } found
            ? found.Name
            : throw new RunRefusedException(nameof(challenger), $"There is no challenger \"{Excerpt.Truncate(challenger)}\"; there are {string.Join(", ", AlternativeLearners.Names)}.");
    }

    private async Task RequirePointOfHistory(string pipeline, string? date, string asOf, CancellationToken cancellation)
    {
        if (pipeline != PipelineNames.Training)
            throw new RunRefusedException(nameof(asOf), $"The pipeline {pipeline} cannot look back; only {PipelineNames.Training} can.");
        if (!string.IsNullOrEmpty(date))
            throw new RunRefusedException(nameof(asOf), "A date and a point of history are given; it must be one of them.");
        try
        {
            await features.PointInTime(asOf, cancellation);
        }
        catch (UnknownAsOfException unknown)
        {
            throw new RunRefusedException(nameof(asOf), unknown.Message);
        }
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
    /// <summary>Which part of the wish is wrong: "pipeline", "date", "asOf" or "challenger".</summary>
    public string Field { get; } = field;
}
