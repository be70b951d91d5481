namespace Titanic.Web.Passengers;

/// <summary>One passenger with raw, not encoded values.</summary>
/// <param name="SourceKey">The key of the passenger in its source. It is unique within the source and makes ingestion idempotent.</param>
/// <param name="Pclass">1 (upper), 2 (middle) or 3 (lower).</param>
/// <param name="AgeInYears">From 0 to <see cref="PassengerLimits.MaximumAgeInYears"/>, or null if unknown.</param>
/// <param name="FareInPounds">From 0 to <see cref="PassengerLimits.MaximumFareInPounds"/> pounds of 1912, or null if unknown.</param>
/// <param name="Survived">The outcome, or null if it is not known yet.</param>
/// <param name="EventTime">When the passenger sailed; null to use the event time of the batch.</param>
/// <param name="Person">
/// The person as declared by the source: rows of one source without a name that declare the same person are one person, whatever their other
/// values. Null if not declared.
/// </param>
public sealed record Passenger(
    string SourceKey,
    string? Name,
    int Pclass,
    Sex Sex,
    double? AgeInYears,
    double? FareInPounds,
    bool? Survived,
    DateTimeOffset? EventTime = null,
    string? Person = null);

/// <summary>The sex of a passenger. The numbers are the codes of the encoders.</summary>
public enum Sex
{
    Male = 0,
    Female = 1,
}

/// <summary>
/// Converts <see cref="Sex"/> to and from the texts of files, the database and the API. All other texts are invalid (defect S11 of the
/// original).
/// </summary>
public static class SexConverter
{
    public const string Male = "male", Female = "female";

    /// <summary>Returns "male" or "female".</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not defined.</exception>
    public static string Format(Sex sex) => sex switch
    {
        Sex.Male => Male,
        Sex.Female => Female,
        _ => throw new ArgumentOutOfRangeException(nameof(sex), sex, $"The sex is {(int)sex}; it must be {PassengerLimits.AllowedSex}."),
    };

    /// <summary>Parses "male" or "female", case-insensitive; null for any other text.</summary>
    public static Sex? ParseOrNull(ReadOnlySpan<char> text)
    {
        if (text.Equals(Male, StringComparison.OrdinalIgnoreCase))
            return Sex.Male;
        return text.Equals(Female, StringComparison.OrdinalIgnoreCase) ? Sex.Female : null;
    }

    /// <summary>Parses a stored value.</summary>
    /// <exception cref="InvalidDataException">The text is neither "male" nor "female".</exception>
    public static Sex Parse(string stored) =>
        ParseOrNull(stored) ?? throw new InvalidDataException($"The stored sex is \"{stored}\"; it must be {PassengerLimits.AllowedSex}.");
}
