using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary><c>GET /api/commits</c>, <c>GET /api/commits/{id}</c> and <c>GET /api/commits/{id}/changes</c>.</summary>
internal static class CommitsApi
{
    private const int MaximumPageSize = 1_000;

    public static void MapCommitsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/commits").WithTags("Feature store");
        api.MapGet("", List).WithName("listCommits").WithSummary("List commits").WithDescription("Newest first, one page per request.");
        api.MapGet("{id:long}", Show).WithName("showCommit").WithSummary("Show a commit")
            .WithDescription("The numbers of rows that a commit inserted, updated and deleted, and its validation.");
        api.MapGet("{id:long}/changes", Changes).WithName("listChangesOfCommit").WithSummary("List changes of a commit")
            .WithDescription("Each changed passenger with its values before and after the commit, one page per request.");
    }

    internal static async Task<Results<Ok<CommitPage>, ProblemHttpResult>> List(
        TitanicDb db, CancellationToken cancellation,
        [Description("Only commits with a smaller id. Default: starts with the newest.")] long? before = null,
        [Description("Maximum number of commits on the page."), Example(10), Range(1, MaximumPageSize)] int limit = 100)
    {
        var commits = await db.Commits.AsNoTracking().Where(commit => before == null || commit.CommitId < before)
            .OrderByDescending(commit => commit.CommitId).Take(limit + 1).ToListAsync(cancellation);
        var page = commits.Take(limit).Select(CommitResponse.Of).ToList();
        return TypedResults.Ok(new CommitPage(page, commits.Count > limit ? FormattableString.Invariant($"/api/commits?before={page[^1].CommitId}&limit={limit}") : null));
    }

    internal static async Task<Results<Ok<CommitResponse>, ProblemHttpResult>> Show(
        [Description("Id of the commit."), Example(1)] long id, TitanicDb db, CancellationToken cancellation) =>
        await db.Commits.AsNoTracking().SingleOrDefaultAsync(commit => commit.CommitId == id, cancellation) is { } commit
            ? TypedResults.Ok(CommitResponse.Of(commit))
            : NotFound(id);

    internal static async Task<Results<Ok<ChangePage>, ProblemHttpResult>> Changes(
        [Description("Id of the commit."), Example(1)] long id, CommitChanges changes, CancellationToken cancellation,
        [Description("Internal id of the last passenger of the previous page.")] long after = 0,
        [Description("Maximum number of changes on the page."), Example(10), Range(1, MaximumPageSize)] int limit = 100)
    {
        if (!await changes.CommitExists(id, cancellation))
            return NotFound(id);
        var found = await changes.Read(id, after, limit + 1, cancellation);
        var page = found.Take(limit).ToList();
        return TypedResults.Ok(new ChangePage(
            [.. page.Select(CommitChangeResponse.Of)], found.Count > limit ? FormattableString.Invariant($"/api/commits/{id}/changes?after={page[^1].PassengerId}&limit={limit}") : null));
    }

    private static ProblemHttpResult NotFound(long id) => TypedResults.Problem(
        NotFoundText.Commit(id), statusCode: StatusCodes.Status404NotFound);
}

/// <summary>A commit. Member names follow Hopsworks where it has them.</summary>
/// <param name="CommitTime">Never earlier than the time of a previous commit.</param>
public sealed record CommitResponse(
    long CommitId, DateTimeOffset CommitTime, int RowsInserted, int RowsUpdated, int RowsDeleted, int RowsRejected, int RowsUnchanged, int OutcomesRecorded,
    string Source, string Description, long? ValidationId, long? RunId, string CodeVersion)
{
    public static CommitResponse Of(Commit commit) => new(
        commit.CommitId, commit.CommittedAt, commit.RowsInserted, commit.RowsUpdated, commit.RowsDeleted, commit.RowsRejected, commit.RowsUnchanged,
        commit.OutcomesRecorded, commit.Source, commit.Description, commit.ValidationId, commit.RunId, commit.CodeVersion);
}

/// <summary>One page of results.</summary>
/// <param name="Next">The URL of the next page; null on the last page.</param>
public sealed record CommitPage(IReadOnlyList<CommitResponse> Commits, string? Next);

/// <inheritdoc cref="CommitPage"/>
public sealed record ChangePage(IReadOnlyList<CommitChangeResponse> Changes, string? Next);

/// <inheritdoc cref="CommitChange"/>
/// <param name="Kind">"inserted", "updated", "deleted", or "outcome" if only the outcome was added or changed.</param>
public sealed record CommitChangeResponse(
    [property: OneOf("inserted", "updated", "deleted", "outcome")] string Kind, [property: PassengerSource] string Source, string Key,
    PassengerResponse? Before, PassengerResponse? After)
{
    public static CommitChangeResponse Of(CommitChange change) => new(
        change.Kind, change.Key.Source, change.Key.Key,
        change.Before is { } before ? PassengerResponse.Of(new(before, change.OutcomeBefore)) : null,
        change.After is { } after ? PassengerResponse.Of(new(after, change.OutcomeAfter)) : null);
}

/// <summary>Reads the changes of a commit per passenger.</summary>
public sealed class CommitChanges(TitanicDb db)
{
    /// <summary>Whether the commit exists.</summary>
    public Task<bool> CommitExists(long commit, CancellationToken cancellation) => db.Commits.AnyAsync(found => found.CommitId == commit, cancellation);

    /// <summary>Returns one page of the changes of a commit, sorted by the internal id of the passenger.</summary>
    /// <param name="after">The id of the last passenger of the previous page; 0 for the first page.</param>
    public async Task<IReadOnlyList<CommitChange>> Read(long commit, long after, int limit, CancellationToken cancellation)
    {
        var ids = await ChangedPassengerIds(commit, after, limit, cancellation);
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

    /// <summary>
    /// The ids of passengers whose row or outcome was added or superseded by the commit; one index scan for each kind of change.
    /// </summary>
    private async Task<List<long>> ChangedPassengerIds(long commit, long after, int limit, CancellationToken cancellation)
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
            found.UnionWith(await kind.Order().Take(limit).ToListAsync(cancellation));
        return [.. found.Take(limit)];
    }
}

/// <summary>The change of one passenger by a commit. Before and after are the same row if only the outcome changed.</summary>
/// <param name="Before">Null for a new passenger.</param>
/// <param name="After">Null for a deleted passenger.</param>
public sealed record CommitChange(PassengerVersion? Before, PassengerVersion? After, Outcome? OutcomeBefore, Outcome? OutcomeAfter)
{
    private PassengerVersion Row => After ?? Before!;

    public long PassengerId => Row.PassengerId;
    public PassengerKey Key => new(Row.Source, Row.SourceKey);

    /// <summary>"inserted", "deleted", "updated", or "outcome" if only the outcome was added or changed.</summary>
    public string Kind => (Before, After) switch
    {
        (null, _) => "inserted",
        (_, null) => "deleted",
        var (before, after) => before.CommitId == after.CommitId ? "outcome" : "updated",
    };
}
