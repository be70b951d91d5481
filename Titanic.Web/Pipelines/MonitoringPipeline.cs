using System.Globalization;
using Titanic.Web.Monitoring;

namespace Titanic.Web.Pipelines;

/// <summary>Holds predictions against outcomes, day by day.</summary>
public sealed class MonitoringPipeline(PerformanceRollup performance) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        var days = await performance.Refresh(run.LogicalDate, cancellation);
        run.Count("days", days.Count);
        if (days.Count == 0)
            return "Nothing new: the figures of every day are what they were.";
        var range = days.Count == 1 ? Text(days[0]) : $"{days.Count} days from {Text(days[0])} to {Text(days[^1])}";
        return $"Performance counted for {range}.";

        static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}
