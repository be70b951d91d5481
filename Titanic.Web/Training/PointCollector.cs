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
        }
        var first = _values.Count;
        CollectionsMarshal.SetCount(_values, first + point.Length);
        var values = CollectionsMarshal.AsSpan(_values)[first..];
        for (var feature = 0; feature < values.Length; feature++)
            values[feature] = point[feature] + 0.0; // -0 becomes +0: the two are equal and must be stored as the same bytes
        _rows.Add(survived ? rows : -rows);
    }

    public LabelledPoints ToPoints()
    {
        var width = featureNames.Count;
        var values = CollectionsMarshal.AsSpan(_values);
        var rows = CollectionsMarshal.AsSpan(_rows);
        var order = InOrder(values, width);
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
        Array.Resize(ref codes, points * width);
        Array.Resize(ref negatives, points);
        Array.Resize(ref positives, points);
        return new LabelledPoints([.. featureNames], codes, negatives, positives);
    }

    /// <summary>The rows in lexicographic order: sorted by the first feature, and runs that are equal so far by the next.</summary>
    private int[] InOrder(ReadOnlySpan<double> values, int width)
    {
        int[] order = [.. Enumerable.Range(0, _rows.Count)];
        SortRun(order, new double[order.Length], values, width);
        return order;
    }

    /// <param name="keys">Room for one value per row of the run.</param>
    /// <param name="feature">The rows are equal in all features before it.</param>
    private static void SortRun(Span<int> order, Span<double> keys, ReadOnlySpan<double> values, int width, int feature = 0)
    {
        for (var place = 0; place < order.Length; place++)
            keys[place] = values[order[place] * width + feature];
        keys.Sort(order);
        if (feature + 1 == width)
            return;
        for (var run = 0; run < order.Length;)
        {
            var next = run + 1;
            while (next < order.Length && keys[next] == keys[run])
                next++;
            if (next - run > 1)
                SortRun(order[run..next], keys[run..next], values, width, feature + 1);
            run = next;
        }
    }
}
