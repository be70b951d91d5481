namespace Titanic.Web.Passengers;

/// <summary>What became of one row of a list of outcomes.</summary>
/// <param name="Line">The physical line, or the element's number.</param>
public abstract record OutcomeRow(long Line);

/// <summary>Where a list of outcomes comes from.</summary>
/// <param name="Source">Of the passengers whose row does not name theirs.</param>
/// <param name="Now">No outcome can have become known later.</param>
public sealed record OutcomeOrigin(string Source, DateTimeOffset Now);

/// <param name="Source">Of the passenger.</param>
/// <param name="KnownAt">When the outcome became known; null where the row does not tell.</param>
public sealed record AcceptedOutcome(long Line, string Source, string SourceKey, bool Survived, DateTimeOffset? KnownAt) : OutcomeRow(Line);

/// <param name="Problems">Everything that is wrong with the row; never empty.</param>
/// <param name="Excerpt">The beginning of the row, escaped; safe to store and to log, still to be HTML-encoded on a page.</param>
public sealed record RejectedOutcome(long Line, IReadOnlyList<RowProblem> Problems, string Excerpt) : OutcomeRow(Line);
