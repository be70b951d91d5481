using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>Rows from one source, to be committed together.</summary>
/// <param name="Source">One of <see cref="PassengerSources"/>.</param>
/// <param name="Description">What is read, for people.</param>
/// <param name="EventTime">When these passengers sailed.</param>
/// <param name="KnownAt">When the outcomes that come with them became known.</param>
/// <param name="Warnings">Asked once all rows are read.</param>
/// <param name="Policy">What broken expectations lead to.</param>
/// <param name="LearnedAt">
/// When outcomes became known of passengers who were stored without them, or with others; <paramref name="KnownAt"/> when it is left out.
/// A list of history that is brought again with corrections tells what is learned today, not what was known in 1912.
/// </param>
public sealed record PassengerBatch(
    string Source,
    string Description,
    DateTimeOffset EventTime,
    DateTimeOffset KnownAt,
    IAsyncEnumerable<PassengerRow> Rows,
    Func<IReadOnlyList<string>> Warnings,
    IngestionPolicy Policy = IngestionPolicy.Always,
    DateTimeOffset? LearnedAt = null)
{
    /// <summary>Passengers made here rather than read from a file: nothing to reject, nothing to warn of.</summary>
    public static PassengerBatch Of(string source, string description, DateTimeOffset eventTime, DateTimeOffset knownAt, IReadOnlyList<Passenger> passengers) =>
        new(source, description, eventTime, knownAt, passengers.Select((passenger, i) => (PassengerRow)new AcceptedRow(i + 1, passenger)).ToAsyncEnumerable(), () => []);
}

/// <summary>Outcomes that come without their passengers, to be committed together.</summary>
/// <param name="Source">Whose outcomes these are, for the commit; every row names that of its own passenger.</param>
/// <param name="KnownAt">When outcomes became known whose row does not tell.</param>
public sealed record OutcomeBatch(
    string Source,
    string Description,
    DateTimeOffset KnownAt,
    IAsyncEnumerable<OutcomeRow> Rows,
    Func<IReadOnlyList<string>> Warnings,
    IngestionPolicy Policy = IngestionPolicy.Always);

/// <summary>
/// What an ingestion did. <see cref="CommitId"/> is null when there was nothing to change; <see cref="ValidationId"/> when there was
/// neither anything to change nor anything to complain of.
/// </summary>
public sealed record IngestionResult(
    long? CommitId, long? ValidationId, int Inserted, int Updated, int Deleted, int Unchanged, int Rejected, int OutcomesRecorded, IReadOnlyList<string> Warnings)
{
    public override string ToString() =>
        $"{Inserted} inserted, {Updated} updated, {(Deleted > 0 ? $"{Deleted} deleted, " : "")}{Unchanged} unchanged, {Rejected} rejected, {OutcomesRecorded} outcomes recorded"
        + (CommitId is { } commit ? $" in commit {commit}" : "; nothing changed, so there is no commit");
}

/// <summary>The policy STRICT refused an ingestion: nothing of it came in. The report and the rejected rows are stored.</summary>
public sealed class IngestionRefusedException(long validationId, int rowsRejected, IReadOnlyList<string> brokenExpectations) : Exception(
    $"The policy STRICT refused everything: {rowsRejected} rows were rejected; broken expectations: {string.Join(", ", brokenExpectations)}. Nothing was stored; see validation {validationId}.")
{
    public long ValidationId => validationId;
    public int RowsRejected => rowsRejected;
}
