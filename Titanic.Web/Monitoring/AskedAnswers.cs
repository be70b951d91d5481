using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>How often people (page) and programs (API) have asked lately: the answers that never reached the original's dashboard (S15).</summary>
public sealed class AskedAnswers(TitanicDb db)
{
    /// <summary>How many of the newest predictions are looked through at most, so that a busy month does not slow the page.</summary>
    public const int MostRows = 100_000;

    /// <summary>The days up to today that are counted.</summary>
    public const int Days = 30;

    public async Task<AnswerCounts> Count(DateOnly today, CancellationToken cancellation)
    {
        var since = today.AddDays(1 - Days);
        var sources = await db.Predictions
            .Where(prediction => prediction.LogicalDate >= since)
            .OrderByDescending(prediction => prediction.LogicalDate).ThenByDescending(prediction => prediction.PredictionId)
            .Take(MostRows)
            .GroupBy(prediction => prediction.Source)
            .Select(answers => new { Source = answers.Key, Rows = answers.Count(), Newest = answers.Max(answer => answer.PredictionId) })
            .ToListAsync(cancellation);
        var (page, api) = (sources.Find(s => s.Source == PredictionSources.Page), sources.Find(s => s.Source == PredictionSources.Api));
        var newest = Math.Max(page?.Newest ?? 0, api?.Newest ?? 0);
        return new AnswerCounts(since, page?.Rows ?? 0, api?.Rows ?? 0, sources.Sum(s => s.Rows) == MostRows, newest == 0 ? null : newest);
    }
}

/// <param name="FromPage">Answers given on the page since <paramref name="Since"/>.</param>
/// <param name="FromApi">Answers given to programs since then.</param>
/// <param name="AreAtLeast">True when there are more predictions than were looked through, so that the counts are lower bounds.</param>
/// <param name="NewestPredictionId">The newest of them; null when nobody has asked.</param>
public sealed record AnswerCounts(DateOnly Since, int FromPage, int FromApi, bool AreAtLeast, long? NewestPredictionId);
