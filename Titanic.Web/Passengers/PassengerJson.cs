using System.Runtime.CompilerServices;

namespace Titanic.Web.Passengers;

/// <summary>
/// Reads passengers from a JSON array of objects <c>{passengerId, name, pclass, sex, age?, fare?, survived?, eventTime?}</c> by the rules
/// of a passenger list. The line of a row is the element's number. Without <c>survived</c> the outcome is not known yet.
/// </summary>
public sealed class PassengerJson
{
    private static readonly string[] _members = ["passengerId", "survived", "pclass", "name", "sex", "age", "fare", "eventTime"];

    private readonly RowJudge _judge = new();
    private readonly JsonRow _row;

    public PassengerJson() => _row = new JsonRow(_members, _judge);

    /// <summary>Members that were not read, escaped for messages; the first twenty, once the rows are read.</summary>
    public IReadOnlyCollection<string> IgnoredMembers => _row.Ignored;

    /// <summary>All elements, once.</summary>
    /// <exception cref="PassengerFileException">Found at any element: what was read before must not be kept either.</exception>
    public async IAsyncEnumerable<PassengerRow> RowsAsync(Stream body, PassengersOptions options, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var (number, element) in JsonRows.Read(body, "passenger", options, cancellation))
        {
            var passenger = _row.Take(element) ? Read() : null;
            yield return passenger is not null && _judge.FoundNothing
                ? new AcceptedRow(number, passenger)
                : new RejectedRow(number, _judge.Problems(), JsonRow.ExcerptOf(element));
        }
    }

    private Passenger Read() => new(
        SourceKey: _judge.Id(_row["passengerId"]),
        Survived: _row["survived"].IsEmpty ? null : _judge.Survived(_row["survived"]),
        Pclass: _judge.Pclass(_row["pclass"]),
        Name: _judge.Name(_row["name"]),
        Sex: _judge.Sex(_row["sex"]),
        AgeInYears: _judge.Age(_row["age"]),
        FareInPounds: _judge.Fare(_row["fare"]),
        EventTime: _judge.Instant(_row["eventTime"], PassengerRules.EventTimeIsInstant));
}
