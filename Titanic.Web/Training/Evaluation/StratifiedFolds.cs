using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Titanic.Web.Passengers;

namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// A random, stratified k-fold split by groups: every fold has the same share of both outcomes, to within one row, and the rows of a group
/// (<see cref="WeightedSamples.Groups"/>) are in the same fold, even if their number exceeds its share. The folds are stored as counts per
/// distinct point, because equal rows are interchangeable. All splits of the rows without a group are equally likely, as after a shuffle,
/// but the time grows with distinct points x folds instead of rows.
/// </summary>
internal sealed class StratifiedFolds
{
    private readonly WeightedSamples _points;
    private readonly int[][] _negatives;
    private readonly int[][] _positives;
    private readonly int[] _foldOfGroup;

    private StratifiedFolds(WeightedSamples points, int folds)
    {
        _points = points;
        _negatives = [.. Enumerable.Range(0, folds).Select(_ => new int[points.Count])];
        _positives = [.. Enumerable.Range(0, folds).Select(_ => new int[points.Count])];
        _foldOfGroup = new int[points.Groups.Count];
    }

    /// <summary>Splits all rows into folds.</summary>
    /// <param name="points">n rows as distinct points.</param>
    /// <param name="folds">Number of folds k, at least 2.</param>
    /// <param name="random">Random number generator; equal seeds and equal rows give equal folds on every machine.</param>
    public static StratifiedFolds Split(WeightedSamples points, int folds, SeededRandom random)
    {
        var split = new StratifiedFolds(points, folds);
        var placesOfNegatives = Places(points.DiedRows, folds, firstFold: 0);
        // The rows that survived continue at the fold after the last row that died, so that fold sizes differ by at most one row.
        var placesOfPositives = Places(points.SurvivedRows, folds, firstFold: points.DiedRows % folds);
        split.AssignGroups(placesOfNegatives, placesOfPositives, random);
        AssignOutcome(points.UngroupedRows(survived: false), placesOfNegatives, split._negatives, random);
        AssignOutcome(points.UngroupedRows(survived: true), placesOfPositives, split._positives, random);
        return split;
    }

    /// <summary>The rows of a fold.</summary>
    /// <param name="fold">0..k-1.</param>
    public WeightedSamples Testing(int fold) => _points.WithCounts(_negatives[fold], _positives[fold]);

    /// <summary>The rows of all other folds, with their groups.</summary>
    /// <param name="fold">0..k-1.</param>
    public WeightedSamples Training(int fold) => _points.WithCounts(
        Subtract(_points.Negatives, _negatives[fold]), Subtract(_points.Positives, _positives[fold]),
        [.. _points.Groups.Where((_, group) => _foldOfGroup[group] != fold)]);

    /// <summary>
    /// SHA-256 of the points and of the counts in every fold (32 bytes): equal exactly for the same folds of the same rows.
    /// </summary>
    public byte[] ComputeSha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(_points.Values));
        foreach (var counts in _negatives.Concat(_positives))
            hash.AppendData(MemoryMarshal.AsBytes(counts.AsSpan()));
        return hash.GetHashAndReset();
    }

    /// <summary>The number of rows of an outcome in each fold; the remainder is spread over the folds from <paramref name="firstFold"/> on.</summary>
    private static int[] Places(int rows, int folds, int firstFold)
    {
        var places = new int[folds];
        for (var fold = 0; fold < folds; fold++)
            places[(firstFold + fold) % folds] = rows / folds + (fold < rows % folds ? 1 : 0);
        return places;
    }

    /// <summary>
    /// Puts each group into a random fold, with probabilities proportional to the free places. A group that is larger than the places of
    /// its fold takes places of the other folds, one by one from the fold with the most.
    /// </summary>
    private void AssignGroups(int[] placesOfNegatives, int[] placesOfPositives, SeededRandom random)
    {
        foreach (var (index, group) in _points.Groups.Index())
        {
            var place = random.Next(placesOfNegatives.Sum() + placesOfPositives.Sum());
            var fold = 0;
            while (place >= placesOfNegatives[fold] + placesOfPositives[fold])
                place -= placesOfNegatives[fold] + placesOfPositives[fold++];
            _foldOfGroup[index] = fold;
            foreach (var rows in group.Rows)
                (rows.Survived ? _positives : _negatives)[fold][rows.Point] += rows.Rows;
            TakePlaces(placesOfNegatives, fold, group.Count(survived: false));
            TakePlaces(placesOfPositives, fold, group.Count(survived: true));
        }
    }

    private static void TakePlaces(int[] places, int fold, int rows)
    {
        for (; rows > 0; rows--)
            places[places[fold] > 0 ? fold : Array.IndexOf(places, places.Max())]--;
    }

    /// <summary>Rejects folds that lack an outcome: their metrics are undefined or meaningless.</summary>
    /// <exception cref="TrainingFailedException">A fold has no row of an outcome.</exception>
    public StratifiedFolds RequireBothOutcomes()
    {
        for (var fold = 0; fold < _negatives.Length; fold++)
        {
            foreach (var (outcome, rows, all) in (ReadOnlySpan<(string, int[], int)>)[("died", _negatives[fold], _points.DiedRows), ("survived", _positives[fold], _points.SurvivedRows)])
            {
                if (Array.TrueForAll(rows, count => count == 0))
                    throw new TrainingFailedException(
                        $"Fold {fold + 1} of {_negatives.Length} has no row that {outcome}; of all {_points.Rows} rows {all} {outcome}, and each fold requires one.");
            }
        }
        return this;
    }

    /// <summary>
    /// Draws from the multivariate hypergeometric distribution for each point: its rows take free places of the folds at random. The count
    /// of each fold is drawn conditionally on the counts of the folds before it.
    /// </summary>
    private static void AssignOutcome(int[] counts, int[] places, int[][] folds, SeededRandom random)
    {
        var rows = places.Sum();
        for (var point = 0; point < counts.Length; point++)
        {
            var (left, placesInLaterFolds) = (counts[point], rows);
            for (var fold = 0; fold < folds.Length && left > 0; fold++)
            {
                placesInLaterFolds -= places[fold];
                var taken = Hypergeometric.Draw(left, places[fold], placesInLaterFolds, random);
                folds[fold][point] += taken;
                places[fold] -= taken;
                left -= taken;
            }
            rows -= counts[point];
        }
    }

    private static int[] Subtract(ReadOnlySpan<int> all, int[] subtracted)
    {
        var rest = all.ToArray();
        for (var point = 0; point < rest.Length; point++)
            rest[point] -= subtracted[point];
        return rest;
    }
}

/// <summary>Hypergeometric distribution: the number of marked rows in a random sample without replacement.</summary>
internal static class Hypergeometric
{
    /// <summary>Relative weights below 2^-54 cannot change the result of a draw of 53 random bits.</summary>
    private const double Negligible = 1.0 / (1L << 54);

    /// <summary>
    /// Draws one value by inversion, starting at the mode and moving outward; exact up to double rounding. Weights relative to the weight
    /// of the mode need only the four basic operations, which IEEE 754 defines to the bit; a logarithm could differ between machines, and
    /// with it the folds. The number of steps is a few standard deviations, at most proportional to √<paramref name="draws"/>.
    /// </summary>
    /// <param name="draws">Sample size, 0..<paramref name="marked"/> + <paramref name="unmarked"/>.</param>
    /// <param name="marked">Marked rows in the population, at least 0.</param>
    /// <param name="unmarked">Other rows in the population, at least 0.</param>
    /// <param name="random">Random number generator; not used if only one value is possible.</param>
    /// <returns>max(0, draws - unmarked)..min(draws, marked).</returns>
    public static int Draw(int draws, int marked, int unmarked, SeededRandom random)
    {
        var (lowest, highest) = (Math.Max(0, draws - unmarked), Math.Min(draws, marked));
        if (lowest == highest)
            return lowest;
        var total = Accumulate(draws, marked, unmarked, double.PositiveInfinity, out _);
        Accumulate(draws, marked, unmarked, random.NextDouble() * total, out var drawn);
        return drawn;
    }

    /// <summary>
    /// Adds up the weights relative to the mode until the sum exceeds <paramref name="target"/> or the remaining weights are negligible.
    /// </summary>
    /// <returns>The sum of the weights.</returns>
    private static double Accumulate(int draws, int marked, int unmarked, double target, out int value)
    {
        var (lowest, highest) = (Math.Max(0, draws - unmarked), Math.Min(draws, marked));
        var mode = (int)((draws + 1L) * (marked + 1L) / (marked + (long)unmarked + 2));
        var (above, below) = (mode, mode);
        var (upper, lower, sum) = (1.0, 1.0, 1.0);
        value = mode;
        while (sum <= target && (upper > sum * Negligible || lower > sum * Negligible))
        {
            upper = above < highest ? upper * Rise(above++) : 0;
            sum += upper;
            value = above;
            if (sum > target)
                break;
            lower = below > lowest ? lower / Rise(--below) : 0;
            sum += lower;
            value = below;
        }
        return sum;

        // P(x + 1) / P(x)
        double Rise(int x) => ((double)(marked - x) * (draws - x)) / ((x + 1.0) * ((double)unmarked - draws + x + 1));
    }
}
