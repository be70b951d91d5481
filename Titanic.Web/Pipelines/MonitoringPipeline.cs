using System.Globalization;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Pipelines.Alerts;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Compares predictions with outcomes, day by day, counts predictions by source, evaluates the drift detectors, then the alerts.
/// </summary>
public sealed class MonitoringPipeline(
    PredictionRollup predictions, DriftMonitor drift, AlertEvaluation alerts, TimeProvider clock) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        var days = await predictions.Refresh(run.LogicalDate, cancellation);
        var look = await drift.Look(run.LogicalDate, clock, cancellation);
        await alerts.Evaluate(cancellation);
        run.SetCount("days", days.Performance.Count);
        run.SetCount("daysAsked", days.Volume.Count);
        string?[] summaries = [Describe("Performance", days.Performance), Describe("Prediction volume", days.Volume), look];
        return summaries is [null, null, null]
            ? "Nothing to update: the metrics of every day are unchanged."
            : string.Join(' ', summaries.OfType<string>());
    }

    private static string? Describe(string subject, IReadOnlyList<DateOnly> days) => days.Count switch
    {
        0 => null,
        1 => $"{subject} computed for {FormatDay(days[0])}.",
        2 => $"{subject} computed for {FormatDay(days[0])} and {FormatDay(days[1])}.",
        _ => $"{subject} computed for {Quantity.Of(days.Count, "day")} from {FormatDay(days[0])} to {FormatDay(days[^1])}.",
    };

    private static string FormatDay(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
