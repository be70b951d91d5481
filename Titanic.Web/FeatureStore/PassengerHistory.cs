using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary>Reads the feature group as of any point in time, and all versions of one passenger.</summary>
public sealed class PassengerHistory(TitanicDb db)
{
    /// <inheritdoc cref="AsOf.Resolve"/>
    public Task<AsOf> PointInTime(string? asOf, CancellationToken cancellation) => AsOf.Resolve(db, asOf, cancellation);

    /// <summary>
    /// Returns one page of the passengers as of a point in time, sorted by source and key. Current and superseded versions are read
    /// from one index each, so the cost does not depend on the page number (keyset pagination).
    /// </summary>
    /// <param name="asOf">The point in time.</param>
    /// <param name="source">One of <see cref="PassengerSources"/>, or null for all.</param>
    /// <param name="after">The last passenger of the previous page; null for the first page.</param>
    /// <param name="limit">Maximum number of passengers.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public async Task<IReadOnlyList<PassengerAsOf>> Read(AsOf asOf, string? source, PassengerKey? after, int limit, CancellationToken cancellation)
    {
        var visible = db.Passengers.AsNoTracking().Where(p => p.CommitId <= asOf.CommitId && (source == null || p.Source == source));
        if (after is { Source: var afterSource, Key: var afterKey })
            visible = visible.Where(p => EF.Functions.GreaterThan(ValueTuple.Create(p.Source, p.SourceKey), ValueTuple.Create(afterSource, afterKey)));
        var current = await First(visible.Where(p => p.SupersededBy == null));
        var superseded = await First(visible.Where(p => p.SupersededBy != null && p.SupersededBy > asOf.CommitId));
        List<PassengerVersion> page =
        [
            .. current.Concat(superseded).OrderBy(p => p.Source, StringComparer.Ordinal).ThenBy(p => p.SourceKey, StringComparer.Ordinal).Take(limit),
        ];
        var outcomes = await OutcomesAsOf(asOf, page.Select(p => p.PassengerId), cancellation);
        return [.. page.Select(p => new PassengerAsOf(p, outcomes.GetValueOrDefault(p.PassengerId)))];

        Task<List<PassengerVersion>> First(IQueryable<PassengerVersion> versions) =>
            versions.OrderBy(p => p.Source).ThenBy(p => p.SourceKey).Take(limit).ToListAsync(cancellation);
    }

    /// <summary>Returns a passenger as of a point in time, or null if it was not stored or was deleted.</summary>
    public async Task<PassengerAsOf?> Find(AsOf asOf, PassengerKey passenger, CancellationToken cancellation)
    {
        var version = await db.Passengers.AsNoTracking()
            .Where(p => p.Source == passenger.Source && p.SourceKey == passenger.Key)
            .SingleOrDefaultAsync(p => p.CommitId <= asOf.CommitId && (p.SupersededBy == null || p.SupersededBy > asOf.CommitId), cancellation);
        return version is null ? null : new(version, (await OutcomesAsOf(asOf, [version.PassengerId], cancellation)).GetValueOrDefault(version.PassengerId));
    }

    /// <summary>Returns all versions of a row, newest first; empty if the passenger was never stored.</summary>
    public async Task<IReadOnlyList<PassengerVersion>> Versions(PassengerKey passenger, CancellationToken cancellation) =>
        await db.Passengers.AsNoTracking().Where(p => p.Source == passenger.Source && p.SourceKey == passenger.Key)
            .OrderByDescending(p => p.CommitId).ToListAsync(cancellation);

    /// <summary>Returns all outcome versions of these passengers, newest first.</summary>
    public async Task<IReadOnlyList<Outcome>> Outcomes(IEnumerable<PassengerVersion> versions, CancellationToken cancellation)
    {
        // A passenger that was deleted and ingested again has two ids.
        long[] ids = [.. versions.Select(version => version.PassengerId).Distinct()];
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

/// <summary>The external key of a passenger.</summary>
/// <param name="Source">One of <see cref="PassengerSources"/>.</param>
/// <param name="Key">The key of the passenger in its source.</param>
public sealed record PassengerKey(string Source, string Key)
{
    /// <summary>Parses "source/key"; null for other texts and for a text with NUL, which PostgreSQL does not accept.</summary>
    public static PassengerKey? Parse(string? text) =>
        text?.Split('/', 2) is [{ Length: > 0 } source, { Length: > 0 } key] && !text.Contains('\0') ? new(source, key) : null;

    /// <summary>The error message for a page cursor that <see cref="Parse"/> does not accept.</summary>
    public static string InvalidMessage(string? after) =>
        ErrorText.Invalid("The parameter after", after, "source/key, the key of the last passenger of the previous page");

    /// <summary>The key as "source/key".</summary>
    public override string ToString() => $"{Source}/{Key}";
}

/// <summary>A passenger as of a point in time.</summary>
/// <param name="Row">The version of the row.</param>
/// <param name="Outcome">The version of the outcome; null if it was not known.</param>
public sealed record PassengerAsOf(PassengerVersion Row, Outcome? Outcome)
{
    public PassengerKey Key => new(Row.Source, Row.SourceKey);
}
