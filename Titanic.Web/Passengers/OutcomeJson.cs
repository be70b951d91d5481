using System.Runtime.CompilerServices;

namespace Titanic.Web.Passengers;

/// <summary>
/// Reads outcomes that come without their passengers from a JSON array of objects <c>{passengerId, survived, source?, knownAt?}</c>. The line
/// of a row is the element's number.
/// </summary>
public sealed class OutcomeJson
{
    private static readonly string[] _members = ["passengerId", "survived", "source", "knownAt"];

    private readonly RowJudge _judge = new();
    private readonly JsonRow _row;

    public OutcomeJson() => _row = new JsonRow(_members, _judge);

    /// <inheritdoc cref="PassengerJson.IgnoredMembers"/>
    public IReadOnlyCollection<string> IgnoredMembers => _row.Ignored;

    /// <inheritdoc cref="PassengerJson.RowsAsync"/>
    public async IAsyncEnumerable<OutcomeRow> RowsAsync(Stream body, PassengersOptions options, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var (number, element) in JsonRows.Read(body, "outcome", options, cancellation))
        {
            var outcome = _row.Take(element)
                ? _judge.Outcome(number, _row["passengerId"], _row["survived"], _row["source"], _row["knownAt"])
                : null;
            yield return outcome is not null && _judge.FoundNothing
                ? outcome
                : new RejectedOutcome(number, _judge.Problems(), JsonRow.ExcerptOf(element));
        }
    }
}
