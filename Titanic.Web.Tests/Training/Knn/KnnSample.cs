using FsCheck;
using FsCheck.Fluent;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>Random rows on a coarse grid, so that equal points and tied distances are frequent; both outcomes occur.</summary>
public sealed record KnnSample(WeightedSample[] Rows, KnnOptions Options, double[] Query)
{
    public string[] FeatureNames => [.. Query.Select((_, feature) => $"f{feature}")];

    public KnnModel Fit() => Fit(Rows);

    public KnnModel Fit(IEnumerable<WeightedSample> rows) =>
        new KnnTrainer(Options, "test/1").Fit(WeightedSamples.FromRows(FeatureNames, rows));

    public override string ToString() => $"{Options}, query ({string.Join(", ", Query)}), rows "
        + string.Join("; ", Rows.Select(row => $"({string.Join(", ", row.Point)}) {(row.Survived ? "survived" : "died")}"));

    /// <summary>For <c>[Property(Arbitrary = [typeof(KnnSample)])]</c>.</summary>
    public static Arbitrary<KnnSample> Samples() => Arb.From(
        from width in Gen.Choose(1, 4)
        from count in Gen.Choose(2, 40)
        from points in Point(width).ArrayOf(count)
        from outcomes in Gen.Choose(0, 1).ArrayOf(count)
        from k in Gen.Choose(1, count)
        from metric in Gen.Elements(DistanceMetric.Manhattan, DistanceMetric.Euclidean)
        from weights in Gen.Elements(NeighborWeights.Uniform, NeighborWeights.Distance)
        from query in Point(width)
        select new KnnSample(
            [.. points.Select((point, row) => new WeightedSample(point, row switch { 0 => false, 1 => true, _ => outcomes[row] == 1 }))],
            new KnnOptions(k, metric, weights),
            query));

    private static Gen<double[]> Point(int width) => Gen.Choose(-2, 3).Select(code => (double)code).ArrayOf(width);
}
