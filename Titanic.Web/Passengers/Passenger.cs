namespace Titanic.Web.Passengers;

/// <summary>One person as a source tells it: raw values, nothing encoded.</summary>
/// <param name="SourceKey">The source's own key, unique within the source; it makes every ingestion idempotent.</param>
/// <param name="Pclass">1 (upper), 2 (middle) or 3 (lower).</param>
/// <param name="AgeInYears">From 0 to <see cref="PassengerLimits.MaximumAgeInYears"/>, or null where the source does not tell.</param>
/// <param name="FareInPounds">From 0 to <see cref="PassengerLimits.MaximumFareInPounds"/> pounds of 1912, or null where the source does not tell.</param>
/// <param name="Survived">The outcome, or null where it is not known yet.</param>
/// <param name="EventTime">When the passenger sailed; null where the source tells it for all of its passengers together.</param>
public sealed record Passenger(
    string SourceKey,
    string? Name,
    int Pclass,
    Sex Sex,
    double? AgeInYears,
    double? FareInPounds,
    bool? Survived,
    DateTimeOffset? EventTime = null);

/// <summary>The two values of the passenger list; the numbers are the model's codes.</summary>
public enum Sex
{
    Male = 0,
    Female = 1,
}

/// <summary>The words that the passenger list, the database and the API use for <see cref="Sex"/>; nothing else is either (S11).</summary>
public static class SexConverter
{
    public const string Male = "male", Female = "female";

    public static string Format(Sex sex) => sex switch
    {
        Sex.Male => Male,
        Sex.Female => Female,
        _ => throw new ArgumentOutOfRangeException(nameof(sex), sex, $"The sex must be {PassengerLimits.AllowedSex}."),
    };

    /// <summary>Null for any other word; the case of letters does not matter.</summary>
    public static Sex? Find(ReadOnlySpan<char> word)
    {
        if (word.Equals(Male, StringComparison.OrdinalIgnoreCase))
            return Sex.Male;
        return word.Equals(Female, StringComparison.OrdinalIgnoreCase) ? Sex.Female : null;
    }

    /// <exception cref="InvalidDataException">A stored word is neither.</exception>
    public static Sex Read(string stored) =>
        Find(stored) ?? throw new InvalidDataException($"The stored sex is \"{stored}\"; it must be {PassengerLimits.AllowedSex}.");
}
