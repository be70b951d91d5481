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
            yield return passenger is not null && _row.Validator.IsValid
                ? new AcceptedRow(number, passenger)
                : new RejectedRow(number, _row.Validator.Problems(), JsonRow.ExcerptOf(element));
        }
    }

    private Passenger Read() => new(
        SourceKey: _row.Validator.Id(_row["passengerId"]),
        Survived: _row["survived"].IsEmpty ? null : _row.Validator.Survived(_row["survived"]),
        Pclass: _row.Validator.Pclass(_row["pclass"]),
        Name: _row.Validator.Name(_row["name"]),
        Sex: _row.Validator.Sex(_row["sex"]),
        AgeInYears: _row.Validator.Age(_row["age"]),
        FareInPounds: _row.Validator.Fare(_row["fare"]),
        EventTime: _row.Validator.EventTime(_row["eventTime"], now));
}
