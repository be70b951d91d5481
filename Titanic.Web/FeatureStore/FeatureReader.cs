using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary>Questions about the feature group that pipelines ask.</summary>
public sealed class FeatureReader(TitanicDb db)
{
    /// <summary>The newest commit; null while the store is empty.</summary>
    public Task<long?> NewestCommit(CancellationToken cancellation) =>
        db.Commits.MaxAsync(commit => (long?)commit.CommitId, cancellation);

    /// <summary>The points of <c>titanic_binned</c> that passengers from before a day occupy.</summary>
    public async Task<IReadOnlySet<short>> PointsBefore(DateOnly day, CancellationToken cancellation)
    {
        var start = StartOf(day);
        var codes = await db.Passengers
            .Where(p => p.SupersededBy == null && p.EventTime < start)
            .Select(p => p.TitanicBinnedV1).Distinct().ToListAsync(cancellation);
        return codes.ToHashSet();
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
