using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pages.Features;

/// <summary>The feature group's size by source, as of a commit.</summary>
/// <param name="Current">Passengers as they were known then.</param>
/// <param name="Superseded">Earlier versions of rows that were corrected.</param>
/// <param name="Labelled">Current passengers whose outcome is known.</param>
public sealed record SourceCounts(string Source, long Current, long Superseded, long Labelled)
{
    /// <summary>The same counts, row by row, as SQL that anybody can run.</summary>
    public static string Sql(long asOf) => FormattableString.Invariant(
        $"""
        select p.source,
               count(*) filter (where p.superseded_by is null or p.superseded_by > {asOf}) as current_rows,
               count(*) filter (where p.superseded_by <= {asOf}) as superseded_versions,
               count(o.survived) filter (where p.superseded_by is null or p.superseded_by > {asOf}) as labelled
        from passengers p
        left join outcomes o on o.passenger_id = p.passenger_id
          and o.commit_id <= {asOf} and (o.superseded_by is null or o.superseded_by > {asOf})
        where p.commit_id <= {asOf}
        group by p.source
        order by p.source
        """);

    /// <summary>
    /// Reads the statistics of the commit, and counts only what was corrected since: rows that nobody touched again are not read, so the
    /// page stays as quick when the group has grown to millions. An outcome counts with its passenger, whoever told it.
    /// </summary>
    public static async Task<IReadOnlyList<SourceCounts>> Read(TitanicDb db, long asOf, CancellationToken cancellation)
    {
        var superseded = await db.Passengers.Where(row => row.SupersededBy <= asOf)
            .GroupBy(row => row.Source).Select(rows => new { Source = rows.Key, Rows = rows.LongCount() })
            .ToDictionaryAsync(rows => rows.Source, rows => rows.Rows, cancellation);
        var sources = new List<SourceCounts>();
        foreach (var source in PassengerSources.All.Order(StringComparer.Ordinal))
        {
            var outcomes = await db.FeatureStatistics.AsNoTracking()
                .Where(s => s.Scope == source && s.Feature == FeatureViewSchema.Label && s.CommitId <= asOf)
                .OrderByDescending(s => s.CommitId).FirstOrDefaultAsync(cancellation);
            if (outcomes is not null)
                sources.Add(new SourceCounts(source, outcomes.Count, superseded.GetValueOrDefault(source), outcomes.NumNonNullValues));
        }
        return sources;
    }
}
