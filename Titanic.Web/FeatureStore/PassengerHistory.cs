using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary>The feature group at any point of its history, and all that ever was of one passenger.</summary>
public sealed class PassengerHistory(TitanicDb db)
{
    /// <inheritdoc cref="AsOf.Resolve"/>
    public Task<AsOf> PointInTime(string? asOf, CancellationToken cancellation) => AsOf.Resolve(db, asOf, cancellation);

    /// <summary>
    /// A page of passengers as they were known, in the order of source and key. Rows that still stand and rows that ended later come from an
    /// index each, so that a page costs the same at any depth.
    /// </summary>
    /// <param name="source">One of <see cref="PassengerSources"/>, or null for all.</param>
    /// <param name="after">The passenger that the page before ended with; null for the first page.</param>
    public async Task<IReadOnlyList<PassengerAsOf>> Read(AsOf asOf, string? source, PassengerKey? after, int rows, CancellationToken cancellation)
    {
        var visible = db.Passengers.AsNoTracking().Where(p => p.CommitId <= asOf.CommitId && (source == null || p.Source == source));
        if (after is { Source: var afterSource, Key: var afterKey })
            visible = visible.Where(p => EF.Functions.GreaterThan(ValueTuple.Create(p.Source, p.SourceKey), ValueTuple.Create(afterSource, afterKey)));
        var standing = await First(visible.Where(p => p.SupersededBy == null));
        var ended = await First(visible.Where(p => p.SupersededBy != null && p.SupersededBy > asOf.CommitId));
        List<PassengerVersion> page =
        [
            .. standing.Concat(ended).OrderBy(p => p.Source, StringComparer.Ordinal).ThenBy(p => p.SourceKey, StringComparer.Ordinal).Take(rows),
        ];
        var outcomes = await OutcomesAsOf(asOf, page.Select(p => p.PassengerId), cancellation);
        return [.. page.Select(p => new PassengerAsOf(p, outcomes.GetValueOrDefault(p.PassengerId)))];

        Task<List<PassengerVersion>> First(IQueryable<PassengerVersion> some) =>
            some.OrderBy(p => p.Source).ThenBy(p => p.SourceKey).Take(rows).ToListAsync(cancellation);
    }

    /// <summary>Null when there was no such passenger then.</summary>
    public async Task<PassengerAsOf?> Find(AsOf asOf, PassengerKey passenger, CancellationToken cancellation)
    {
        var version = await db.Passengers.AsNoTracking()
            .Where(p => p.Source == passenger.Source && p.SourceKey == passenger.Key)
            .SingleOrDefaultAsync(p => p.CommitId <= asOf.CommitId && (p.SupersededBy == null || p.SupersededBy > asOf.CommitId), cancellation);
        return version is null ? null : new(version, (await OutcomesAsOf(asOf, [version.PassengerId], cancellation)).GetValueOrDefault(version.PassengerId));
    }

    /// <summary>All row versions, newest first; empty for a passenger who never was.</summary>
    public async Task<IReadOnlyList<PassengerVersion>> Versions(PassengerKey passenger, CancellationToken cancellation) =>
        await db.Passengers.AsNoTracking().Where(p => p.Source == passenger.Source && p.SourceKey == passenger.Key)
            .OrderByDescending(p => p.CommitId).ToListAsync(cancellation);

    /// <summary>All outcome versions of these passengers, newest first.</summary>
    public async Task<IReadOnlyList<Outcome>> Outcomes(IEnumerable<PassengerVersion> versions, CancellationToken cancellation)
    {
        long[] ids = [.. versions.Select(version => version.PassengerId).Distinct()]; // one who was deleted and came again has two
        return await db.Outcomes.AsNoTracking().Where(o => ids.Contains(o.PassengerId)).OrderByDescending(o => o.CommitId).ToListAsync(cancellation);
    }

    private async Task<Dictionary<long, Outcome>> OutcomesAsOf(AsOf asOf, IEnumerable<long> passengers, CancellationToken cancellation)
    {
        long[] ids = [.. passengers];
        return await db.Outcomes.AsNoTracking()
            .Where(o => ids.Contains(o.PassengerId) && o.CommitId <= asOf.CommitId && (o.SupersededBy == null || o.SupersededBy > asOf.CommitId))
            .ToDictionaryAsync(o => o.PassengerId, cancellation);
    }
}

/// <summary>How the world names a passenger.</summary>
/// <param name="Source">One of <see cref="PassengerSources"/>.</param>
/// <param name="Key">The source's own key.</param>
public sealed record PassengerKey(string Source, string Key)
{
    /// <summary>Reads "source/key"; null for anything else, and for what PostgreSQL takes for no text: NUL.</summary>
    public static PassengerKey? Parse(string? text) =>
        text?.Split('/', 2) is [{ Length: > 0 } source, { Length: > 0 } key] && !text.Contains('\0') ? new(source, key) : null;

    public override string ToString() => $"{Source}/{Key}";
}

/// <param name="Outcome">Null while it was not known.</param>
public sealed record PassengerAsOf(PassengerVersion Row, Outcome? Outcome)
{
    public PassengerKey Key => new(Row.Source, Row.SourceKey);
}
