using System.Globalization;
using Titanic.Web.Monitoring;

namespace Titanic.Web.Pipelines;

/// <summary>Compares predictions with outcomes, day by day, and counts predictions by source.</summary>
public sealed class MonitoringPipeline(PerformanceRollup performance, AnswerRollup answers) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        var performanceDays = await performance.Refresh(run.LogicalDate, cancellation);
        var volumeDays = await answers.Refresh(run.LogicalDate, cancellation);
        run.Count("days", performanceDays.Count);
        run.Count("daysAsked", volumeDays.Count);
        string?[] summaries = [Sentence("Performance", performanceDays), Sentence("Prediction volume", volumeDays)];
        return summaries is [null, null]
            ? "Nothing to update: the metrics of every day are unchanged."
            : string.Join(' ', summaries.OfType<string>());
    }

    private static string? Sentence(string what, IReadOnlyList<DateOnly> days) => days.Count switch
    {
        0 => null,
        1 => $"{what} computed for {Text(days[0])}.",
        _ => $"{what} computed for {Quantity.Of(days.Count, "day")} from {Text(days[0])} to {Text(days[^1])}.",
    };

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
