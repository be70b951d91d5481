using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Ingest;

namespace Titanic.Web.Pages.Features;

/// <summary>One passenger: every version of the row and of the outcome, and its correction and deletion by operators.</summary>
public sealed class PassengerModel(TitanicDb db, PassengerHistory history, PersonRows persons, Corrections corrections) : OperatorPageModel
{
    public PassengerKey Passenger { get; private set; } = null!;

    /// <summary>All versions of the row, newest first; never empty.</summary>
    public IReadOnlyList<PassengerVersion> Versions { get; private set; } = [];
    public IReadOnlyList<Outcome> Outcomes { get; private set; } = [];

    /// <summary>The other rows of the same person; the row that is counted comes first.</summary>
    public IReadOnlyList<PassengerAsOf> OtherRows { get; private set; } = [];

    /// <summary>Whether another row is counted for the person.</summary>
    public bool IsCopy => Current is { } row && row.PersonId != row.PassengerId;

    /// <summary>Commit time by commit id, for each commit that added or superseded one of the <see cref="Versions"/>.</summary>
    public IReadOnlyDictionary<long, DateTimeOffset> CommittedAt { get; private set; } = new Dictionary<long, DateTimeOffset>();

    /// <summary>The current version; null if the passenger was deleted.</summary>
    public PassengerVersion? Current => Versions[0].SupersededBy is null ? Versions[0] : null;

    /// <summary>The commit that deleted the passenger; null if the passenger was not deleted.</summary>
    public long? DeletingCommit => Versions[0].SupersededBy;

    public Outcome? CurrentOutcome => Outcomes.SingleOrDefault(outcome => outcome.SupersededBy is null);

    /// <summary>The values in the form for a correction: those of the row, or what was sent if it was invalid.</summary>
    public PassengerCorrection Correction { get; private set; } = new();

    private IReadOnlyList<RowProblem> Problems { get; set; } = [];
    private string? ConflictMessage { get; set; }

    protected override string Policy => AccessPolicies.Ingest;

    public async Task<IActionResult> OnGetAsync(string source, string key, CancellationToken cancellationToken)
    {
        Passenger = new PassengerKey(source, key);
        Versions = await history.Versions(Passenger, cancellationToken);
        if (Versions.Count == 0)
            return ErrorModel.NotFound(HttpContext, NotFoundText.Passenger(source, key));
        Outcomes = await history.Outcomes(Versions, cancellationToken);
        if (Current is { } row && Problems.Count == 0)
            Correction = PassengerCorrection.Of(row, CurrentOutcome);
        if (Current is { } current)
            OtherRows = await persons.Others(current, cancellationToken);
        long[] commits = [.. Versions.Select(version => version.CommitId), .. Versions.Select(version => version.SupersededBy).OfType<long>()];
        CommittedAt = await db.Commits.Where(commit => commits.Contains(commit.CommitId))
            .ToDictionaryAsync(commit => commit.CommitId, commit => commit.CommittedAt, cancellationToken);
        return Page();
    }

    /// <summary>The error at the field of a rule; for null, the errors that belong to no field.</summary>
    public string? ErrorOf(PassengerRule? rule)
    {
        var messages = Problems.Where(problem => problem.Rule.Column == rule?.Column).Select(problem => problem.Message);
        if (rule is null && ConflictMessage is { } conflict)
            messages = messages.Prepend(conflict);
        return string.Join(' ', messages) is { Length: > 0 } text ? text : null;
    }

    /// <param name="source">The source of the passenger.</param>
    /// <param name="key">The key of the passenger.</param>
    /// <param name="correction">The values as typed.</param>
    /// <param name="version">The commit of the row version that the form showed.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<IActionResult> OnPostCorrectAsync(string source, string key, PassengerCorrection correction, long version, CancellationToken cancellationToken)
    {
        var current = (await history.Versions(new PassengerKey(source, key), cancellationToken)).FirstOrDefault(row => row.SupersededBy is null);
        if (current is null || current.CommitId != version)
        {
            ConflictMessage = current is null ? null : $"Commit {current.CommitId} changed the passenger meanwhile. Nothing was stored. Check the values and try again.";
            Response.StatusCode = StatusCodes.Status409Conflict;
            return await OnGetAsync(source, key, cancellationToken);
        }
        (var passenger, Problems) = correction.Read(key);
        if (passenger is null)
        {
            Correction = correction;
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return await OnGetAsync(source, key, cancellationToken);
        }
        var (run, result) = await corrections.Correct(source, passenger with { Person = current.Person }, AuditLog.CallerName(User), cancellationToken);
        Message = result switch
        {
            { CommitId: { } commit } => $"The correction is stored in commit {commit}.",
            not null => "The values are those of the stored row; nothing was stored.",
            null => $"The correction failed; run {run.RunId} has the error.",
        };
        return RedirectToPage(new { source, key });
    }

    public async Task<IActionResult> OnPostAsync(string source, string key, CancellationToken cancellationToken)
    {
        await corrections.Delete(source, key, RunTrigger.Button, AuditLog.CallerName(User), cancellationToken);
        return RedirectToPage(new { source, key });
    }
}
