using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Titanic.Web.Pipelines;

/// <summary>The metrics and the activity of runs.</summary>
internal static class RunTelemetry
{
    private static readonly Counter<long> _runs = ProductTelemetry.Meter.CreateCounter<long>(
        "titanic.runs", "{run}", "Runs that ended in this process, and runs of ended processes that it marked as interrupted.");

    private static readonly Histogram<double> _duration = ProductTelemetry.Meter.CreateHistogram(
        "titanic.run.duration", "s", "Time from the last start of a run to its end.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800] });

    /// <summary>Publishes every pipeline with zero runs: a monitoring system sees the first failed run as an increase.</summary>
    public static void PublishZeros()
    {
        foreach (var pipeline in PipelineNames.All)
        {
            Count(pipeline, RunStatus.Succeeded, 0);
            Count(pipeline, RunStatus.Failed, 0);
            Count(pipeline, RunStatus.Interrupted, 0);
        }
    }

    public static void Count(string pipeline, RunStatus status, int count) => _runs.Add(count, Tags(pipeline, status));

    /// <summary>Counts a run with its final status.</summary>
    public static void CountEnd(Run run)
    {
        Count(run.Pipeline, run.Status, 1);
        if (run.Duration is { } duration)
            _duration.Record(duration.TotalSeconds, Tags(run.Pipeline, run.Status));
    }

    /// <summary>Starts the activity of a run; null if no trace is recorded.</summary>
    public static Activity? StartActivity(Run run) => ProductTelemetry.Activities.StartActivity($"run {run.Pipeline}")
        ?.SetTag("titanic.run.id", run.RunId).SetTag("titanic.run.pipeline", run.Pipeline);

    private static TagList Tags(string pipeline, RunStatus status) => new() { { "pipeline", pipeline }, { "status", NameOf(status) } };

    /// <summary>The status as in the API.</summary>
    private static string NameOf(RunStatus status) => status.ToString().ToLowerInvariant();
}
