using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>Reads what commits wrote of their statistics; no rows of passengers are looked at.</summary>
public sealed class StatisticsReader(TitanicDb db)
{
    /// <summary>What statistics are kept of: each source, and all of them together.</summary>
    public static IReadOnlyList<string> Scopes { get; } = [.. PassengerSources.All, FeatureStatistics.All];

    /// <summary>Why a text is no scope, as a sentence that names those there are; null for one of <see cref="Scopes"/>.</summary>
    public static string? ProblemOf(string scope) =>
        Scopes.Contains(scope) ? null : $"There is no scope '{Excerpt.Truncate(scope)}'; scopes are {string.Join(", ", Scopes)}.";

    /// <summary>
    /// The statistics of a scope as of a commit: of each feature the newest that this commit or one before it wrote, in the order of
    /// <see cref="FeatureGroup.Features"/>. Each is one step in an index, however many commits there are. Empty while no row of the scope
    /// has come.
    /// </summary>
    /// <param name="scope">One of <see cref="Scopes"/>.</param>
    public async Task<IReadOnlyList<FeatureStatistics>> Read(string scope, long asOfCommitId, CancellationToken cancellation)
    {
        var found = new List<FeatureStatistics>();
        foreach (var feature in FeatureGroup.Features)
        {
            var newest = await db.FeatureStatistics.AsNoTracking()
                .Where(s => s.Scope == scope && s.Feature == feature.Name && s.CommitId <= asOfCommitId)
                .OrderByDescending(s => s.CommitId)
                .FirstOrDefaultAsync(cancellation);
            if (newest is not null)
                found.Add(newest);
        }
        return found;
    }
}
