using System.Globalization;

namespace Titanic.Web.Passengers;

/// <summary>
/// The allowed values of a passenger, as numbers and as text for messages. Files, the prediction form, the API, the protocols, the
/// encoders and the check constraints of the database use these limits.
/// </summary>
public static class PassengerLimits
{
    public const int MinimumPclass = 1;
    public const int MaximumPclass = 3;

    /// <summary>The minimum is 0; null means unknown.</summary>
    public const double MaximumAgeInYears = 120;

    /// <summary>The minimum is 0; null means unknown.</summary>
    public const double MaximumFareInPounds = 10_000;

    /// <summary>In Unicode code points, as PostgreSQL counts.</summary>
    public const int MaximumNameLength = 200;

    /// <inheritdoc cref="MaximumNameLength"/>
    public const int MaximumTicketLength = 50;

    /// <inheritdoc cref="MaximumNameLength"/>
    public const int MaximumCabinLength = 50;

    /// <summary>Maximum length of a passenger key and of a source name.</summary>
    public const int MaximumKeyLength = 100;

    public const string AllowedPclass = "1, 2 or 3";
    public const string AllowedSex = "male or female";

    /// <summary>"between 0 and 120", in years.</summary>
    public static string AllowedAge { get; } = RangeFromZero(MaximumAgeInYears);

    /// <summary>"between 0 and 10,000", in pounds.</summary>
    public static string AllowedFare { get; } = RangeFromZero(MaximumFareInPounds);

    public static bool IsValidPclass(int? pclass) => pclass is >= MinimumPclass and <= MaximumPclass;

    /// <summary>True for null and 0 to 120 years; false for NaN.</summary>
    public static bool IsValidAge(double? years) => years is null or (>= 0 and <= MaximumAgeInYears);

    /// <summary>True for null and 0 to 10,000 pounds; false for NaN.</summary>
    public static bool IsValidFare(double? pounds) => pounds is null or (>= 0 and <= MaximumFareInPounds);

    /// <exception cref="ArgumentOutOfRangeException">A value is out of range; the message states the allowed values.</exception>
    public static void ThrowIfInvalid(int pclass, Sex sex, double? ageInYears, double? fareInPounds)
    {
        if (!IsValidPclass(pclass))
            throw OutOfRange(nameof(pclass), pclass, $"The class is {pclass}; it must be {AllowedPclass}.");
        if (sex is not (Sex.Male or Sex.Female))
            throw OutOfRange(nameof(sex), sex, $"The sex is {(int)sex}; it must be {AllowedSex}.");
        if (!IsValidAge(ageInYears))
            throw OutOfRange(nameof(ageInYears), ageInYears, $"The age is {ageInYears}; it must be {AllowedAge} years, or null if unknown.");
        if (!IsValidFare(fareInPounds))
            throw OutOfRange(nameof(fareInPounds), fareInPounds, $"The fare is {fareInPounds}; it must be {AllowedFare} pounds, or null if unknown.");
    }

    private static ArgumentOutOfRangeException OutOfRange(string name, object? value, FormattableString message) =>
        new(name, value, FormattableString.Invariant(message));

    private static string RangeFromZero(double maximum) => string.Create(CultureInfo.InvariantCulture, $"between 0 and {maximum:#,##0}");
}
