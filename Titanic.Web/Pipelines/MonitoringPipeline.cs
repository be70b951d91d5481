using System.Globalization;
using Titanic.Web.Monitoring;

namespace Titanic.Web.Pipelines;

/// <summary>Holds predictions against outcomes, day by day, and counts who asked.</summary>
public sealed class MonitoringPipeline(PerformanceRollup performance, AnswerRollup answers) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        var judged = await performance.Refresh(run.LogicalDate, cancellation);
        var asked = await answers.Refresh(run.LogicalDate, cancellation);
        run.Count("days", judged.Count);
        run.Count("daysAsked", asked.Count);
        string?[] sentences = [Sentence("Performance", judged), Sentence("Answers", asked)];
        return sentences is [null, null] ? "Nothing new: the figures of every day are what they were." : string.Join(' ', sentences.OfType<string>());
    }

    private static string? Sentence(string what, IReadOnlyList<DateOnly> days) => days.Count switch
    {
        0 => null,
        1 => $"{what} counted for {Text(days[0])}.",
        _ => $"{what} counted for {days.Count} days from {Text(days[0])} to {Text(days[^1])}.",
    };

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
