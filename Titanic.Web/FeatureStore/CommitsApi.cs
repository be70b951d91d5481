using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary><c>GET /api/commits</c>, <c>GET /api/commits/{id}</c> and <c>GET /api/commits/{id}/changes</c>.</summary>
internal static class CommitsApi
{
    private const int MostRows = 1_000;

    public static void MapCommitsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/commits").WithTags("Feature store");
        api.MapGet("", List).WithName("listCommits")
            .WithSummary("List commits")
            .WithDescription("Newest first, a page at a time.");
        api.MapGet("{id:long}", One).WithName("showCommit")
            .WithSummary("Show a commit")
            .WithDescription("What one ingestion brought, changed and ended.");
        api.MapGet("{id:long}/changes", Changes).WithName("listChangesOfCommit")
            .WithSummary("List changes of a commit")
            .WithDescription("Passenger by passenger, before and after, a page at a time.");
    }

    /// <param name="before">Only commits below this one; the newest when it is left out.</param>
    internal static async Task<Results<Ok<CommitPage>, ProblemHttpResult>> List(TitanicDb db, CancellationToken cancellation, long? before = null, [Range(1, MostRows)] int limit = 100)
    {
        if (ProblemOf(limit) is { } problem)
            return problem;
        var commits = await db.Commits.AsNoTracking().Where(commit => before == null || commit.CommitId < before)
            .OrderByDescending(commit => commit.CommitId).Take(limit + 1).ToListAsync(cancellation);
        var page = commits.Take(limit).Select(CommitAnswer.Of).ToList();
        return TypedResults.Ok(new CommitPage(page, commits.Count > limit ? FormattableString.Invariant($"/api/commits?before={page[^1].CommitId}&limit={limit}") : null));
    }

    internal static async Task<Results<Ok<CommitAnswer>, ProblemHttpResult>> One(long id, TitanicDb db, CancellationToken cancellation) =>
        await db.Commits.AsNoTracking().SingleOrDefaultAsync(commit => commit.CommitId == id, cancellation) is { } commit
            ? TypedResults.Ok(CommitAnswer.Of(commit))
            : Unknown(id);

    /// <param name="after">The passengerId behind which the page starts.</param>
    internal static async Task<Results<Ok<ChangePage>, ProblemHttpResult>> Changes(
        long id, CommitChanges changes, TitanicDb db, CancellationToken cancellation, long after = 0, [Range(1, MostRows)] int limit = 100)
    {
        if (ProblemOf(limit) is { } problem)
            return problem;
        if (!await db.Commits.AnyAsync(commit => commit.CommitId == id, cancellation))
            return Unknown(id);
        var found = await changes.Read(id, after, limit + 1, cancellation);
        var page = found.Take(limit).ToList();
        return TypedResults.Ok(new ChangePage(
            [.. page.Select(ChangeAnswer.Of)], found.Count > limit ? FormattableString.Invariant($"/api/commits/{id}/changes?after={page[^1].PassengerId}&limit={limit}") : null));
    }

    private static ProblemHttpResult? ProblemOf(int limit) => limit is >= 1 and <= MostRows
        ? null
        : TypedResults.Problem($"The limit is {limit}; it must be from 1 to {MostRows}.", statusCode: StatusCodes.Status400BadRequest);

    private static ProblemHttpResult Unknown(long id) => TypedResults.Problem($"There is no commit {id}.", statusCode: StatusCodes.Status404NotFound);
}

/// <summary>A commit by the names that Hopsworks gives its parts, and those that it has not.</summary>
/// <param name="CommitTime">Never earlier than that of a commit before.</param>
public sealed record CommitAnswer(
    long CommitId, DateTimeOffset CommitTime, int RowsInserted, int RowsUpdated, int RowsDeleted, int RowsRejected, int RowsUnchanged, int OutcomesRecorded,
    string Source, string Description, long? ValidationId, long? RunId, string CodeVersion)
{
    public static CommitAnswer Of(Commit commit) => new(
        commit.CommitId, commit.CommittedAt, commit.RowsInserted, commit.RowsUpdated, commit.RowsDeleted, commit.RowsRejected, commit.RowsUnchanged,
        commit.OutcomesRecorded, commit.Source, commit.Description, commit.ValidationId, commit.RunId, commit.CodeVersion);
}

/// <param name="Next">The address of the next page; null on the last.</param>
public sealed record CommitPage(IReadOnlyList<CommitAnswer> Commits, string? Next);

/// <inheritdoc cref="CommitPage"/>
public sealed record ChangePage(IReadOnlyList<ChangeAnswer> Changes, string? Next);

/// <inheritdoc cref="CommitChange"/>
/// <param name="Kind">"inserted", "updated", "deleted", or "outcome" where only that came or changed.</param>
public sealed record ChangeAnswer(string Kind, string Source, string Key, PassengerAnswer? Before, PassengerAnswer? After)
{
    public static ChangeAnswer Of(CommitChange change) => new(
        change.Kind, change.Key.Source, change.Key.Key,
        change.Before is { } before ? PassengerAnswer.Of(new(before, change.OutcomeBefore)) : null,
        change.After is { } after ? PassengerAnswer.Of(new(after, change.OutcomeAfter)) : null);
}
