using FsCheck;
using FsCheck.Fluent;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>Enough random points for a tree of several levels, generated from a seed so that a failure is reported in one line.</summary>
/// <param name="Kind">Whole numbers on a coarse grid (many ties), hundredths (not exact as Single), or Singles.</param>
/// <param name="Spread">Number of different values per feature of a grid.</param>
/// <param name="MaximumRowsPerPoint">Maximum number of rows per point.</param>
public sealed record LargeKnnSample(int Seed, int Points, int Dimensions, ValueKind Kind, int Spread, int MaximumRowsPerPoint, KnnOptions Options)
{
    public const int Queries = 20;

    /// <summary>For <c>[Property(Arbitrary = [typeof(LargeKnnSample)])]</c>.</summary>
    public static Arbitrary<LargeKnnSample> Samples() => Arb.From(
        from seed in Gen.Choose(0, int.MaxValue)
        from points in Gen.Frequency((4, Gen.Choose(2, 300)), (1, Gen.Choose(301, 3000)))
        from dimensions in Gen.Frequency((5, Gen.Choose(1, 6)), (1, Gen.Choose(7, 16)))
        from kind in Gen.Elements(Enum.GetValues<ValueKind>())
        from spread in Gen.Choose(2, 12)
        from mostRows in Gen.Choose(1, 4)
        from k in Gen.Frequency((3, Gen.Choose(1, 15)), (1, Gen.Choose(16, 400)))
        from metric in Gen.Elements(Enum.GetValues<DistanceMetric>())
        from weights in Gen.Elements(Enum.GetValues<NeighborWeights>())
        select new LargeKnnSample(seed, points, dimensions, kind, spread, mostRows, new KnnOptions(Math.Min(k, points), metric, weights)));

    public (KnnModel Model, double[][] Queries) Fit()
    {
        var random = new SeededRandom((ulong)Seed);
        var rows = Enumerable.Range(0, Points)
            .Select(row => new WeightedSample(Point(random), row == 0 || (row > 1 && random.Next(2) == 0), 1 + random.Next(MaximumRowsPerPoint))).ToArray();
        var model = new KnnTrainer(Options, "test/1").Fit(WeightedSamples.FromRows([.. Enumerable.Range(0, Dimensions).Select(feature => $"f{feature}")], rows));
        double[][] queries = [.. Enumerable.Range(0, Queries).Select(query => query % 2 == 0 ? Point(random) : rows[random.Next(rows.Length)].Point)];
        return (model, queries);
    }

    private double[] Point(SeededRandom random) => [.. Enumerable.Range(0, Dimensions).Select(_ => Kind switch
    {
        ValueKind.WholeNumbers => random.Next(Spread),
        ValueKind.Hundredths => random.Next(100) / 100.0,
        _ => (float)random.NextDouble(),
    })];
}

public enum ValueKind
{
    WholeNumbers,
    Hundredths,
    Singles,
}
