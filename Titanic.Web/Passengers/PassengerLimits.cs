using System.Globalization;

namespace Titanic.Web.Passengers;

/// <summary>
/// The allowed values of a passenger, as numbers and as text for messages. Files, the prediction form, the API, the protocols, the
/// encoders and the statistics use these limits. The check constraints of the database repeat them as numbers of a migration.
/// </summary>
public static class PassengerLimits
{
    public const int MinimumPclass = 1;
    public const int MaximumPclass = 3;

    /// <summary>
    /// The minimum is 0; null means unknown. A change requires a migration of the check constraint <c>ck_passengers_age</c> and a new version
    /// of the view <c>titanic_binned</c>, whose last age group ends here: the digest of a stored view must not change.
    /// </summary>
    public const double MaximumAgeInYears = 120;

    /// <summary>The minimum is 0; null means unknown.</summary>
    public const double MaximumFareInPounds = 10_000;

    /// <summary>In Unicode code points, as PostgreSQL counts.</summary>
    public const int MaximumNameLength = 200;

    /// <inheritdoc cref="MaximumNameLength"/>
    public const int MaximumPersonLength = 100;

    /// <inheritdoc cref="MaximumNameLength"/>
    public const int MaximumTicketLength = 50;

    /// <inheritdoc cref="MaximumNameLength"/>
    public const int MaximumCabinLength = 50;

    /// <summary>Maximum length of a passenger key and of a source name.</summary>
    public const int MaximumKeyLength = 100;

    public const string AllowedPclass = "1, 2 or 3";
    public const string AllowedSex = "male or female";

    /// <summary>A missing value of a form field, a cell or another text, for <see cref="InvalidAge"/>.</summary>
    internal const string Empty = "empty";

    /// <summary>A missing value of a JSON document or a tensor.</summary>
    internal const string Omitted = "omitted";

    /// <summary>The error text for an age.</summary>
    /// <param name="seen">The value, as it appears in the text.</param>
    /// <param name="missing">How a missing value is written, for example <see cref="Empty"/>.</param>
    public static string InvalidAge(string seen, string missing) => $"The age is {seen}; it must be {AllowedAge(missing)}.";

    /// <summary>The error text for a fare.</summary>
    /// <inheritdoc cref="InvalidAge"/>
    public static string InvalidFare(string seen, string missing) => $"The fare is {seen}; it must be {AllowedFare(missing)}.";

    /// <inheritdoc cref="InvalidAge"/>
    internal static string AllowedAge(string missing) => OptionalNumber(MaximumAgeInYears, "years", missing);

    /// <inheritdoc cref="InvalidAge"/>
    internal static string AllowedFare(string missing) => OptionalNumber(MaximumFareInPounds, "pounds", missing);

    /// <summary>1, 2, 3.</summary>
    public static IReadOnlyList<int> Pclasses { get; } = [.. Enumerable.Range(MinimumPclass, MaximumPclass - MinimumPclass + 1)];

    public static bool IsValidPclass(int? pclass) => pclass is >= MinimumPclass and <= MaximumPclass;

    /// <summary>True for null and 0 to 120 years; false for NaN.</summary>
    public static bool IsValidAge(double? years) => years is null or (>= 0 and <= MaximumAgeInYears);

    /// <summary>True for null and 0 to 10,000 pounds; false for NaN.</summary>
    public static bool IsValidFare(double? pounds) => pounds is null or (>= 0 and <= MaximumFareInPounds);

    /// <exception cref="ArgumentOutOfRangeException">A value is out of range; the message states the allowed values.</exception>
    public static void ThrowIfInvalid(int pclass, Sex sex, double? ageInYears, double? fareInPounds)
    {
        if (!IsValidPclass(pclass))
            throw new ArgumentOutOfRangeException(
                nameof(pclass), pclass, FormattableString.Invariant($"The class is {pclass}; it must be {AllowedPclass}."));
        if (sex is not (Sex.Male or Sex.Female))
            throw new ArgumentOutOfRangeException(
                nameof(sex), sex, FormattableString.Invariant($"The sex is {(int)sex}; it must be {AllowedSex}."));
        if (!IsValidAge(ageInYears))
            throw new ArgumentOutOfRangeException(
                nameof(ageInYears), ageInYears, InvalidAge(FormattableString.Invariant($"{ageInYears}"), Omitted));
        if (!IsValidFare(fareInPounds))
            throw new ArgumentOutOfRangeException(
                nameof(fareInPounds), fareInPounds, InvalidFare(FormattableString.Invariant($"{fareInPounds}"), Omitted));
    }

    private static string OptionalNumber(double maximum, string unit, string missing) => string.Create(
        CultureInfo.InvariantCulture, $"a plain number between 0 and {maximum:#,##0} {unit}, such as 29 or 0.75, or {missing} if unknown");
}
