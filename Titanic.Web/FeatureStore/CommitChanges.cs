using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary>What one commit did, passenger by passenger.</summary>
public sealed class CommitChanges(TitanicDb db)
{
    /// <param name="after">The passenger (our id) that the page before ended with; 0 for the first page.</param>
    public async Task<IReadOnlyList<CommitChange>> Read(long commit, long after, int passengers, CancellationToken cancellation)
    {
        var ids = await Touched(commit, after, passengers, cancellation);
        var rows = await db.Passengers.AsNoTracking()
            .Where(p => ids.Contains(p.PassengerId) && p.CommitId <= commit && (p.SupersededBy == null || p.SupersededBy >= commit)).ToListAsync(cancellation);
        var outcomes = await db.Outcomes.AsNoTracking()
            .Where(o => ids.Contains(o.PassengerId) && o.CommitId <= commit && (o.SupersededBy == null || o.SupersededBy >= commit)).ToListAsync(cancellation);
        return
        [
            .. ids.Select(id => new CommitChange(
                Before: rows.SingleOrDefault(p => p.PassengerId == id && p.CommitId < commit),
                After: rows.SingleOrDefault(p => p.PassengerId == id && p.SupersededBy != commit),
                OutcomeBefore: outcomes.SingleOrDefault(o => o.PassengerId == id && o.CommitId < commit),
                OutcomeAfter: outcomes.SingleOrDefault(o => o.PassengerId == id && o.SupersededBy != commit))),
        ];
    }

    /// <summary>The first of those whom the commit began, ended or told the outcome of, each from the index that knows.</summary>
    private async Task<List<long>> Touched(long commit, long after, int passengers, CancellationToken cancellation)
    {
        var rows = db.Passengers.Where(p => p.PassengerId > after);
        var outcomes = db.Outcomes.Where(o => o.PassengerId > after);
        IQueryable<long>[] kinds =
        [
            rows.Where(p => p.CommitId == commit).Select(p => p.PassengerId), rows.Where(p => p.SupersededBy == commit).Select(p => p.PassengerId),
            outcomes.Where(o => o.CommitId == commit).Select(o => o.PassengerId), outcomes.Where(o => o.SupersededBy == commit).Select(o => o.PassengerId),
        ];
        var found = new SortedSet<long>();
        foreach (var kind in kinds)
            found.UnionWith(await kind.Order().Take(passengers).ToListAsync(cancellation));
        return [.. found.Take(passengers)];
    }
}

/// <summary>What a commit did to one passenger. Before and after are the same row where only the outcome changed.</summary>
/// <param name="Before">Null for one who is new.</param>
/// <param name="After">Null for one who was deleted.</param>
public sealed record CommitChange(PassengerVersion? Before, PassengerVersion? After, Outcome? OutcomeBefore, Outcome? OutcomeAfter)
{
    private PassengerVersion Row => After ?? Before!;

    public long PassengerId => Row.PassengerId;
    public PassengerKey Key => new(Row.Source, Row.SourceKey);

    /// <summary>"inserted", "deleted", "updated", or "outcome" where only that came or changed.</summary>
    public string Kind => (Before, After) switch
    {
        (null, _) => "inserted",
        (_, null) => "deleted",
        var (before, after) => before.CommitId == after.CommitId ? "outcome" : "updated",
    };
}
