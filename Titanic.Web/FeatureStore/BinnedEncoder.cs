using System.Buffers.Binary;
using Npgsql;
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

/// <summary>One of the 396 possible inputs of the feature view <c>titanic_binned</c> v1.</summary>
/// <param name="Pclass">1..3</param>
/// <param name="AgeGroup">0..5, see <see cref="BinnedEncoder.AgeGroups"/>.</param>
/// <param name="FareBand">0..10, see <see cref="BinnedEncoder.FareBands"/>.</param>
public readonly record struct BinnedPoint(int Pclass, Sex Sex, int AgeGroup, int FareBand)
{
    /// <summary>How many points the view has: 3 classes × 2 sexes × 6 age groups × 11 fare bands.</summary>
    public const int Count = 3 * 2 * 6 * 11;

    /// <summary>The point's place 0..395 in the view's canonical order; stored with every row, so it must never change.</summary>
    public short Code => (short)((((Pclass - 1) * 2 + (int)Sex) * 6 + AgeGroup) * 11 + FareBand);

    /// <summary>The four codes in the view's order: what the model measures distances between.</summary>
    public double[] Features => [Pclass, (double)Sex, AgeGroup, FareBand];

    /// <param name="features">As <see cref="Features"/> gives them.</param>
    public static BinnedPoint FromFeatures(ReadOnlySpan<double> features) =>
        new((int)features[0], (Sex)(int)features[1], (int)features[2], (int)features[3]);

    public static BinnedPoint FromCode(int code)
    {
        if (code is < 0 or >= Count)
            throw new ArgumentOutOfRangeException(nameof(code), code, $"A code of {BinnedEncoder.Id} is 0..{Count - 1}.");
        return new BinnedPoint(code / 132 + 1, (Sex)(code / 66 % 2), code / 11 % 6, code % 11);
    }
}

/// <summary><c>titanic_binned</c> v1: rows were encoded when they came in; a point is its code, a little-endian int16.</summary>
internal sealed class BinnedTrainingView : ITrainingView
{
    private const double YearStep = 1, PoundStep = 0.01;

    public FeatureViewSchema Schema => BinnedEncoder.Schema;

    public double[] Encode(int pclass, Sex sex, double? ageInYears, double? fareInPounds) =>
        BinnedEncoder.Encode(pclass, sex, ageInYears, fareInPounds).Features;

    public IReadOnlyList<double[]>? AllPoints { get; } = [.. Enumerable.Range(0, BinnedPoint.Count).Select(code => BinnedPoint.FromCode(code).Features)];

    public short? CodeOf(ReadOnlySpan<double> features) => BinnedPoint.FromFeatures(features).Code;

    public short? CodeOf(int pclass, Sex sex, double? ageInYears, double? fareInPounds) => BinnedEncoder.Encode(pclass, sex, ageInYears, fareInPounds).Code;

    public bool IsPoint(ReadOnlySpan<double> features) =>
        BinnedPoint.FromFeatures(features).Code is >= 0 and < BinnedPoint.Count and var code && features.SequenceEqual(BinnedPoint.FromCode(code).Features);

    public IReadOnlyList<FeatureAxis> Axes { get; } =
    [
        FeatureAxis.Classes,
        FeatureAxis.Sexes,
        new("age_group", "age", [.. BinnedEncoder.AgeGroups.Select((group, code) => group.UpTo is null
            ? new AxisValue(code, group.Name, "their age had not been known", null, null)
            : Value(code, group, YearStep, group.Name, $"they had been {Range(group, "")} years old"))]),
        new("fare_band", "fare", [.. BinnedEncoder.FareBands.Select((band, code) =>
            Value(code, band, PoundStep, band.Name, $"the ticket had cost {Range(band, "£")}"))]),
    ];

    public string NameOf(int feature, double code) => Axes[feature].Find(code)!.Name;

    public string Columns => "p.titanic_binned_v1";

    public double[] ReadPoint(NpgsqlDataReader row, int first) => BinnedPoint.FromCode(row.GetInt16(first)).Features;

    public int PointLength => sizeof(short);

    public void WritePoint(ReadOnlySpan<double> features, Span<byte> bytes) =>
        BinaryPrimitives.WriteInt16LittleEndian(bytes, BinnedPoint.FromFeatures(features).Code);

    private static AxisValue Value(int code, Bin bin, double step, string name, string clause) =>
        new(code, name, clause, bin.Over == 0 ? 0 : Math.Round(bin.Over!.Value + step, 2), bin.UpTo);

    private static string Range(Bin bin, string unit) => bin switch
    {
        { Over: 0 } => FormattableString.Invariant($"up to {unit}{bin.UpTo}"),
        { UpTo: null } => FormattableString.Invariant($"over {unit}{bin.Over}"),
        _ => FormattableString.Invariant($"over {unit}{bin.Over} and up to {unit}{bin.UpTo}"),
    };
}
