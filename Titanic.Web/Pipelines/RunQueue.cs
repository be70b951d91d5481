using System.Globalization;
using Hangfire;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Pipelines;

/// <summary>Queues a run that a person or a program requests, and records the request in the audit log.</summary>
public sealed class RunQueue(PipelineRunner runner, FeatureReader features, IBackgroundJobClient jobs, AuditLog audit, TimeProvider clock)
{
    /// <param name="parameters">Not validated yet.</param>
    /// <param name="who">For the audit log.</param>
    /// <returns>The record, to be looked at while a worker takes it up.</returns>
    /// <exception cref="RunRefusedException">The pipeline, the date, the point of history or the challenger is wrong; nothing was queued.</exception>
    public async Task<Run> Enqueue(RunParameters parameters, RunTrigger trigger, string who, CancellationToken cancellation)
    {
        var (pipeline, date, asOf, challenger) = parameters;
        if (pipeline is null || !PipelineNames.InOrder.Contains(pipeline))
            throw new RunRefusedException(nameof(pipeline), $"There is no pipeline \"{pipeline}\"; there are {string.Join(", ", PipelineNames.InOrder)}.");
        var (day, learner) = (DayOf(date), LearnerOf(pipeline, challenger));
        if (!string.IsNullOrWhiteSpace(asOf))
            await RequirePointOfHistory(pipeline, date, asOf, cancellation);
        var request = new RunRequest(pipeline, day, trigger, AsOf: string.IsNullOrWhiteSpace(asOf) ? null : asOf.Trim(), Challenger: learner);
        var run = await runner.Queue(request, null, cancellation);
        jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(pipeline), job => job.RunQueued(run.RunId, CancellationToken.None));
        await audit.Record(who, "run requested", $"run {run.RunId}", Describe(request), cancellation);
        return run;
    }

    private static string Describe(RunRequest request) =>
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

/// <summary>What a person or a program requests, as it was sent.</summary>
/// <param name="Pipeline">One of <see cref="PipelineNames"/>.</param>
/// <param name="Date">The day to run for, such as 2026-11-23 and not after today; null or empty means today.</param>
/// <param name="AsOf">For training, in place of a day: see <see cref="FeatureStore.AsOf.Resolve"/>; null or empty means the newest state.</param>
/// <param name="Challenger">For training: one of <see cref="AlternativeLearners.Names"/> to register; null or empty means the K-NN.</param>
public sealed record RunParameters(string? Pipeline, string? Date = null, string? AsOf = null, string? Challenger = null);

/// <summary>The parameters of a run are wrong; nothing was queued.</summary>
public sealed class RunRefusedException(string field, string problem) : Exception(problem)
{
    /// <summary>Which parameter is wrong: "pipeline", "date", "asOf" or "challenger".</summary>
    public string Field { get; } = field;
}
