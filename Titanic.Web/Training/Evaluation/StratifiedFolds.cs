using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Titanic.Web.Passengers;

namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// A random deal of all rows into folds in which each outcome has its share, as counts per distinct point: equal rows are
/// interchangeable, so nothing needs to be known of a row but its point and its outcome. Every deal of the rows is equally likely,
/// as if a shuffled deck had been dealt, but no row is touched: the time grows with distinct points times folds.
/// </summary>
internal sealed class StratifiedFolds
{
    private readonly LabelledPoints _points;
    private readonly int[][] _negatives;
    private readonly int[][] _positives;

    private StratifiedFolds(LabelledPoints points, int folds)
    {
        _points = points;
        _negatives = [.. Enumerable.Range(0, folds).Select(_ => new int[points.Count])];
        _positives = [.. Enumerable.Range(0, folds).Select(_ => new int[points.Count])];
    }

    public static StratifiedFolds Deal(LabelledPoints points, int folds, SeededRandom random)
    {
        var dealt = new StratifiedFolds(points, folds);
        DealOutcome(points.Negatives, points.DiedRows, dealt._negatives, firstFold: 0, random);
        // The survivors go on where the victims ended, so that the folds' sizes differ by one row at most.
        DealOutcome(points.Positives, points.SurvivedRows, dealt._positives, firstFold: points.DiedRows % folds, random);
        return dealt;
    }

    public LabelledPoints Testing(int fold) => _points.WithCounts(_negatives[fold], _positives[fold]);

    public LabelledPoints Training(int fold) =>
        _points.WithCounts(Rest(_points.Negatives, _negatives[fold]), Rest(_points.Positives, _positives[fold]));

    /// <summary>SHA-256 of the points and of who stands in which fold: equal for the same folds of the same rows, and for no others.</summary>
    public byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(_points.Codes));
        foreach (var counts in _negatives.Concat(_positives))
            hash.AppendData(MemoryMarshal.AsBytes(counts.AsSpan()));
        return hash.GetHashAndReset();
    }

    /// <summary>
    /// A multivariate hypergeometric draw per point: of the places that the folds still have, the point's rows take some, blindly. Each
    /// fold's share is drawn given what the folds before it took.
    /// </summary>
    private static void DealOutcome(ReadOnlySpan<int> counts, int rows, int[][] folds, int firstFold, SeededRandom random)
    {
        var places = new int[folds.Length];
        for (var fold = 0; fold < folds.Length; fold++)
            places[(firstFold + fold) % folds.Length] = rows / folds.Length + (fold < rows % folds.Length ? 1 : 0);
        for (var point = 0; point < counts.Length; point++)
        {
            var (left, placesInLaterFolds) = (counts[point], rows);
            for (var fold = 0; fold < folds.Length && left > 0; fold++)
            {
                placesInLaterFolds -= places[fold];
                var taken = Hypergeometric.Draw(left, places[fold], placesInLaterFolds, random);
                folds[fold][point] = taken;
                places[fold] -= taken;
                left -= taken;
            }
            rows -= counts[point];
        }
    }

    private static int[] Rest(ReadOnlySpan<int> all, int[] taken)
    {
        var rest = all.ToArray();
        for (var point = 0; point < rest.Length; point++)
            rest[point] -= taken[point];
        return rest;
    }
}
