using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// The one encoder of the feature view <c>titanic_binned</c> v1: ingestion, training, batch, page and API all pass through
/// <c>Encode</c>, and labels and limits on pages come from the bins here. No bin edge stands anywhere else.
/// </summary>
public static class BinnedEncoder
{
    public const string ViewName = "titanic_binned";
    public const int ViewVersion = 1;

    /// <summary>Stored in every model's bytes: a model only answers points of the encoder that it learned from.</summary>
    public const string Id = "titanic_binned/1";

    /// <summary>What a missing fare counts as: the median of the historical list, in pounds.</summary>
    public const double MissingFareInPounds = 14.4542;

    public static IReadOnlyList<string> FeatureNames { get; } = ["pclass", "sex", "age_group", "fare_band"];

    /// <summary>Age groups by code; each ends with its upper edge (years, inclusive) and starts behind the one before.</summary>
    public static IReadOnlyList<Bin> AgeGroups { get; } =
    [
        new("Unknown", null, null),
        new("Child", 0, 12),
        new("Teenager", 12, 18),
        new("Young adult", 18, 35),
        new("Adult", 35, 60),
        new("Senior", 60, PassengerLimits.MaximumAgeInYears),
    ];

    /// <summary>Fare bands by code; upper edges in pounds, inclusive; the last is open.</summary>
    public static IReadOnlyList<Bin> FareBands { get; } = BandsUpTo(10, 25, 50, 75, 100, 125, 150, 200, 250, 300);

    /// <summary>What is hashed, stored with the view, and pinned by a test: another bin edge is another schema, and needs a new version.</summary>
    public static FeatureViewSchema Schema { get; } = new(
        ViewName, ViewVersion, Id,
        [.. FeatureNames.Select(name => new ViewFeature(name, ViewFeature.Integer))],
        [
            $"sex: male = {(int)Sex.Male}, female = {(int)Sex.Female}",
            $"age_group: unknown = 0, upper edges in years = {FeatureViewSchema.List(AgeGroups.Skip(1).Select(group => group.UpTo))}",
            $"fare_band: upper edges in pounds = {FeatureViewSchema.List(FareBands.Select(band => band.UpTo))}",
            FormattableString.Invariant($"fare_band: unknown counts as {MissingFareInPounds} pounds"),
        ]);

    /// <summary>The four codes of a passenger within <see cref="PassengerLimits"/>.</summary>
    /// <param name="ageInYears">In years, or null (unknown).</param>
    /// <param name="fareInPounds">In pounds, or null (counts as <see cref="MissingFareInPounds"/>).</param>
    public static BinnedPoint Encode(int pclass, Sex sex, double? ageInYears, double? fareInPounds)
    {
        PassengerLimits.Require(pclass, sex, ageInYears, fareInPounds);
        return new BinnedPoint(
            pclass, sex,
            ageInYears is { } years ? IndexOf(AgeGroups, years, first: 1) : 0,
            IndexOf(FareBands, fareInPounds ?? MissingFareInPounds, first: 0));
    }

    public static BinnedPoint Encode(Passenger passenger) =>
        Encode(passenger.Pclass, passenger.Sex, passenger.AgeInYears, passenger.FareInPounds);

    private static int IndexOf(IReadOnlyList<Bin> bins, double value, int first)
    {
        var code = first;
        while (bins[code].UpTo is { } edge && value > edge)
            code++;
        return code;
    }

    private static Bin[] BandsUpTo(params double[] edges) =>
    [
        .. edges.Select((edge, i) => new Bin(i == 0 ? $"up to £{edge}" : $"over £{edges[i - 1]} to £{edge}", i == 0 ? 0 : edges[i - 1], edge)),
        new($"over £{edges[^1]}", edges[^1], null),
    ];
}

/// <summary>One bin of a feature.</summary>
/// <param name="Over">Exclusive lower edge (the first bin includes it); null where values are missing.</param>
/// <param name="UpTo">Inclusive upper edge; null for an open bin or for missing values.</param>
public sealed record Bin(string Name, double? Over, double? UpTo);
