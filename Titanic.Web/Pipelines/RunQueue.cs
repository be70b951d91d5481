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
    /// <exception cref="RunRejectedException">A parameter is invalid; nothing was queued.</exception>
    public async Task<Run> Enqueue(RunParameters parameters, RunTrigger trigger, string caller, CancellationToken cancellation)
    {
        var (pipeline, date, asOf, alternative, predictsFirst) = parameters;
        if (pipeline is null || !PipelineNames.All.Contains(pipeline))
            throw new RunRejectedException(nameof(pipeline), PipelineNames.NotFoundMessage(pipeline));
        var (day, learner) = (ParseDate(date), ParseAlternative(pipeline, alternative));
        if (!string.IsNullOrWhiteSpace(asOf))
            await RequireValidAsOf(pipeline, date, asOf, cancellation);
        var request = new RunRequest(
            pipeline, day, trigger, AsOf: string.IsNullOrWhiteSpace(asOf) ? null : asOf.Trim(), Alternative: learner)
        { RequestedBy = caller };
        if (predictsFirst && pipeline != PipelineNames.Training)
        {
            const string field = RunRejectedException.PredictFirstField;
            throw new RunRejectedException(field, RunRules.NotTaken(pipeline, field, PipelineNames.Training));
        }
        if (predictsFirst)
            return await EnqueueAfterInference(request, caller, cancellation);
        var run = await runner.Queue(request, null, cancellation);
        jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(pipeline), job => job.RunQueued(run.RunId, CancellationToken.None));
        await Audit(caller, run, Describe(request), cancellation);
        return run;
    }

    /// <summary>Queues a run with the parameters of an earlier one.</summary>
    /// <param name="earlier">A run for which <see cref="RunRules.FindRepetitionError"/> returns null.</param>
    /// <param name="caller">The caller's name for the audit log.</param>
    public async Task<Run> EnqueueAgain(Run earlier, RunTrigger trigger, string caller, CancellationToken cancellation)
    {
        var request = new RunRequest(
            earlier.Pipeline, earlier.LogicalDate ?? ParseDate(null), trigger, earlier.Backfill, earlier.Policy, earlier.AsOf, earlier.Alternative)
        { Read = earlier.Read, RequestedBy = caller };
        var run = await runner.Queue(request, null, cancellation);
        jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(run.Pipeline), job => job.RunQueued(run.RunId, CancellationToken.None));
        await Audit(caller, run, $"{Describe(request)}, run {earlier.RunId} again", cancellation);
        return run;
    }

    /// <summary>
    /// Queues an inference run for today that predicts the passengers of an upload; where such a run is queued and has not started, it is
    /// returned instead.
    /// </summary>
    /// <param name="uploadRunId">The run of the upload; its rows must be committed.</param>
    /// <param name="caller">The caller of the upload, for the audit log.</param>
    public async Task<Run> EnqueueInferenceFor(long uploadRunId, string caller, CancellationToken cancellation)
    {
        var request = new RunRequest(PipelineNames.Inference, ParseDate(null), RunTrigger.Upload) { RequestedBy = caller };
        if (await runner.FindQueued(request, cancellation) is { } queued)
            return queued;
        var run = await runner.Queue(request, null, cancellation);
        jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(PipelineNames.Inference), job => job.RunWhenFree(run.RunId, null, CancellationToken.None));
        await Audit(caller, run, $"{Describe(request)}, for the passengers of run {uploadRunId}", cancellation);
        return run;
    }

    /// <summary>Queues an inference run, whose job starts the training run when inference has succeeded. Both records are stored first.</summary>
    private async Task<Run> EnqueueAfterInference(RunRequest training, string caller, CancellationToken cancellation)
    {
        var inference = new RunRequest(PipelineNames.Inference, training.LogicalDate, training.Trigger) { RequestedBy = caller };
        var (first, then) = (await runner.Queue(inference, null, cancellation), await runner.Queue(training, null, cancellation));
        await runner.Log(then.RunId, $"Waiting for inference run {first.RunId}.", cancellation);
        jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(PipelineNames.Inference), job => job.RunWhenFree(first.RunId, then.RunId, CancellationToken.None));
        await Audit(caller, first, Describe(inference), cancellation);
        await Audit(caller, then, $"{Describe(training)}, after inference run {first.RunId}", cancellation);
        return then;
    }

    private Task Audit(string caller, Run run, string details, CancellationToken cancellation) =>
        audit.Record(caller, "run requested", $"run {run.RunId}", details, cancellation);

    private static string Describe(RunRequest request) =>
        (request.AsOf is null ? $"{request.Pipeline} for {FormatDay(request.LogicalDate)}" : $"{request.Pipeline} as of {request.AsOf}")
        + (request.Alternative is null ? "" : $", {request.Alternative}");

    private static string? ParseAlternative(string pipeline, string? alternative)
    {
        if (string.IsNullOrEmpty(alternative))
            return null;
        if (pipeline != PipelineNames.Training)
            throw Rejected(RunRules.NotTaken(pipeline, RunRules.AlternativeKind, PipelineNames.Training));
        return AlternativeLearners.Find(alternative)?.Name
            ?? throw Rejected(ErrorText.UnknownName(RunRules.AlternativeKind, alternative, AlternativeLearners.Names));

        static RunRejectedException Rejected(string message) => new(RunRejectedException.AlternativeField, message);
    }

    private async Task RequireValidAsOf(string pipeline, string? date, string asOf, CancellationToken cancellation)
    {
        if (pipeline != PipelineNames.Training)
            throw new RunRejectedException(nameof(asOf), RunRules.NotTaken(pipeline, nameof(asOf), PipelineNames.Training));
        if (!string.IsNullOrEmpty(date))
            throw new RunRejectedException(nameof(asOf), RunRules.Exclusive(nameof(date), nameof(asOf)));
        if (RunRules.FindFutureAsOf(asOf, clock.GetUtcNow()) is { } error)
            throw new RunRejectedException(nameof(asOf), error);
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
        return RunRules.ParseDate(date, today, out var error) ?? throw new RunRejectedException(nameof(date), error!);
    }

    private static string FormatDay(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <summary>The rules for the parameters of a run, for the API, the page and the command line.</summary>
internal static class RunRules
{
    /// <summary>The name of the parameter <c>challenger</c> in messages.</summary>
    public const string AlternativeKind = "alternative algorithm";

    /// <summary>The error of a parameter that another pipeline has.</summary>
    public static string NotTaken(string pipeline, string parameter, string required) =>
        $"The {pipeline} pipeline takes no {parameter}; only {required} does.";

    /// <summary>The error of two parameters that exclude each other.</summary>
    public static string Exclusive(string first, string second) => $"Both {first} and {second} are given; there must be only one of them.";

    /// <summary>Why a run cannot be repeated; null if it can.</summary>
    public static string? FindRepetitionError(Run run) => run switch
    {
        { IsConcurrent: true } => $"Run {run.RunId} read data that came with a request and are not stored. Send the request again.",
        { Status: RunStatus.Queued or RunStatus.Running } => $"Run {run.RunId} is {run.Status.ToString().ToLowerInvariant()}. Repeat it when it has ended.",
        { WillContinue: true } => $"Run {run.RunId} was interrupted and continues by itself. Repeat it when it has ended.",
        _ => null,
    };

    /// <summary>Parses a logical date.</summary>
    /// <returns>The date; null, with an error, if the text is not a date, or the date is before the historical passengers or after today.</returns>
    public static DateOnly? ParseDate(string text, DateOnly today, out string? error)
    {
        var first = DateOnly.FromDateTime(PassengerSources.HistoricalEventTime.UtcDateTime);
        error = !IsoTimestamp.TryParseDate(text, out var day) ? ErrorText.Invalid("The date", text, IsoTimestamp.ExpectedDate)
            : day < first ? FormattableString.Invariant(
                $"The date is {text}; it must not be before {first:yyyy-MM-dd}, the date of the historical passengers.")
            : day > today ? FormattableString.Invariant($"The date is {text}; it must not be after today, {today:yyyy-MM-dd} (UTC).")
            : null;
        return error is null ? day : null;
    }

    /// <summary>The error of a point in time after today or after now, whose rows are not final; null for another one.</summary>
    /// <param name="asOf">See <see cref="FeatureStore.AsOf.Resolve"/>.</param>
    public static string? FindFutureAsOf(string asOf, DateTimeOffset now)
    {
        var text = asOf.Trim().Replace(' ', '+');
        var isFuture = IsoTimestamp.TryParseDate(text, out var day)
            ? day > DateOnly.FromDateTime(now.UtcDateTime)
            : IsoTimestamp.TryParse(text, out var instant) && instant > now;
        return isFuture ? $"The point in time is {text}; it must not be after now, {IsoTimestamp.Format(now)}." : null;
    }

    /// <summary>The error of a first day to simulate; null for an allowed one.</summary>
    /// <param name="newest">The newest day of the stream; null if it has none.</param>
    public static string? FindSimulationGap(DateOnly first, DateOnly? newest, DateOnly today)
    {
        var last = newest?.AddDays(1) is { } next && next > today ? next : today;
        var name = last == today ? "today (UTC)" : "the day after the newest day of the stream";
        return first > last ? FormattableString.Invariant($"The date is {first:yyyy-MM-dd}; it must not be after {last:yyyy-MM-dd}, {name}.") : null;
    }
}

/// <summary>The parameters of a requested run, as sent by a user or a program.</summary>
/// <param name="Pipeline">One of <see cref="PipelineNames"/>.</param>
/// <param name="Date">The day to run for, such as 2026-11-23, from 1912-04-15 to today; null or empty means today.</param>
/// <param name="AsOf">
/// For training, instead of a day: see <see cref="FeatureStore.AsOf.Resolve"/>; null or empty means the newest state.
/// </param>
/// <param name="Alternative">For training: one of <see cref="AlternativeLearners.Names"/>; null or empty means the K-NN.</param>
/// <param name="PredictFirst">
/// For training: whether an inference run for the same day is executed before, so that training can use the passengers without a prediction.
/// </param>
public sealed record RunParameters(string? Pipeline, string? Date = null, string? AsOf = null, string? Alternative = null, bool PredictFirst = false);

/// <summary>A parameter of a requested run is invalid; nothing was queued.</summary>
public sealed class RunRejectedException(string field, string message) : Exception(message)
{
    /// <summary>The name in requests of the parameter for an alternative algorithm.</summary>
    public const string AlternativeField = "challenger";

    /// <summary>The name in requests of the parameter that runs inference before training.</summary>
    public const string PredictFirstField = "predictFirst";

    /// <summary>The invalid parameter: "pipeline", "date", "asOf", "challenger" or "predictFirst".</summary>
    public string Field { get; } = field;
}
