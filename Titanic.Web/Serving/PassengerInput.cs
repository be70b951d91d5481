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
    /// <summary>What is wrong, by field name; empty for a question that can be answered.</summary>
    public IReadOnlyDictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        if (!PassengerLimits.IsPclass(Pclass))
            problems["pclass"] = [Sentence("pclass", Shown(Pclass))];
        if (ParsedSex is null)
            problems["sex"] = [Sentence("sex", Shown(Sex))];
        if (!PassengerLimits.IsAge(Age))
            problems["age"] = [Sentence("age", Shown(Age))];
        if (!PassengerLimits.IsFare(Fare))
            problems["fare"] = [Sentence("fare", Shown(Fare))];
        return problems;
    }

    /// <summary>What is wrong with a member.</summary>
    /// <param name="shown">What was seen, as a piece of the sentence.</param>
    internal static string Sentence(string member, string shown) => member switch
    {
        "pclass" => $"The class is {shown}; it must be {PassengerLimits.AllowedPclass}.",
        "sex" => $"The sex is {shown}; it must be {PassengerLimits.AllowedSex}.",
        "age" => $"The age is {shown}; it must be {PassengerLimits.AllowedAge} years, or left out if unknown.",
        "fare" => $"The ticket price is {shown}; it must be {PassengerLimits.AllowedFare} pounds, or left out if unknown.",
        _ => throw NoSuchMember(member),
    };

    /// <summary>Only exact words count (S11): a typing error must not turn anybody into a woman.</summary>
    [JsonIgnore]
    public Sex? ParsedSex => SexConverter.Find(Sex.AsSpan().Trim());

    /// <summary>Only for a question without <see cref="Problems"/>.</summary>
    internal Question ToQuestion() => new(Pclass!.Value, ParsedSex!.Value, Age, Fare);

    /// <summary>The encoded values; only for a question without <see cref="Problems"/>.</summary>
    public double[] EncodeBy(ITrainingView view) => view.Encode(Pclass!.Value, ParsedSex!.Value, Age, Fare);

    /// <summary>The same question with one member as near to what it was as a value of an explanation allows.</summary>
    /// <param name="member">As <see cref="FeatureAxis.Question"/> calls it.</param>
    internal PassengerInput With(string member, AxisValue value) => member switch
    {
        "pclass" => this with { Pclass = (int)value.Code },
        "sex" => this with { Sex = SexConverter.Format((Sex)(int)value.Code) },
        "age" => this with { Age = value.Nearest(Age) },
        "fare" => this with { Fare = value.Nearest(Fare) },
        _ => throw NoSuchMember(member),
    };

    private static ArgumentOutOfRangeException NoSuchMember(string member) => new(nameof(member), member, "A question has the members pclass, sex, age and fare.");

    private static string Shown(object? value) => value switch
    {
        null or "" => "missing",
        string text => $"\"{(text.Length > 20 ? text[..20] + "…" : text)}\"",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}"),
    };
}
