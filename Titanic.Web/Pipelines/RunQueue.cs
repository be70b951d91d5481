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
    /// <param name="parameters">The parameters as sent; they are validated here.</param>
    /// <param name="caller">The caller's name for the audit log.</param>
    /// <returns>The record of the queued run.</returns>
    /// <exception cref="RunRejectedException">The pipeline, date, as-of or challenger parameter is invalid; nothing was queued.</exception>
    public async Task<Run> Enqueue(RunParameters parameters, RunTrigger trigger, string caller, CancellationToken cancellation)
    {
        var (pipeline, date, asOf, challenger) = parameters;
        if (pipeline is null || !PipelineNames.All.Contains(pipeline))
            throw new RunRejectedException(nameof(pipeline), $"There is no pipeline \"{pipeline}\"; there are {string.Join(", ", PipelineNames.All)}.");
        var (day, learner) = (ParseDate(date), ParseChallenger(pipeline, challenger));
        if (!string.IsNullOrWhiteSpace(asOf))
            await RequireValidAsOf(pipeline, date, asOf, cancellation);
        var request = new RunRequest(pipeline, day, trigger, AsOf: string.IsNullOrWhiteSpace(asOf) ? null : asOf.Trim(), Challenger: learner);
        var run = await runner.Queue(request, null, cancellation);
        jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(pipeline), job => job.RunQueued(run.RunId, CancellationToken.None));
        await audit.Record(caller, "run requested", $"run {run.RunId}", Describe(request), cancellation);
        return run;
    }

    private static string Describe(RunRequest request) =>
        (request.AsOf is null ? $"{request.Pipeline} for {FormatDay(request.LogicalDate)}" : $"{request.Pipeline} as of {request.AsOf}") + (request.Challenger is null ? "" : $", {request.Challenger}");

    private static string? ParseChallenger(string pipeline, string? challenger)
    {
        if (string.IsNullOrEmpty(challenger))
            return null;
        if (pipeline != PipelineNames.Training)
            throw new RunRejectedException(nameof(challenger), $"The {pipeline} pipeline takes no challenger; only {PipelineNames.Training} does.");
        return AlternativeLearners.Find(challenger) is { } found
            ? found.Name
            : throw new RunRejectedException(nameof(challenger), $"There is no challenger \"{Excerpt.Truncate(challenger)}\"; there are {string.Join(", ", AlternativeLearners.Names)}.");
    }

    private async Task RequireValidAsOf(string pipeline, string? date, string asOf, CancellationToken cancellation)
    {
        if (pipeline != PipelineNames.Training)
            throw new RunRejectedException(nameof(asOf), $"The {pipeline} pipeline takes no asOf; only {PipelineNames.Training} does.");
        if (!string.IsNullOrEmpty(date))
            throw new RunRejectedException(nameof(asOf), "Both date and asOf are given; only one of them is allowed.");
        try
        {
            await features.PointInTime(asOf, cancellation);
        }
        catch (UnknownAsOfException unknown)
        {
            throw new RunRejectedException(nameof(asOf), unknown.Message);
        }
    }

    private DateOnly ParseDate(string? date)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (string.IsNullOrEmpty(date))
            return today;
        if (!DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            throw new RunRejectedException(nameof(date), $"The date is \"{date}\"; it must be like {FormatDay(today)}.");
        return day <= today ? day : throw new RunRejectedException(nameof(date), $"The date is {date}; it must not be after today, {FormatDay(today)} (UTC).");
    }

    private static string FormatDay(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <summary>The parameters of a requested run, as sent by a user or a program.</summary>
/// <param name="Pipeline">One of <see cref="PipelineNames"/>.</param>
/// <param name="Date">The day to run for, such as 2026-11-23, not after today; null or empty means today.</param>
/// <param name="AsOf">
/// For training, instead of a day: see <see cref="FeatureStore.AsOf.Resolve"/>; null or empty means the newest state.
/// </param>
/// <param name="Challenger">For training: one of <see cref="AlternativeLearners.Names"/>; null or empty means the K-NN.</param>
public sealed record RunParameters(string? Pipeline, string? Date = null, string? AsOf = null, string? Challenger = null);

/// <summary>A parameter of a requested run is invalid; nothing was queued.</summary>
public sealed class RunRejectedException(string field, string message) : Exception(message)
{
    /// <summary>The invalid parameter: "pipeline", "date", "asOf" or "challenger".</summary>
    public string Field { get; } = field;
}
