using Titanic.Web.Passengers;

namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// A random deal of all rows into folds in which each outcome has its share, as counts per distinct point: equal rows are
/// interchangeable, so nothing needs to be known of a row but its point and its outcome.
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
        DealOutcome(points.Negatives, dealt._negatives, firstFold: 0, random);
        // The survivors go on where the victims ended, so that the folds' sizes differ by one row at most.
        DealOutcome(points.Positives, dealt._positives, firstFold: points.DiedRows % folds, random);
        return dealt;
    }

    public LabelledPoints Testing(int fold) => _points.WithCounts(_negatives[fold], _positives[fold]);

    public LabelledPoints Training(int fold) =>
        _points.WithCounts(Rest(_points.Negatives, _negatives[fold]), Rest(_points.Positives, _positives[fold]));

    private static void DealOutcome(ReadOnlySpan<int> counts, int[][] folds, int firstFold, SeededRandom random)
    {
        var rows = new List<int>();
        for (var point = 0; point < counts.Length; point++)
            rows.AddRange(Enumerable.Repeat(point, counts[point]));
        var deck = rows.ToArray();
        random.Shuffle(deck.AsSpan());
        for (var place = 0; place < deck.Length; place++)
            folds[(firstFold + place) % folds.Length][deck[place]]++;
    }

    private static int[] Rest(ReadOnlySpan<int> all, int[] taken)
    {
        var rest = all.ToArray();
        for (var point = 0; point < rest.Length; point++)
            rest[point] -= taken[point];
        return rest;
    }
}
