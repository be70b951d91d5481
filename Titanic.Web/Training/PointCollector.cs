using System.Runtime.InteropServices;

namespace Titanic.Web.Training;

/// <summary>Takes rows in any order and turns them into <see cref="LabelledPoints"/>: sorted feature by feature, equal ones counted together.</summary>
internal sealed class PointCollector(IReadOnlyList<string> featureNames, int capacity = 0)
{
    private readonly List<double> _values = new(capacity * featureNames.Count);

    /// <summary>How many rows each entry stands for; less than 0 where they died.</summary>
    private readonly List<int> _rows = new(capacity);

    /// <exception cref="TrainingRefusedException">A value is not usable, the row has the wrong width, or stands for no row.</exception>
    public void Add(ReadOnlySpan<double> point, bool survived, int rows)
    {
        var number = _rows.Count + 1;
        if (point.Length != featureNames.Count)
            throw new TrainingRefusedException($"Row {number} has {point.Length} values; it must have one per feature ({featureNames.Count}).");
        if (rows < 1)
            throw new TrainingRefusedException($"Row {number} stands for {rows} rows; it must be at least 1.");
        for (var feature = 0; feature < point.Length; feature++)
        {
            if (!LabelledPoints.IsUsable(point[feature]))
                throw new TrainingRefusedException(
                    FormattableString.Invariant($"Row {number} has {point[feature]} as '{featureNames[feature]}'; it must be {LabelledPoints.UsableValue}."));
            _values.Add(point[feature] + 0.0); // -0 becomes +0: the two are equal and must be stored as the same bytes
        }
        _rows.Add(survived ? rows : -rows);
    }

    public LabelledPoints ToPoints()
    {
        var width = featureNames.Count;
        var values = CollectionsMarshal.AsSpan(_values);
        var rows = CollectionsMarshal.AsSpan(_rows);
        var order = InOrder();
        var (codes, negatives, positives) = (new double[values.Length], new int[rows.Length], new int[rows.Length]);
        var points = 0;
        foreach (var row in order)
        {
            var point = values.Slice(row * width, width);
            if (points == 0 || !point.SequenceEqual(codes.AsSpan((points - 1) * width, width)))
                point.CopyTo(codes.AsSpan(points++ * width));
            if (rows[row] > 0)
                positives[points - 1] = checked(positives[points - 1] + rows[row]);
            else
                negatives[points - 1] = checked(negatives[points - 1] - rows[row]);
        }
        return new LabelledPoints([.. featureNames], codes[..(points * width)], negatives[..points], positives[..points]);
    }

    /// <summary>The rows in lexicographic order: sorted by the first feature, and runs that are equal so far by the next.</summary>
    private int[] InOrder()
    {
        int[] order = [.. Enumerable.Range(0, _rows.Count)];
        var keys = new double[order.Length];
        SortRun(order, keys, feature: 0, 0, order.Length);
        return order;
    }

    private void SortRun(int[] order, double[] keys, int feature, int start, int end)
    {
        for (var place = start; place < end; place++)
            keys[place] = _values[order[place] * featureNames.Count + feature];
        Array.Sort(keys, order, start, end - start);
        if (feature + 1 == featureNames.Count)
            return;
        for (var run = start; run < end;)
        {
            var next = run + 1;
            while (next < end && keys[next] == keys[run])
                next++;
            if (next - run > 1)
                SortRun(order, keys, feature + 1, run, next);
            run = next;
        }
    }
}
