using System.Text.Json.Serialization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving;

/// <summary>A question to the model as page and API ask it.</summary>
/// <param name="Pclass">1, 2 or 3.</param>
/// <param name="Sex">"male" or "female", any case.</param>
/// <param name="Age">Years, 0..120; null means unknown.</param>
/// <param name="Fare">Pounds, 0..10000; null means unknown.</param>
public sealed record PassengerInput(int? Pclass, string? Sex, double? Age = null, double? Fare = null)
{
    /// <summary>The limits, for forms and error messages.</summary>
    public const double OldestAgeInYears = 120, HighestFareInPounds = 10_000;

    /// <summary>What is wrong, by field name; empty for a question that can be answered.</summary>
    public IReadOnlyDictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        if (Pclass is not (1 or 2 or 3))
            problems["pclass"] = [$"The class is {Shown(Pclass)}; it must be 1, 2 or 3."];
        if (ParsedSex is null)
            problems["sex"] = [$"The sex is {Shown(Sex)}; it must be male or female."];
        if (Age is not (null or >= 0 and <= OldestAgeInYears))
            problems["age"] = [$"The age is {Shown(Age)}; it must be 0 to {OldestAgeInYears} years, or left out if unknown."];
        if (Fare is not (null or >= 0 and <= HighestFareInPounds))
            problems["fare"] = [$"The ticket price is {Shown(Fare)}; it must be 0 to {HighestFareInPounds} pounds, or left out if unknown."];
        return problems;
    }

    /// <summary>Only exact words count (S11): a typing error must not turn anybody into a woman.</summary>
    [JsonIgnore]
    public Sex? ParsedSex => SexWord.Find(Sex.AsSpan().Trim());

    /// <summary>The encoded values; only for a question without <see cref="Problems"/>.</summary>
    public double[] EncodeBy(ITrainingView view) => view.Encode(Pclass!.Value, ParsedSex!.Value, Age, Fare);

    /// <summary>The same question with one member as near to what it was as a value of an explanation allows.</summary>
    /// <param name="member">As <see cref="FeatureAxis.Question"/> calls it.</param>
    internal PassengerInput With(string member, AxisValue value) => member switch
    {
        "pclass" => this with { Pclass = (int)value.Code },
        "sex" => this with { Sex = SexWord.Of((Sex)(int)value.Code) },
        "age" => this with { Age = value.Nearest(Age) },
        "fare" => this with { Fare = value.Nearest(Fare) },
        _ => throw new ArgumentOutOfRangeException(nameof(member), member, "A question has the members pclass, sex, age and fare."),
    };

    private static string Shown(object? value) => value switch
    {
        null or "" => "missing",
        string text => $"\"{(text.Length > 20 ? text[..20] + "…" : text)}\"",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}"),
    };
}
