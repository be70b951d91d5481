using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>Rows from one source, to be committed together.</summary>
/// <param name="Source">One of <see cref="PassengerSources"/>.</param>
/// <param name="Description">What is read, for people.</param>
/// <param name="EventTime">When these passengers sailed.</param>
/// <param name="KnownAt">When the outcomes that come with them became known.</param>
/// <param name="Warnings">Asked once all rows are read.</param>
public sealed record IncomingRows(
    string Source,
    string Description,
    DateTimeOffset EventTime,
    DateTimeOffset KnownAt,
    IAsyncEnumerable<PassengerRow> Rows,
    Func<IReadOnlyList<string>> Warnings)
{
    /// <summary>Passengers made here rather than read from a file: nothing to reject, nothing to warn of.</summary>
    public static IncomingRows Of(string source, string description, DateTimeOffset eventTime, DateTimeOffset knownAt, IReadOnlyList<Passenger> passengers) =>
        new(source, description, eventTime, knownAt, passengers.Select((passenger, i) => (PassengerRow)new AcceptedRow(i + 1, passenger)).ToAsyncEnumerable(), () => []);
}

/// <summary>What an ingestion did. <see cref="CommitId"/> is null when there was nothing to change, so nothing was committed.</summary>
public sealed record IngestionResult(long? CommitId, int Inserted, int Updated, int Unchanged, int Rejected, int OutcomesRecorded, IReadOnlyList<string> Warnings)
{
    public override string ToString() =>
        $"{Inserted} inserted, {Updated} updated, {Unchanged} unchanged, {Rejected} rejected, {OutcomesRecorded} outcomes recorded"
        + (CommitId is { } commit ? $" in commit {commit}" : "; nothing changed, so there is no commit");
}
