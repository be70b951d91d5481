using System.Buffers.Binary;
using Npgsql;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary><c>titanic_binned</c> v1: rows were encoded when they came in; a point is its code, a little-endian int16.</summary>
internal sealed class BinnedTrainingView : ITrainingView
{
    public FeatureViewSchema Schema => BinnedEncoder.Schema;

    public double[] Encode(int pclass, Sex sex, double? ageInYears, double? fareInPounds) =>
        BinnedEncoder.Encode(pclass, sex, ageInYears, fareInPounds).Features;

    public string Columns => "p.titanic_binned_v1";

    public double[] ReadPoint(NpgsqlDataReader row, int first) => BinnedPoint.FromCode(row.GetInt16(first)).Features;

    public int PointLength => sizeof(short);

    public void WritePoint(ReadOnlySpan<double> features, Span<byte> bytes) =>
        BinaryPrimitives.WriteInt16LittleEndian(bytes, BinnedPoint.FromFeatures(features).Code);
}
