using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>What every encoder of the feature group accepts.</summary>
internal static class EncoderInput
{
    /// <exception cref="ArgumentOutOfRangeException">A value that nobody can have; NaN is one.</exception>
    public static void Require(int pclass, Sex sex, double? ageInYears, double? fareInPounds)
    {
        if (pclass is < 1 or > 3)
            throw new ArgumentOutOfRangeException(nameof(pclass), pclass, "A class is 1, 2 or 3.");
        if (sex is not (Sex.Male or Sex.Female))
            throw new ArgumentOutOfRangeException(nameof(sex), sex, "The sex is male or female.");
        if (ageInYears is not (null or (>= 0 and <= PassengerRules.MaximumAgeInYears)))
            throw new ArgumentOutOfRangeException(nameof(ageInYears), ageInYears, "An age is 0 to 120 years, or unknown.");
        if (fareInPounds is not (null or (>= 0 and <= double.MaxValue)))
            throw new ArgumentOutOfRangeException(nameof(fareInPounds), fareInPounds, "A fare is 0 pounds or more, or unknown.");
    }
}
