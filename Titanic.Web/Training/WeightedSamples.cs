using System.Runtime.InteropServices;

namespace Titanic.Web.Training;

/// <summary>
/// Training rows as distinct feature points, each with the number of its rows that died and that survived. The points are kept in
/// lexicographic order, so equal rows give equal content whatever order they came in; memory and time grow with distinct points.
/// </summary>
public sealed class WeightedSamples
{
    public const int MaximumDimensions = 1024;
    public const int MaximumNameLength = 200;

    /// <summary>Beyond this, squared differences could overflow and distances would no longer order the rows.</summary>
    public const double MaximumMagnitude = 1e100;

    private readonly string[] _featureNames;
    private readonly double[] _codes;
    private readonly int[] _negatives;
    private readonly int[] _positives;

    /// <summary>Trusts its caller: points distinct, ascending and finite, counts not negative and no point without a row.</summary>
    internal WeightedSamples(string[] featureNames, double[] codes, int[] negatives, int[] positives)
    {
        _featureNames = featureNames;
        _codes = codes;
        _negatives = negatives;
        _positives = positives;
        DiedRows = checked(negatives.Sum());
        SurvivedRows = checked(positives.Sum());
        Rows = checked(DiedRows + SurvivedRows);
    }

    /// <exception cref="TrainingRefusedException">A value is not finite, a row has the wrong width, or the names are unusable.</exception>
    public static WeightedSamples FromRows(IReadOnlyList<string> featureNames, IEnumerable<WeightedSample> rows)
    {
        Require(featureNames);
        var collected = new PointCollector(featureNames);
        foreach (var row in rows)
            collected.Add(row.Point, row.Survived, row.Rows);
        return collected.ToPoints();
    }

    /// <param name="values">Row-major: one value per feature, row after row.</param>
    /// <param name="survived">One outcome per row.</param>
    /// <exception cref="TrainingRefusedException">As by <see cref="FromRows"/>.</exception>
    public static WeightedSamples FromValues(IReadOnlyList<string> featureNames, ReadOnlySpan<double> values, ReadOnlySpan<bool> survived)
    {
        Require(featureNames);
        if (values.Length != (long)survived.Length * featureNames.Count)
            throw new TrainingRefusedException(
                $"There are {values.Length} values and {survived.Length} outcomes; there must be {featureNames.Count} values for each outcome.");
        var collected = new PointCollector(featureNames, capacity: survived.Length);
        for (var row = 0; row < survived.Length; row++)
            collected.Add(values.Slice(row * featureNames.Count, featureNames.Count), survived[row], rows: 1);
        return collected.ToPoints();
    }

    public IReadOnlyList<string> FeatureNames => _featureNames;
    public int Dimensions => _featureNames.Length;

    /// <summary>Number of distinct points.</summary>
    public int Count => _negatives.Length;

    /// <summary>Number of training rows behind the points.</summary>
    public int Rows { get; }
    public int DiedRows { get; }
    public int SurvivedRows { get; }

    /// <summary>Row-major: <see cref="Count"/> x <see cref="Dimensions"/> raw values.</summary>
    public ReadOnlySpan<double> Codes => _codes;

    /// <summary>Rows that died, per distinct point.</summary>
    public ReadOnlySpan<int> Negatives => _negatives;

    /// <summary>Rows that survived, per distinct point.</summary>
    public ReadOnlySpan<int> Positives => _positives;

    public ReadOnlySpan<double> Point(int index) => _codes.AsSpan(index * Dimensions, Dimensions);

    public int RowsOf(int index, bool survived) => survived ? _positives[index] : _negatives[index];

    /// <summary>Index of a point, or a negative number where no row stands there.</summary>
    public int IndexOf(ReadOnlySpan<double> point)
    {
        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var middle = low + (high - low) / 2;
            var order = Point(middle).SequenceCompareTo(point);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return -1;
    }

    /// <summary>The same points with other counts, one per point of this set; points left without a row are dropped.</summary>
    public WeightedSamples WithCounts(int[] negatives, int[] positives)
    {
        if (negatives.Length != Count || positives.Length != Count)
            throw new ArgumentException($"There are {negatives.Length} and {positives.Length} counts; it must be one per point ({Count}).");
        var kept = Enumerable.Range(0, Count).Where(point => negatives[point] + positives[point] > 0).ToArray();
        if (kept.Length == Count)
            return new WeightedSamples(_featureNames, _codes, negatives, positives);
        var codes = new double[kept.Length * Dimensions];
        for (var index = 0; index < kept.Length; index++)
            Point(kept[index]).CopyTo(codes.AsSpan(index * Dimensions));
        return new WeightedSamples(
            _featureNames, codes, [.. kept.Select(point => negatives[point])], [.. kept.Select(point => positives[point])]);
    }

    /// <summary>All rows but one; which of several equal rows it is makes no difference.</summary>
    public WeightedSamples WithoutOne(int index, bool survived)
    {
        var (negatives, positives) = ((int[])_negatives.Clone(), (int[])_positives.Clone());
        if (--(survived ? positives : negatives)[index] < 0)
            throw new ArgumentException($"Point {index} has no row that {(survived ? "survived" : "died")}.", nameof(survived));
        return WithCounts(negatives, positives);
    }

    internal const string UsableValue = "a number within ±1E+100";

    internal static bool IsUsable(double value) => Math.Abs(value) <= MaximumMagnitude;

    private static void Require(IReadOnlyList<string> featureNames)
    {
        if (featureNames.Count is 0 or > MaximumDimensions)
            throw new TrainingRefusedException($"There are {featureNames.Count} features; there must be 1..{MaximumDimensions}.");
        foreach (var name in featureNames)
        {
            if (string.IsNullOrEmpty(name) || name.Length > MaximumNameLength)
                throw new TrainingRefusedException(
                    $"A feature's name has {name?.Length ?? 0} characters; it must have 1..{MaximumNameLength}.");
        }
    }
}

/// <summary><paramref name="Rows"/> passengers that share one feature point and one outcome.</summary>
/// <param name="Point">One raw value per feature, in the order of the feature names.</param>
/// <param name="Rows">How many training rows this stands for, at least 1.</param>
public readonly record struct WeightedSample(double[] Point, bool Survived, int Rows = 1);

/// <summary>Takes rows in any order and turns them into <see cref="WeightedSamples"/>: sorted feature by feature, equal ones counted together.</summary>
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
            if (!WeightedSamples.IsUsable(point[feature]))
                throw new TrainingRefusedException(
                    FormattableString.Invariant($"Row {number} has {point[feature]} as '{featureNames[feature]}'; it must be {WeightedSamples.UsableValue}."));
        }
        var first = _values.Count;
        CollectionsMarshal.SetCount(_values, first + point.Length);
        var values = CollectionsMarshal.AsSpan(_values)[first..];
        for (var feature = 0; feature < values.Length; feature++)
            values[feature] = point[feature] + 0.0; // -0 becomes +0: the two are equal and must be stored as the same bytes
        _rows.Add(survived ? rows : -rows);
    }

    public WeightedSamples ToPoints()
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
        return new WeightedSamples([.. featureNames], codes, negatives, positives);
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
