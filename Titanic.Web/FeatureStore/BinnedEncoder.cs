using System.Buffers.Binary;
using Npgsql;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// The encoder of the feature view <c>titanic_binned</c> v1: class, sex, age group and fare band as integer codes; 396 possible inputs.
/// Ingestion, training, batch prediction, pages and the API all use it; the bin edges are defined only here.
/// </summary>
public static class BinnedEncoder
{
    public const string ViewName = "titanic_binned";
    public const int ViewVersion = 1;

    /// <summary>Identifier of the encoder. It is stored in the bytes of a model, which accepts points of its own encoder only.</summary>
    public const string Id = "titanic_binned/1";

    /// <summary>Replacement of a missing fare, in pounds: the median of the bundled dataset.</summary>
    public const double MissingFareInPounds = 14.4542;

    /// <summary>The four features in the order of the feature vector.</summary>
    public static IReadOnlyList<string> FeatureNames { get; } = ["pclass", "sex", "age_group", "fare_band"];

    /// <summary>
    /// The 6 age groups by code 0..5, edges in years. Code 0 is a missing age. A group includes its upper edge and excludes its lower
    /// edge; group 1 includes 0.
    /// </summary>
    public static IReadOnlyList<Bin> AgeGroups { get; } =
    [
        new("Unknown", null, null),
        new("Child", 0, 12),
        new("Teenager", 12, 18),
        new("Young adult", 18, 35),
        new("Adult", 35, 60),
        new("Senior", 60, PassengerLimits.MaximumAgeInYears),
    ];

    /// <summary>
    /// The 11 fare bands by code 0..10, edges in pounds. A band includes its upper edge and excludes its lower edge; band 0 includes 0,
    /// the last band has no upper edge.
    /// </summary>
    public static IReadOnlyList<Bin> FareBands { get; } = BandsWithEdges(10, 25, 50, 75, 100, 125, 150, 200, 250, 300);

    /// <summary>
    /// The schema of the view. Its digest is stored in the database and fixed by a test: changing a bin edge requires a new version of
    /// the view.
    /// </summary>
    public static FeatureViewSchema Schema { get; } = new(
        ViewName, ViewVersion, Id,
        [.. FeatureNames.Select(name => new ViewFeature(name, ViewFeature.Integer))],
        [
            $"sex: male = {(int)Sex.Male}, female = {(int)Sex.Female}",
            $"age_group: unknown = 0, upper edges in years = {FeatureViewSchema.FormatEdges(AgeGroups.Skip(1).Select(group => group.UpperEdge))}",
            $"fare_band: upper edges in pounds = {FeatureViewSchema.FormatEdges(FareBands.Select(band => band.UpperEdge))}",
            FormattableString.Invariant($"fare_band: unknown counts as {MissingFareInPounds} pounds"),
        ]);

    /// <summary>Encodes raw values.</summary>
    /// <param name="pclass">1, 2 or 3.</param>
    /// <param name="sex">Male or female.</param>
    /// <param name="ageInYears">0 to 120 years, or null, which has a group of its own.</param>
    /// <param name="fareInPounds">0 to 10,000 pounds, or null, which is replaced by <see cref="MissingFareInPounds"/>.</param>
    /// <returns>The four codes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range; see <see cref="PassengerLimits"/>.</exception>
    public static BinnedPoint Encode(int pclass, Sex sex, double? ageInYears, double? fareInPounds)
    {
        PassengerLimits.ThrowIfInvalid(pclass, sex, ageInYears, fareInPounds);
        return new BinnedPoint(
            pclass, sex,
            ageInYears is { } years ? IndexOf(AgeGroups, years, first: 1) : 0,
            IndexOf(FareBands, fareInPounds ?? MissingFareInPounds, first: 0));
    }

    /// <inheritdoc cref="Encode(int, Sex, double?, double?)"/>
    public static BinnedPoint Encode(Passenger passenger) =>
        Encode(passenger.Pclass, passenger.Sex, passenger.AgeInYears, passenger.FareInPounds);

    private static int IndexOf(IReadOnlyList<Bin> bins, double value, int first)
    {
        var code = first;
        while (bins[code].UpperEdge is { } edge && value > edge)
            code++;
        return code;
    }

    private static Bin[] BandsWithEdges(params double[] edges) =>
    [
        new($"up to {Format.Pounds(edges[0])}", 0, edges[0]),
        .. edges.Zip(edges.Skip(1), (lower, upper) => new Bin($"over {Format.Pounds(lower)} to {Format.Pounds(upper)}", lower, upper)),
        new($"over {Format.Pounds(edges[^1])}", edges[^1], null),
    ];
}

/// <summary>One bin of a feature.</summary>
/// <param name="Name">Display name.</param>
/// <param name="LowerEdge">Lower edge, exclusive (inclusive if 0); null for the bin of missing values.</param>
/// <param name="UpperEdge">Upper edge, inclusive; null for an open bin and for the bin of missing values.</param>
public sealed record Bin(string Name, double? LowerEdge, double? UpperEdge);

/// <summary>One of the 396 points of the feature view <c>titanic_binned</c> v1.</summary>
/// <param name="Pclass">1..3.</param>
/// <param name="Sex">0 (male) or 1 (female).</param>
/// <param name="AgeGroup">0..5, see <see cref="BinnedEncoder.AgeGroups"/>.</param>
/// <param name="FareBand">0..10, see <see cref="BinnedEncoder.FareBands"/>.</param>
public readonly record struct BinnedPoint(int Pclass, Sex Sex, int AgeGroup, int FareBand)
{
    /// <summary>The number of points: 3 classes × 2 sexes × 6 age groups × 11 fare bands = 396.</summary>
    public const int Count = 3 * 2 * 6 * 11;

    /// <summary>
    /// The index 0..395 in the canonical order (last feature fastest). It is stored with every row, so the order must not change.
    /// </summary>
    public short Code => (short)((((Pclass - 1) * 2 + (int)Sex) * 6 + AgeGroup) * 11 + FareBand);

    /// <summary>The feature vector, shape (4,): class, sex, age group, fare band. Models compute distances between these vectors.</summary>
    public double[] Features => [Pclass, (double)Sex, AgeGroup, FareBand];

    /// <summary>Converts a feature vector to a point. Values are truncated to integers and not validated.</summary>
    /// <param name="features">Shape (4,), in the order of <see cref="Features"/>.</param>
    public static BinnedPoint FromFeatures(ReadOnlySpan<double> features) =>
        new((int)features[0], (Sex)(int)features[1], (int)features[2], (int)features[3]);

    /// <summary>Returns the point with this <see cref="Code"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The code is not in 0..395.</exception>
    public static BinnedPoint FromCode(int code)
    {
        if (code is < 0 or >= Count)
            throw new ArgumentOutOfRangeException(
                nameof(code), code, ErrorText.OutOfRange($"The code of a {BinnedEncoder.Id} point", code, 0, Count - 1));
        return new BinnedPoint(code / 132 + 1, (Sex)(code / 66 % 2), code / 11 % 6, code % 11);
    }
}

/// <summary>
/// <c>titanic_binned</c> v1. Rows are encoded at ingestion. The canonical bytes of a point are its code, a little-endian int16.
/// </summary>
internal sealed class BinnedTrainingView : ITrainingView
{
    private const double YearStep = 1, PoundStep = 0.01;

    public FeatureViewSchema Schema => BinnedEncoder.Schema;

    public double[] Encode(int pclass, Sex sex, double? ageInYears, double? fareInPounds) =>
        BinnedEncoder.Encode(pclass, sex, ageInYears, fareInPounds).Features;

    public IReadOnlyList<double[]>? AllPoints { get; } = [.. Enumerable.Range(0, BinnedPoint.Count).Select(code => BinnedPoint.FromCode(code).Features)];

    public short? CodeOf(ReadOnlySpan<double> features) => BinnedPoint.FromFeatures(features).Code;

    public short? CodeOf(int pclass, Sex sex, double? ageInYears, double? fareInPounds) => BinnedEncoder.Encode(pclass, sex, ageInYears, fareInPounds).Code;

    public bool IsValidPoint(ReadOnlySpan<double> features) =>
        BinnedPoint.FromFeatures(features).Code is >= 0 and < BinnedPoint.Count and var code && features.SequenceEqual(BinnedPoint.FromCode(code).Features);

    public IReadOnlyList<FeatureAxis> Axes { get; } =
    [
        FeatureAxis.Pclass,
        FeatureAxis.Sex,
        new("age_group", "age", [.. BinnedEncoder.AgeGroups.Select((group, code) => group.UpperEdge is null
            ? new AxisValue(code, group.Name, "the age is unknown", null, null)
            : BinValue(code, group, YearStep, group.Name, $"the age is {RangeText(group, Format.Decimal)} years"))]),
        new("fare_band", "fare", [.. BinnedEncoder.FareBands.Select((band, code) =>
            BinValue(code, band, PoundStep, band.Name, $"the fare is {RangeText(band, Format.Pounds)}"))]),
    ];

    public string NameOf(int feature, double code) => Axes[feature].Find(code)!.Name;

    public string SqlColumns => "p.titanic_binned_v1";

    public double[] ReadPoint(NpgsqlDataReader row, int first) => BinnedPoint.FromCode(row.GetInt16(first)).Features;

    public int PointLength => sizeof(short);

    public void WritePoint(ReadOnlySpan<double> features, Span<byte> bytes) =>
        BinaryPrimitives.WriteInt16LittleEndian(bytes, BinnedPoint.FromFeatures(features).Code);

    private static AxisValue BinValue(int code, Bin bin, double step, string name, string clause) =>
        new(code, name, clause, bin.LowerEdge == 0 ? 0 : Math.Round(bin.LowerEdge!.Value + step, 2), bin.UpperEdge);

    private static string RangeText(Bin bin, Func<double?, string> format) => bin switch
    {
        { LowerEdge: 0 } => $"up to {format(bin.UpperEdge)}",
        { UpperEdge: null } => $"over {format(bin.LowerEdge)}",
        _ => $"over {format(bin.LowerEdge)} and up to {format(bin.UpperEdge)}",
    };
}
