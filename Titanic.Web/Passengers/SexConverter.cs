namespace Titanic.Web.Passengers;

/// <summary>The words that the passenger list, the database and the API use for <see cref="Sex"/>; nothing else is either (S11).</summary>
public static class SexConverter
{
    private const string Male = "male", Female = "female";

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
