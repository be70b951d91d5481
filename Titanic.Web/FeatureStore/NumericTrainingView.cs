using System.Buffers.Binary;
using Npgsql;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary><c>titanic_numeric</c> v1: raw values are encoded as they are read; a point is its four little-endian doubles.</summary>
internal sealed class NumericTrainingView : ITrainingView
{
    public FeatureViewSchema Schema => NumericEncoder.Schema;

    public double[] Encode(int pclass, Sex sex, double? ageInYears, double? fareInPounds) =>
        NumericEncoder.Encode(pclass, sex, ageInYears, fareInPounds).Features;

    public string Columns => "p.pclass, p.sex, p.age, p.fare";

    public double[] ReadPoint(NpgsqlDataReader row, int first) => Encode(
        row.GetInt16(first), SexWord.Read(row.GetString(first + 1)), NumberOrNull(row, first + 2), NumberOrNull(row, first + 3));

    public int PointLength => 4 * sizeof(double);

    public void WritePoint(ReadOnlySpan<double> features, Span<byte> bytes)
    {
        for (var feature = 0; feature < features.Length; feature++)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes[(feature * sizeof(double))..], features[feature]);
    }

    private static double? NumberOrNull(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
}
