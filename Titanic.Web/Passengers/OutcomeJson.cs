using System.Runtime.CompilerServices;

namespace Titanic.Web.Passengers;

/// <summary>
/// Reads outcomes that come without their passengers from a JSON array of objects <c>{passengerId, survived, source?, knownAt?}</c>. The line
/// of a row is the element's number.
/// </summary>
public sealed class OutcomeJson(OutcomeOrigin origin)
{
    private static readonly string[] _members = ["passengerId", "survived", "source", "knownAt"];

    private readonly JsonRow _row = new(_members);

    /// <inheritdoc cref="PassengerJson.IgnoredMembers"/>
    public IReadOnlyCollection<string> IgnoredMembers => _row.Ignored;

    /// <inheritdoc cref="PassengerJson.RowsAsync"/>
    public async IAsyncEnumerable<OutcomeRow> RowsAsync(Stream body, PassengersOptions options, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var (number, element) in JsonRows.Read(body, "outcome", options, cancellation))
        {
            var outcome = _row.Take(element)
                ? _row.Validator.Outcome(number, _row["passengerId"], _row["survived"], _row["source"], _row["knownAt"], origin)
                : null;
            yield return outcome is not null && _row.Validator.IsValid
                ? outcome
                : new RejectedOutcome(number, _row.Validator.Problems(), JsonRow.ExcerptOf(element));
        }
    }
}
