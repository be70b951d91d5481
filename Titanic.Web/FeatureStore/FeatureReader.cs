using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary>Questions about the feature group that pipelines ask.</summary>
public sealed class FeatureReader(TitanicDb db)
{
    /// <summary>The newest commit; null while the store is empty.</summary>
    public Task<long?> NewestCommit(CancellationToken cancellation) =>
        db.Commits.MaxAsync(commit => (long?)commit.CommitId, cancellation);

    /// <inheritdoc cref="AsOf.Resolve"/>
    public Task<AsOf> PointInTime(string asOf, CancellationToken cancellation) => AsOf.Resolve(db, asOf, cancellation);

    /// <summary>
    /// The encoded inputs and outcomes of passengers from before a day (<see cref="BinnedPoint.Code"/>, survived), as they were known on
    /// that day: an outcome that came later is null, so the answer for a day stays the same when it is asked again.
    /// </summary>
    public async Task<IReadOnlySet<(short Code, bool? Survived)>> PointsBefore(DateOnly day, CancellationToken cancellation)
    {
        var start = StartOf(day);
        var points = await db.Passengers
            .Where(p => p.SupersededBy == null && p.EventTime < start)
            .LeftJoin(
                db.Outcomes.Where(o => o.SupersededBy == null && o.KnownAt < start),
                p => p.PassengerId, o => o.PassengerId, (p, o) => new { p.TitanicBinnedV1, Survived = (bool?)o!.Survived })
            .Distinct().ToListAsync(cancellation);
        return points.Select(point => (point.TitanicBinnedV1, point.Survived)).ToHashSet();
    }

    /// <summary>The source keys of a day's passengers.</summary>
    public async Task<IReadOnlySet<string>> KeysOf(string source, DateOnly day, CancellationToken cancellation)
    {
        var start = StartOf(day);
        var keys = await db.Passengers
            .Where(p => p.SupersededBy == null && p.Source == source && p.EventTime == start)
            .Select(p => p.SourceKey).ToListAsync(cancellation);
        return keys.ToHashSet();
    }

    /// <summary>Whether there is a current passenger with this key.</summary>
    public Task<bool> IsKnown(string source, string sourceKey, CancellationToken cancellation) =>
        db.Passengers.AnyAsync(p => p.SupersededBy == null && p.Source == source && p.SourceKey == sourceKey, cancellation);

    /// <summary>The newest day of the stream that has passengers; null before the first.</summary>
    public async Task<DateOnly?> NewestStreamDay(CancellationToken cancellation)
    {
        var newest = await db.Passengers
            .Where(p => p.SupersededBy == null && p.Source == PassengerSources.Synthetic)
            .MaxAsync(p => (DateTimeOffset?)p.EventTime, cancellation);
        return newest is { } time ? DateOnly.FromDateTime(time.UtcDateTime) : null;
    }

    /// <summary>A logical date is a UTC day; this is its first instant.</summary>
    public static DateTimeOffset StartOf(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
}
