using System.Runtime.CompilerServices;

namespace Titanic.Web.Passengers;

/// <summary>
/// Reads passengers from a JSON array of objects <c>{passengerId, name, pclass, sex, age?, fare?, survived?, eventTime?}</c> by the rules
/// of a passenger list. The line of a row is the element's number. Without <c>survived</c> the outcome is not known yet.
/// </summary>
/// <param name="now">Nobody can have sailed later.</param>
public sealed class PassengerJson(DateTimeOffset now)
{
    private static readonly string[] _members = ["passengerId", "survived", "pclass", "name", "sex", "age", "fare", "eventTime"];

    private readonly JsonRow _row = new(_members);

    /// <summary>Members that were not read, escaped for messages; the first twenty, once the rows are read.</summary>
    public IReadOnlyCollection<string> IgnoredMembers => _row.Ignored;

    /// <summary>All elements, once.</summary>
    /// <exception cref="PassengerFileException">Found at any element: what was read before must not be kept either.</exception>
    public async IAsyncEnumerable<PassengerRow> RowsAsync(Stream body, PassengersOptions options, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var (number, element) in JsonRows.Read(body, "passenger", options, cancellation))
        {
            var passenger = _row.Take(element) ? Read() : null;
            yield return passenger is not null && _row.Judge.FoundNothing
                ? new AcceptedRow(number, passenger)
                : new RejectedRow(number, _row.Judge.Problems(), JsonRow.ExcerptOf(element));
        }
    }

    private Passenger Read() => new(
        SourceKey: _row.Judge.Id(_row["passengerId"]),
        Survived: _row["survived"].IsEmpty ? null : _row.Judge.Survived(_row["survived"]),
        Pclass: _row.Judge.Pclass(_row["pclass"]),
        Name: _row.Judge.Name(_row["name"]),
        Sex: _row.Judge.Sex(_row["sex"]),
        AgeInYears: _row.Judge.Age(_row["age"]),
        FareInPounds: _row.Judge.Fare(_row["fare"]),
        EventTime: _row.Judge.EventTime(_row["eventTime"], now));
}
