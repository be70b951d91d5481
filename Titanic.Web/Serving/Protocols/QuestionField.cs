using Titanic.Web.Passengers;
using Titanic.Web.Training;

namespace Titanic.Web.Serving.Protocols;

/// <summary>The inputs of a model's signature.</summary>
internal enum QuestionField
{
    Pclass,
    Sex,
    Age,
    Fare,
}

internal static class QuestionFields
{
    public static readonly QuestionField[] All = Enum.GetValues<QuestionField>();

    /// <summary>Those without which there is no question; the others may be unknown.</summary>
    public static readonly QuestionField[] Required = [QuestionField.Pclass, QuestionField.Sex];

    private static readonly string[] _names = [.. All.Select(field => field.ToString().ToLowerInvariant())];

    /// <summary>As <see cref="ModelSignature"/> calls it.</summary>
    public static string Name(this QuestionField field) => _names[(int)field];

    /// <summary>Null for any other name.</summary>
    public static QuestionField? Find(ReadOnlySpan<char> name, StringComparison comparison)
    {
        foreach (var field in All)
        {
            if (name.Equals(field.Name(), comparison))
                return field;
        }
        return null;
    }

    /// <summary>What a value of it must be, for messages.</summary>
    public static string Allowed(this QuestionField field) => field switch
    {
        QuestionField.Pclass => "a whole number: " + PassengerLimits.AllowedPclass,
        QuestionField.Sex => "a text: " + PassengerLimits.AllowedSex,
        QuestionField.Age => $"a number of years from {PassengerLimits.AllowedAge}, or null if unknown",
        _ => $"a number of pounds from {PassengerLimits.AllowedFare}, or null if unknown",
    };
}
