using FsCheck;
using FsCheck.Fluent;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training;

/// <summary>Random rows of the finite view with random options and a query.</summary>
public sealed record BinnedSample(WeightedSample[] Rows, KnnOptions Options, double[] Query)
{
    public KnnModel Fit() => new KnnTrainer(Options, BinnedEncoder.Id).Fit(WeightedSamples.FromRows(BinnedEncoder.FeatureNames, Rows));

    public override string ToString() => $"{Options}, query ({string.Join(", ", Query)}), rows "
        + string.Join("; ", Rows.Select(row => $"({string.Join(", ", row.Point)}) {row.Rows} {(row.Survived ? "survived" : "died")}"));

    /// <summary>For <c>[Property(Arbitrary = [typeof(BinnedSample)])]</c>.</summary>
    public static Arbitrary<BinnedSample> Samples() => Arb.From(
        from count in Gen.Choose(2, 60)
        from points in Point.ArrayOf(count)
        from outcomes in Gen.Choose(0, 1).ArrayOf(count)
        from rows in Gen.Choose(1, 4).ArrayOf(count)
        from k in Gen.Choose(1, count)
        from metric in Gen.Elements(DistanceMetric.Manhattan, DistanceMetric.Euclidean)
        from weights in Gen.Elements(NeighborWeights.Uniform, NeighborWeights.Distance)
        from query in Point
        select new BinnedSample(
            [.. points.Select((point, row) => new WeightedSample(point, row switch { 0 => false, 1 => true, _ => outcomes[row] == 1 }, rows[row]))],
            new KnnOptions(k, metric, weights), query));

    private static Gen<double[]> Point => Gen.Choose(0, BinnedPoint.Count - 1).Select(code => BinnedPoint.FromCode(code).Features);
}
