using System.Buffers.Binary;
using Npgsql;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

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
