using System.Runtime.CompilerServices;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines;

/// <summary>
/// The steps of one pipeline. <see cref="PipelineRunner"/> adds the run record, timing, locking and error handling.
/// Implementations are idempotent: a second run for the same day changes nothing.
/// </summary>
public interface IPipeline
{
    /// <returns>A one-sentence summary of what was done, stored as the run's result.</returns>
    Task<string> Execute(RunContext run, CancellationToken cancellation);
}

/// <summary>The parameters of a run, and methods to write its steps, log and counts.</summary>
public sealed class RunContext
{
    private readonly Run _run;
    private readonly RunRecorder _record;
    private readonly RunMonitor _monitor;

    internal RunContext(Run run, RunRecorder record, RunMonitor monitor) => (_run, _record, _monitor) = (run, record, monitor);

    public long RunId => _run.RunId;
    public DateOnly LogicalDate => _run.LogicalDate!.Value;
    public string? Backfill => _run.Backfill;
    public IngestionPolicy Policy => _run.Policy ?? IngestionPolicy.Always;

    /// <summary>For a backfill: what was specified about the CSV file.</summary>
    public CsvReadOptions Read => _run.Read ?? CsvReadOptions.Detect;

    /// <summary>The commit or time whose state is read, as requested; null means the newest state.</summary>
    public string? AsOf => _run.AsOf;

    /// <summary>The ML.NET learner to train instead of the K-NN; null means the K-NN.</summary>
    public string? Alternative => _run.Alternative;

    /// <summary>When the run was started.</summary>
    public DateTimeOffset StartedAt => _run.StartedAt!.Value;
    public Provenance Provenance => new(_run.RunId, _run.CodeVersion);

    /// <summary>Adds a line to the run's stored log.</summary>
    public Task Log(string message) => _record.Log(message);

    /// <summary>Ends the current step and starts the next one. Steps are stored once a second, and at the end of the run.</summary>
    /// <param name="name">What the step does, such as "Cross-validation".</param>
    /// <param name="total">Number of parts, such as folds; null if it is not known or the step has none.</param>
    /// <returns>Counts the parts, and stops a loop that only computes when the run is canceled.</returns>
    public StepProgress Step(string name, long? total = null)
    {
        _monitor.Cancellation.ThrowIfCancellationRequested();
        return _monitor.Steps.Start(name, total, _monitor.Cancellation);
    }

    /// <summary>Sets a named count of the run's result, which is shown with the current step.</summary>
    public void SetCount(string name, long value)
    {
        _run.Counts[name] = value;
        _monitor.Steps.SetCount(name, value);
    }

    /// <summary>Returns the rows of a file and counts them in a step; a second step starts after the last row.</summary>
    public async IAsyncEnumerable<TRow> ReadRows<TRow>(IAsyncEnumerable<TRow> rows, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var progress = Step("Read the rows");
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            progress.Add();
            yield return row;
        }
        Step("Validate and store the rows");
    }

    /// <summary>Executes an ingestion and stores how its file was read, also if the rows are rejected.</summary>
    public async Task<IngestionResult> WithInput(Func<Task<IngestionResult>> ingest, Func<InputDescription?> input)
    {
        try
        {
            return await ingest();
        }
        finally
        {
            _run.Input = input();
        }
    }

    /// <summary>Sets the counts of an ingestion and logs its warnings.</summary>
    public async Task ReportIngestion(IngestionResult result)
    {
        SetCount("inserted", result.Inserted);
        SetCount("updated", result.Updated);
        SetCount("unchanged", result.Unchanged);
        SetCount("rejected", result.Rejected);
        SetCount("outcomes", result.OutcomesRecorded);
        if (result.Linked > 0)
            SetCount("linked", result.Linked);
        foreach (var warning in result.Warnings)
            await Log(warning);
    }
}

/// <summary>The parameters of a run to queue or execute.</summary>
/// <param name="LogicalDate">
/// The UTC day to run for; ignored for a backfill and for training as of a commit or time, which belong to no day.
/// </param>
/// <param name="Backfill">
/// For the feature pipeline: the file or address to read instead of the day's stream; for a concurrent run, a description of the data that
/// the caller sends.
/// </param>
/// <param name="Policy">For a backfill: how failed expectations are handled; null means <see cref="IngestionPolicy.Always"/>.</param>
/// <param name="AsOf">For training: the commit or time whose state is the training data; null means the newest state.</param>
/// <param name="Alternative">For training: the ML.NET learner to train instead of the K-NN; null means the K-NN.</param>
public sealed record RunRequest(
    string Pipeline, DateOnly LogicalDate, RunTrigger Trigger, string? Backfill = null, IngestionPolicy? Policy = null, string? AsOf = null, string? Alternative = null)
{
    /// <summary>The value of <see cref="Backfill"/> that names the bundled passenger list.</summary>
    public const string BundledDataset = "shipped";

    /// <summary>For a backfill: what is specified about the CSV file; null if everything is detected.</summary>
    public CsvReadOptions? Read { get; init; }

    /// <summary>The caller's name as in the audit log; null for the schedule, the first start and the command line.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>For an upload: the name of the file; null if it was not sent.</summary>
    public string? FileName { get; init; }
}

/// <summary>Names, order and dependencies of the pipelines: four that run for each day, and the audit of the registered models.</summary>
public static class PipelineNames
{
    public const string Feature = "feature";
    public const string Inference = "inference";
    public const string Training = "training";
    public const string Monitoring = "monitoring";
    public const string Audit = "audit";

    /// <summary>The pipelines of a day, in execution order. A simulated day runs these and no others; the schedule runs <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Daily { get; } = [Feature, Inference, Training, Monitoring];

    /// <summary>All pipelines, in execution order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Daily, Audit];

    /// <summary>What a pipeline does, in one or two sentences; the name itself for an unknown pipeline.</summary>
    public static string DescriptionOf(string pipeline) => pipeline switch
    {
        Feature => "Ingests the day's passengers and the outcomes that became known.",
        Inference => "Predicts every stream passenger without a prediction, using the champion.",
        Training => "Trains a model on all passengers with a known outcome: historical and uploaded lists, and stream passengers once they "
            + "have been predicted. The promotion gate decides whether the model becomes champion.",
        Monitoring => "Compares predictions with outcomes, day by day, and evaluates the drift alarms.",
        Audit => "Retrains the champion, the previous champion and a few other versions, and compares rows, bytes and metrics with the "
            + "stored ones. The run fails if it finds a difference.",
        _ => pipeline,
    };

    /// <summary>
    /// The pipeline that must have succeeded for a day before this one may run for it; null for the first pipeline, and for the audit,
    /// which checks model versions and not days.
    /// </summary>
    public static string? UpstreamOf(string pipeline) => pipeline switch
    {
        Inference => Feature,
        Training or Monitoring => Inference,
        _ => null,
    };

    /// <summary>
    /// Whether a run for today replaces the missed days before it: today's training data include those of earlier days, and an audit does
    /// not depend on days.
    /// </summary>
    public static bool RunsLatestDayOnly(string pipeline) => pipeline is Training or Audit;

    /// <summary>The error message for a name that is not in <see cref="All"/>.</summary>
    public static string NotFoundMessage(string? pipeline) => ErrorText.UnknownName("pipeline", pipeline, All);

    /// <summary>The Hangfire queue of a pipeline's runs.</summary>
    public static string QueueOf(string pipeline) => pipeline == Feature ? "features" : pipeline;
}

internal sealed class PipelineNameAttribute() : OneOfAttribute([.. PipelineNames.All]);
