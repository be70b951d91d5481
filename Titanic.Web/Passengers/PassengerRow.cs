namespace Titanic.Web.Passengers;

/// <summary>What became of one record of a file.</summary>
/// <param name="Line">The physical line where the record starts; the header is line 1. In JSON the element's number. No two rows share it.</param>
public abstract record PassengerRow(long Line);

public sealed record AcceptedRow(long Line, Passenger Passenger) : PassengerRow(Line);

/// <param name="Line">The physical line where the record starts; the header is line 1.</param>
/// <param name="Problems">Everything that is wrong with the record; never empty.</param>
/// <param name="Excerpt">The beginning of the record, escaped; safe to store and to log, still to be HTML-encoded on a page.</param>
public sealed record RejectedRow(long Line, IReadOnlyList<RowProblem> Problems, string Excerpt) : PassengerRow(Line);
