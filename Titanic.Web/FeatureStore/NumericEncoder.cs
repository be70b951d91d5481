using System.Buffers.Binary;
using Npgsql;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// The encoder of the feature view <c>titanic_numeric</c> v1: class, sex, age in years and ln(1 + fare in pounds). Missing values are
/// replaced by the medians of the bundled dataset. Values are not scaled; training fits the standardization.
/// </summary>
public static class NumericEncoder
{
    public const string ViewName = "titanic_numeric";
    public const int ViewVersion = 1;

    /// <summary>Identifier of the encoder. It is stored in the bytes of a model, which accepts points of its own encoder only.</summary>
    public const string Id = "titanic_numeric/1";

    /// <summary>Replacement of a missing age, in years: the median of the bundled dataset.</summary>
    public const double MissingAgeInYears = 28;

    /// <summary>Replacement of a missing fare, in pounds: the same as in the binned view.</summary>
    public const double MissingFareInPounds = BinnedEncoder.MissingFareInPounds;

    /// <summary>
    /// Number of decimals of the logarithm. Mathematical libraries differ in the last bit, and a dataset must have the same bytes on every
    /// machine.
    /// </summary>
    public const int LogFareDecimals = 9;

    /// <summary>The schema of the view. Its digest is stored in the database; a change requires a new version of the view.</summary>
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

    /// <summary>Encodes raw values.</summary>
    /// <param name="pclass">1, 2 or 3.</param>
    /// <param name="sex">Male or female.</param>
    /// <param name="ageInYears">0 to 120 years, or null, which is replaced by <see cref="MissingAgeInYears"/>.</param>
    /// <param name="fareInPounds">0 to 10,000 pounds, or null, which is replaced by <see cref="MissingFareInPounds"/>.</param>
    /// <returns>The four encoded values.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range; see <see cref="PassengerLimits"/>.</exception>
    public static NumericPoint Encode(int pclass, Sex sex, double? ageInYears, double? fareInPounds)
    {
        PassengerLimits.ThrowIfInvalid(pclass, sex, ageInYears, fareInPounds);
        return new NumericPoint(
            pclass, sex, ageInYears ?? MissingAgeInYears, Math.Round(Math.Log(1 + (fareInPounds ?? MissingFareInPounds)), LogFareDecimals));
    }
}

/// <summary>One point of the feature view <c>titanic_numeric</c> v1.</summary>
/// <param name="Pclass">1..3.</param>
/// <param name="Sex">0 (male) or 1 (female).</param>
/// <param name="AgeInYears">0 to 120.</param>
/// <param name="LogFare">ln(1 + fare in pounds), rounded to 9 decimals: 0 to 9.210440367.</param>
public readonly record struct NumericPoint(int Pclass, Sex Sex, double AgeInYears, double LogFare)
{
    /// <summary>The feature vector, shape (4,): class, sex, age, log fare. Models compute distances between these vectors.</summary>
    public double[] Features => [Pclass, (double)Sex, AgeInYears, LogFare];
}

/// <summary>
/// <c>titanic_numeric</c> v1. Raw values are encoded when rows are read. The canonical bytes of a point are four little-endian doubles.
/// </summary>
internal sealed class NumericTrainingView : ITrainingView
{
    /// <summary>0 to 80 years (the oldest passenger) in steps of five.</summary>
    private static readonly double[] _ages = [.. Enumerable.Range(0, 17).Select(fives => fives * 5.0)];

    /// <summary>In pounds; denser for low fares, because half of the fares are below 15 pounds.</summary>
    private static readonly double[] _fares = [0, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250, 300, 500];

    public FeatureViewSchema Schema => NumericEncoder.Schema;

    public double[] Encode(int pclass, Sex sex, double? ageInYears, double? fareInPounds) =>
        NumericEncoder.Encode(pclass, sex, ageInYears, fareInPounds).Features;

    public IReadOnlyList<double[]>? AllPoints => null;

    public short? CodeOf(ReadOnlySpan<double> features) => null;

    public short? CodeOf(int pclass, Sex sex, double? ageInYears, double? fareInPounds) => null;

    public bool IsValidPoint(ReadOnlySpan<double> features) => features is
        [1 or 2 or 3, (double)Sex.Male or (double)Sex.Female, >= 0 and <= PassengerLimits.MaximumAgeInYears, >= 0 and < double.PositiveInfinity and var logFare]
        && Math.Round(logFare, NumericEncoder.LogFareDecimals).Equals(logFare);

    public IReadOnlyList<FeatureAxis> Axes { get; } =
    [
        FeatureAxis.Pclass,
        FeatureAxis.Sex,
        new("age", "age", [.. _ages.Select(years => SingleValue(
            NumericEncoder.Encode(1, Sex.Male, years, null).AgeInYears, years, Format.Age(years),
            $"the age is {Format.Age(years)}"))]),
        new("log_fare", "fare", [.. _fares.Select(pounds => SingleValue(
            NumericEncoder.Encode(1, Sex.Male, null, pounds).LogFare, pounds, Format.Pounds(pounds),
            $"the fare is {Format.Pounds(pounds)}"))]),
    ];

    public string NameOf(int feature, double code) => feature switch
    {
        2 => Format.Age(code),
        3 => Format.Pounds(Math.Round(Math.Exp(code) - 1, 2)),
        _ => Axes[feature].Find(code)!.Name,
    };

    public string SqlColumns => "p.pclass, p.sex, p.age, p.fare";

    public double[] ReadPoint(NpgsqlDataReader row, int first) => Encode(
        row.GetInt16(first), SexConverter.Parse(row.GetString(first + 1)), NumberOrNull(row, first + 2), NumberOrNull(row, first + 3));

    public int PointLength => 4 * sizeof(double);

    public void WritePoint(ReadOnlySpan<double> features, Span<byte> bytes)
    {
        for (var feature = 0; feature < features.Length; feature++)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes[(feature * sizeof(double))..], features[feature]);
    }

    private static AxisValue SingleValue(double code, double raw, string name, string clause) => new(code, name, clause, raw, raw);

    private static double? NumberOrNull(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
}
