using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary>Queries of the feature group for pipelines.</summary>
public sealed class FeatureReader(TitanicDb db)
{
    /// <summary>The id of the newest commit; null if the store is empty.</summary>
    public Task<long?> NewestCommit(CancellationToken cancellation) =>
        db.Commits.MaxAsync(commit => (long?)commit.CommitId, cancellation);

    /// <inheritdoc cref="AsOf.Resolve"/>
    public Task<AsOf> PointInTime(string asOf, CancellationToken cancellation) => AsOf.Resolve(db, asOf, cancellation);

    /// <summary>
    /// The distinct encoded inputs and outcomes (<see cref="BinnedPoint.Code"/>, survived) of current passengers with an event time
    /// before a day. An outcome that became known on or after the day is null, so the result for a day does not change when later
    /// outcomes arrive.
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

    /// <summary>The source keys of current passengers whose event time is the start of a day.</summary>
    public async Task<IReadOnlySet<string>> SourceKeysOf(string source, DateOnly day, CancellationToken cancellation)
    {
        var start = StartOf(day);
        var keys = await db.Passengers
            .Where(p => p.SupersededBy == null && p.Source == source && p.EventTime == start)
            .Select(p => p.SourceKey).ToListAsync(cancellation);
        return keys.ToHashSet();
    }

    /// <summary>Whether a current passenger has this key.</summary>
    public Task<bool> Exists(string source, string sourceKey, CancellationToken cancellation) =>
        db.Passengers.AnyAsync(p => p.SupersededBy == null && p.Source == source && p.SourceKey == sourceKey, cancellation);

    /// <summary>The newest day of the simulated stream that has passengers; null if there is none.</summary>
    public async Task<DateOnly?> NewestStreamDay(CancellationToken cancellation)
    {
        var newest = await db.Passengers
            .Where(p => p.SupersededBy == null && p.Source == PassengerSources.Synthetic)
            .MaxAsync(p => (DateTimeOffset?)p.EventTime, cancellation);
        return newest is { } time ? DateOnly.FromDateTime(time.UtcDateTime) : null;
    }

    /// <summary>The first instant of a logical date, which is a UTC day.</summary>
    public static DateTimeOffset StartOf(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
}
