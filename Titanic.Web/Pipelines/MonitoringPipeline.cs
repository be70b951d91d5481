using System.Globalization;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Monitoring.WhatIf;
using Titanic.Web.Pipelines.Alerts;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Compares predictions with outcomes, day by day, counts predictions by source, evaluates the drift detectors, then the alerts, and compares
/// the policies of the what-if history.
/// </summary>
public sealed class MonitoringPipeline(
    PredictionRollup predictions, DriftMonitor drift, AlertEvaluation alerts, WhatIfRollup whatIf, TimeProvider clock) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        run.Step("Count predictions and outcomes by day");
        var days = await predictions.Refresh(run.LogicalDate, cancellation);
        run.SetCount("days", days.Performance.Count);
        run.SetCount("daysAsked", days.Volume.Count);

        run.Step("Evaluate the drift detectors");
        var look = await drift.Look(run.LogicalDate, clock, cancellation);
        await run.Log(look ?? "Drift detectors: no new day to evaluate.");

        run.Step("Evaluate the alerts");
        if (!await alerts.Evaluate(cancellation))
            await run.Log("Alerts were not evaluated: another process evaluates them, or the first start is not complete.");

        run.Step("Update the what-if history");
        var notComputed = await UpdateWhatIf(run, cancellation);
        string?[] summaries = [Describe("Performance", days.Performance), Describe("Prediction volume", days.Volume), look, notComputed];
        return summaries.All(summary => summary is null)
            ? "Nothing to update: the metrics of every day are unchanged."
            : string.Join(' ', summaries.OfType<string>());
    }

    /// <summary>A corrupt artifact must not stop the monitoring: the days stay due until it is restored.</summary>
    /// <returns>Why the what-if history was not updated; null if it was.</returns>
    private async Task<string?> UpdateWhatIf(RunContext run, CancellationToken cancellation)
    {
        try
        {
            run.SetCount("daysWhatIf", (await whatIf.Refresh(run.LogicalDate, cancellation)).Count);
            return null;
        }
        catch (InvalidDataException corrupt)
        {
            return $"What-if history not updated: {corrupt.Message}";
        }
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
