using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.Pipelines;

/// <summary>The pending dates of a scheduled pipeline.</summary>
public sealed class CatchUp(TitanicDb db)
{
    /// <summary>Of more missed days than this, only the newest are run.</summary>
    public const int MostDays = 366;

    /// <summary>
    /// Pending are, for feature, inference and monitoring, all days since the last successful one; for training and the audit only the latest: see
    /// <see cref="PipelineNames.TakesOnlyTheLatestDay"/>. No pipeline takes a day that the one before it has not finished.
    /// </summary>
    /// <returns>The days in order, and whether the upstream pipeline still has to finish some.</returns>
    public async Task<(IReadOnlyList<DateOnly> Days, bool IsWaiting)> PendingDates(string pipeline, DateOnly today, CancellationToken cancellation)
    {
        var last = await LastDone(pipeline, today, cancellation);
        var first = last?.AddDays(1) ?? today;
        var earliest = PipelineNames.TakesOnlyTheLatestDay(pipeline) ? today : today.AddDays(1 - MostDays);
        if (first < earliest)
            first = earliest;
        var through = today;
        if (PipelineNames.UpstreamOf(pipeline) is { } upstream && (await LastDone(upstream, today, cancellation) ?? first.AddDays(-1)) is var done && done < today)
            through = done;
        var days = Enumerable.Range(0, Math.Max(0, through.DayNumber - first.DayNumber + 1)).Select(first.AddDays).ToList();
        return (days, through < today && first <= today);
    }

    // A day of the future that somebody ran or simulated says nothing about the days before it.
    private Task<DateOnly?> LastDone(string pipeline, DateOnly today, CancellationToken cancellation) => db.Runs
        .Where(r => r.Pipeline == pipeline && r.Status == RunStatus.Succeeded && r.LogicalDate <= today).MaxAsync(r => r.LogicalDate, cancellation);
}
