using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// The one encoder of the feature view <c>titanic_numeric</c> v1: class, sex, age in years and the logarithm of the fare, with medians
/// of the historical list for what is missing. Standardisation is learned in training.
/// </summary>
public static class NumericEncoder
{
    public const string ViewName = "titanic_numeric";
    public const int ViewVersion = 1;

    /// <summary>Stored in every model's bytes: a model only answers points of the encoder that it learned from.</summary>
    public const string Id = "titanic_numeric/1";

    /// <summary>What a missing age counts as: the median of the historical list.</summary>
    public const double MissingAgeInYears = 28;

    /// <summary>What a missing fare counts as, in pounds: the same as in the binned view.</summary>
    public const double MissingFareInPounds = BinnedEncoder.MissingFareInPounds;

    /// <summary>
    /// The logarithm is rounded to this many decimals: mathematical libraries differ in the last bit, and a dataset must give the same
    /// bytes on every machine.
    /// </summary>
    public const int LogFareDecimals = 9;

    public static FeatureViewSchema Schema { get; } = new(
        ViewName, ViewVersion, Id,
        [
            new("pclass", ViewFeature.Integer),
            new("sex", ViewFeature.Integer),
            new("age", ViewFeature.Double),
            new("log_fare", ViewFeature.Double),
        ],
        [
            $"sex: male = {(int)Sex.Male}, female = {(int)Sex.Female}",
            FormattableString.Invariant($"age: unknown counts as {MissingAgeInYears} years"),
            FormattableString.Invariant($"log_fare: ln(1 + pounds), {LogFareDecimals} decimals; unknown counts as {MissingFareInPounds} pounds"),
        ]);

    /// <summary>The four values of a passenger within <see cref="PassengerLimits"/>.</summary>
    /// <param name="ageInYears">In years, or null (counts as <see cref="MissingAgeInYears"/>).</param>
    /// <param name="fareInPounds">In pounds, or null (counts as <see cref="MissingFareInPounds"/>).</param>
    public static NumericPoint Encode(int pclass, Sex sex, double? ageInYears, double? fareInPounds)
    {
        PassengerLimits.Require(pclass, sex, ageInYears, fareInPounds);
        return new NumericPoint(
            pclass, sex, ageInYears ?? MissingAgeInYears, Math.Round(Math.Log(1 + (fareInPounds ?? MissingFareInPounds)), LogFareDecimals));
    }
}

/// <summary>An input of the feature view <c>titanic_numeric</c> v1.</summary>
/// <param name="LogFare">Natural logarithm of 1 + the fare in pounds.</param>
public readonly record struct NumericPoint(int Pclass, Sex Sex, double AgeInYears, double LogFare)
{
    /// <summary>The values in the view's order: what the model measures distances between.</summary>
    public double[] Features => [Pclass, (double)Sex, AgeInYears, LogFare];
}
