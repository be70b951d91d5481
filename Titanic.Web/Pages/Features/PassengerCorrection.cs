using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages.Features;

/// <summary>The form for a correction of one passenger: texts as typed, with the rules of a row of a file.</summary>
public sealed class PassengerCorrection
{
    public string? Pclass { get; set; }
    public string? Sex { get; set; }
    public string? Age { get; set; }
    public string? Fare { get; set; }
    public string? Name { get; set; }
    public string? Survived { get; set; }

    internal static PassengerCorrection Of(PassengerVersion row, Outcome? outcome) => new()
    {
        Pclass = Text(row.Pclass),
        Sex = SexConverter.Format(row.Sex),
        Age = Text(row.AgeInYears),
        Fare = Text(row.FareInPounds),
        Name = row.Name,
        Survived = outcome is null ? "" : outcome.Survived ? "1" : "0",
    };

    /// <returns>The passenger, or null and the problems.</returns>
    internal (Passenger? Passenger, IReadOnlyList<RowProblem> Problems) Read(string key)
    {
        var validator = new RowValidator();
        validator.StartRow(1, $"{Pclass}{Sex}{Age}{Fare}{Name}{Survived}");
        var name = validator.ParseName(Name);
        var passenger = new Passenger(
            key, name, validator.ParsePclass(Pclass), validator.ParseSex(Sex), validator.ParseAge(ValueText.WithDecimalPoint(Age ?? "")), validator.ParseFare(ValueText.WithDecimalPoint(Fare ?? "")),
            validator.ParseSurvivedIfKnown(Survived));
        return validator.IsValid ? (passenger, []) : (null, validator.Problems());
    }

    private static string Text(IFormattable? number) => number?.ToString(null, CultureInfo.InvariantCulture) ?? "";
}
