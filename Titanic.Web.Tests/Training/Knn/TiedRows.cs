using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>
/// Rows on a grid of whole steps in which many distances are equal: all cyclic shifts of a few points. Every feature has the same values
/// and therefore the same deviation, so distances compare as the whole numbers Σ|a - b| and Σ(a - b)², without rounding.
/// </summary>
/// <param name="Rows">In steps of the grid.</param>
/// <param name="Query">In steps of the grid.</param>
/// <param name="Grid">How steps become values.</param>
internal sealed record TiedRows((int[] Point, bool Survived)[] Rows, int[] Query, Grid Grid)
{
    private const int ApproximateRows = 120;
    private const int Steps = 12;

    private (double Mean, double Deviation)? _scale;

    public static TiedRows Generate(int features, Grid grid, int seed)
    {
        var random = new SeededRandom((ulong)(seed * 100 + features));
        var points = Enumerable.Range(0, ApproximateRows / features).SelectMany(_ => Shifts(Point())).ToArray();
        return new TiedRows([.. points.Select((point, row) => (point, row == 0 || (row > 1 && random.Next(2) == 0)))], Point(), grid);

        int[] Point() => [.. Enumerable.Range(0, features).Select(_ => random.Next(Steps))];
    }

    private static IEnumerable<int[]> Shifts(int[] point) => point.Select((_, shift) => (int[])[.. point[shift..], .. point[..shift]]);

    /// <summary>The same rows in another order, with the features in another order.</summary>
    public TiedRows Permute(SeededRandom random, bool features)
    {
        int[] order = [.. Enumerable.Range(0, Query.Length)];
        if (features)
            random.Shuffle(order.AsSpan());
        var rows = Rows.Select(row => (Reorder(row.Point), row.Survived)).ToArray();
        random.Shuffle(rows.AsSpan());
        return new TiedRows(rows, Reorder(Query), Grid);

        int[] Reorder(int[] point) => [.. order.Select(feature => point[feature])];
    }

    public KnnModel Fit(KnnOptions options) => new KnnTrainer(options, "test/1").Fit(WeightedSamples.FromRows(
        [.. Query.Select((_, feature) => $"f{feature}")], Rows.Select(row => new WeightedSample(ToValues(row.Point), row.Survived))));

    public double[] QueryValues => ToValues(Query);

    private (double Mean, double Deviation) Scale => _scale ??= ComputeScale();

    private double[] ToValues(int[] point)
    {
        var (mean, deviation) = Scale;
        return [.. point.Select(step => Grid switch
        {
            Grid.WholeNumbers => step,
            Grid.Tenths => step / 10.0,
            Grid.LargeHundredths => 500 + step / 100.0,
            _ => (step - mean) / deviation,
        })];
    }

    /// <summary>Mean and standard deviation of every feature.</summary>
    private (double Mean, double Deviation) ComputeScale()
    {
        double[] values = [.. Rows.Select(row => (double)row.Point[0]).Order()];
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / values.Length));
    }

    /// <summary>The prediction by exact arithmetic: voting rows, and the vote by weights 1 or 1/distance.</summary>
    public ClassPrediction Expected(KnnOptions options)
    {
        var sums = Rows.Select(row => row.Point.Zip(Query, (a, b) => options.Metric == DistanceMetric.Manhattan ? Math.Abs(a - b) : (a - b) * (a - b)).Sum()).ToArray();
        var radius = sums.Order().ElementAt(options.K - 1);
        var isWeighted = options.Weights == NeighborWeights.Distance;
        if (isWeighted && sums.Min() == 0)
            (radius, isWeighted) = (0, false);
        var (votesFor, votesAgainst, survivors, neighbors) = (0.0, 0.0, 0, 0);
        foreach (var (row, sum) in Rows.Zip(sums).Where(row => row.Second <= radius))
        {
            var weight = isWeighted ? 1 / (options.Metric == DistanceMetric.Manhattan ? sum : Math.Sqrt(sum)) : 1;
            (votesFor, votesAgainst) = row.Survived ? (votesFor + weight, votesAgainst) : (votesFor, votesAgainst + weight);
            (survivors, neighbors) = (survivors + (row.Survived ? 1 : 0), neighbors + 1);
        }
        var share = votesFor / (votesFor + votesAgainst);
        return new ClassPrediction(share > 0.5 + 1e-12, ((isWeighted ? share * neighbors : survivors) + 1) / (neighbors + 2), survivors, neighbors);
    }
}

internal enum Grid
{
    WholeNumbers,

    /// <summary>Not exact in binary: 0.3 - 0.2 differs from 0.2 - 0.1.</summary>
    Tenths,

    /// <summary>As <see cref="Tenths"/>, with values much larger than their differences.</summary>
    LargeHundredths,

    /// <summary>Whole numbers that were standardized before the fit.</summary>
    Standardized,
}
