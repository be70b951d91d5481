using System.Runtime.InteropServices;

namespace Titanic.Web.Training;

/// <summary>
/// n training rows as distinct points with d raw feature values each, weighted by their numbers of rows that died and that survived. Points
/// are in lexicographic order, so equal rows give equal content in any order. Memory and time grow with the number of distinct points.
/// </summary>
public sealed class WeightedSamples
{
    /// <summary>Maximum number of features d.</summary>
    public const int MaximumDimensions = 1024;
    /// <summary>Maximum length of a feature name, in characters.</summary>
    public const int MaximumNameLength = 200;

    /// <summary>
    /// Maximum absolute value. Squared differences of larger values could overflow, so that distances would not order the rows.
    /// </summary>
    public const double MaximumMagnitude = 1e100;

    private readonly string[] _featureNames;
    private readonly double[] _values;
    private readonly int[] _negatives;
    private readonly int[] _positives;

    /// <summary>
    /// Does not validate: points must be distinct, ascending and finite, counts at least 0, and every point must have a row.
    /// </summary>
    internal WeightedSamples(string[] featureNames, double[] values, int[] negatives, int[] positives, IReadOnlyList<SampleGroup>? groups = null)
    {
        Groups = groups ?? [];
        _featureNames = featureNames;
        _values = values;
        _negatives = negatives;
        _positives = positives;
        DiedRows = checked(negatives.Sum());
        SurvivedRows = checked(positives.Sum());
        Rows = checked(DiedRows + SurvivedRows);
    }

    /// <summary>Collects rows in any order.</summary>
    /// <param name="featureNames">d names, 1..1024.</param>
    /// <param name="rows">Rows with d values each; may be empty.</param>
    /// <exception cref="TrainingFailedException">
    /// A value is NaN, infinite or too large, a row does not have d values, or the feature names are invalid.
    /// </exception>
    public static WeightedSamples FromRows(IReadOnlyList<string> featureNames, IEnumerable<WeightedSample> rows)
    {
        ValidateFeatureNames(featureNames);
        var collected = new SampleCollector(featureNames);
        foreach (var row in rows)
            collected.Add(row.Point, row.Survived, row.Rows, row.Group);
        return collected.ToSamples();
    }

    /// <summary>Collects rows from arrays.</summary>
    /// <param name="featureNames">d names, 1..1024.</param>
    /// <param name="values">n x d values, row-major.</param>
    /// <param name="survived">n outcomes.</param>
    /// <exception cref="TrainingFailedException">
    /// As for <see cref="FromRows"/>, or the numbers of values and outcomes do not match.
    /// </exception>
    public static WeightedSamples FromValues(IReadOnlyList<string> featureNames, ReadOnlySpan<double> values, ReadOnlySpan<bool> survived)
    {
        ValidateFeatureNames(featureNames);
        if (values.Length != (long)survived.Length * featureNames.Count)
            throw new TrainingFailedException(
                $"The number of values is {Format.Count(values.Length)}; it must be {Format.Count(survived.Length * (long)featureNames.Count)}: "
                + $"{Quantity.Of(featureNames.Count, "feature")} x {Quantity.Of(survived.Length, "row")}.");
        var collected = new SampleCollector(featureNames, capacity: survived.Length);
        for (var row = 0; row < survived.Length; row++)
            collected.Add(values.Slice(row * featureNames.Count, featureNames.Count), survived[row], rows: 1);
        return collected.ToSamples();
    }

    /// <summary>d names, in the order of the features.</summary>
    public IReadOnlyList<string> FeatureNames => _featureNames;
    /// <summary>Number of features d.</summary>
    public int Dimensions => _featureNames.Length;

    /// <summary>Number of distinct points.</summary>
    public int Count => _negatives.Length;

    /// <summary>Number of rows n.</summary>
    public int Rows { get; }
    /// <summary>Number of rows that died.</summary>
    public int DiedRows { get; }
    /// <summary>Number of rows that survived.</summary>
    public int SurvivedRows { get; }

    /// <summary><see cref="Count"/> x <see cref="Dimensions"/> raw values, row-major.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>Number of rows that died, per distinct point.</summary>
    public ReadOnlySpan<int> Negatives => _negatives;

    /// <summary>Number of rows that survived, per distinct point.</summary>
    public ReadOnlySpan<int> Positives => _positives;

    /// <summary>The d raw values of a point.</summary>
    public ReadOnlySpan<double> Point(int index) => _values.AsSpan(index * Dimensions, Dimensions);

    /// <summary>
    /// The rows that must not be separated: evaluations never predict a row with a model that was fitted on another row of its group. Rows
    /// without a group, nearly all, are groups of one row and not listed. Ordered by the group keys.
    /// </summary>
    public IReadOnlyList<SampleGroup> Groups { get; }

    /// <summary>Number of rows of a point with an outcome.</summary>
    public int RowsOf(int index, bool survived) => survived ? _positives[index] : _negatives[index];

    /// <summary>Index of a point, by binary search; -1 if there is no such point.</summary>
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

    /// <summary>Numbers of rows with an outcome that are in no group, one count per point.</summary>
    public int[] UngroupedRows(bool survived)
    {
        var counts = (survived ? Positives : Negatives).ToArray();
        foreach (var rows in Groups.SelectMany(group => group.Rows).Where(rows => rows.Survived == survived))
            counts[rows.Point] -= rows.Rows;
        return counts;
    }

    /// <summary>The same points with other counts. Points without rows are removed.</summary>
    /// <param name="negatives">Rows that died, one count per point.</param>
    /// <param name="positives">Rows that survived, one count per point.</param>
    /// <param name="groups">The groups of these rows; null for none.</param>
    /// <exception cref="ArgumentException">The number of counts differs from the number of points.</exception>
    public WeightedSamples WithCounts(int[] negatives, int[] positives, IReadOnlyList<SampleGroup>? groups = null)
    {
        if (negatives.Length != Count || positives.Length != Count)
            throw new ArgumentException($"There are {Format.Count(negatives.Length)} and {Format.Count(positives.Length)} counts; there must be one per point ({Format.Count(Count)}).");
        var kept = Enumerable.Range(0, Count).Where(point => negatives[point] + positives[point] > 0).ToArray();
        if (kept.Length == Count)
            return new WeightedSamples(_featureNames, _values, negatives, positives, groups);
        var values = new double[kept.Length * Dimensions];
        for (var index = 0; index < kept.Length; index++)
            Point(kept[index]).CopyTo(values.AsSpan(index * Dimensions));
        return new WeightedSamples(
            _featureNames, values, [.. kept.Select(point => negatives[point])], [.. kept.Select(point => positives[point])],
            groups?.Select(group => group.Renumber(point => Array.BinarySearch(kept, point))).ToArray());
    }

    /// <summary>All rows except one with this point and outcome.</summary>
    /// <exception cref="ArgumentException">The point has no row with this outcome.</exception>
    public WeightedSamples WithoutOne(int index, bool survived)
    {
        var (negatives, positives) = ((int[])_negatives.Clone(), (int[])_positives.Clone());
        if (--(survived ? positives : negatives)[index] < 0)
            throw new ArgumentException($"Point {index} has no row that {(survived ? "survived" : "died")}.", nameof(survived));
        return WithCounts(negatives, positives);
    }

    /// <summary>All rows except those of one of the <see cref="Groups"/>; the result has no groups.</summary>
    public WeightedSamples Without(SampleGroup group)
    {
        var (negatives, positives) = ((int[])_negatives.Clone(), (int[])_positives.Clone());
        foreach (var rows in group.Rows)
            (rows.Survived ? positives : negatives)[rows.Point] -= rows.Rows;
        return WithCounts(negatives, positives);
    }

    internal const string AllowedValues = "a number within ±1E+100";

    internal static bool IsAllowed(double value) => Math.Abs(value) <= MaximumMagnitude;

    private static void ValidateFeatureNames(IReadOnlyList<string> featureNames)
    {
        if (featureNames.Count is 0 or > MaximumDimensions)
            throw new TrainingFailedException(ErrorText.OutOfRange("The number of features", featureNames.Count, 1, MaximumDimensions));
        foreach (var name in featureNames)
        {
            if (string.IsNullOrEmpty(name) || name.Length > MaximumNameLength)
                throw new TrainingFailedException(
                    $"A feature name has {Quantity.Of(name?.Length ?? 0, "character")}; it must have 1 to {MaximumNameLength}.");
        }
    }
}

/// <summary><paramref name="Rows"/> passengers with the same features and outcome.</summary>
/// <param name="Point">d raw values, in the order of the feature names.</param>
/// <param name="Survived">Outcome.</param>
/// <param name="Rows">Weight: number of training rows, at least 1; default 1.</param>
/// <param name="Group">Key of the group of these rows; null if they are in none. See <see cref="WeightedSamples.Groups"/>.</param>
public readonly record struct WeightedSample(double[] Point, bool Survived, int Rows = 1, long? Group = null);

/// <summary>At least two rows that belong together, such as the rows of persons with the same name.</summary>
/// <param name="Rows">The rows by point and outcome, in this order.</param>
public sealed record SampleGroup(IReadOnlyList<GroupedRows> Rows)
{
    /// <summary>Number of rows, or of those with an outcome.</summary>
    public int Count(bool? survived = null) => Rows.Where(rows => survived is null || rows.Survived == survived).Sum(rows => rows.Rows);

    internal SampleGroup Renumber(Func<int, int> indexOf) => new([.. Rows.Select(rows => rows with { Point = indexOf(rows.Point) })]);
}

/// <summary>Rows of a group with the same point and outcome.</summary>
/// <param name="Point">Index of the point.</param>
/// <param name="Survived">Outcome.</param>
/// <param name="Rows">Number of rows, at least 1.</param>
public readonly record struct GroupedRows(int Point, bool Survived, int Rows);

/// <summary>Collects rows in any order into <see cref="WeightedSamples"/>: sorts them lexicographically and merges equal points.</summary>
internal sealed class SampleCollector(IReadOnlyList<string> featureNames, int capacity = 0)
{
    private readonly List<double> _values = new(capacity * featureNames.Count);

    /// <summary>Number of rows of each entry; negative if they died.</summary>
    private readonly List<int> _rows = new(capacity);

    private readonly List<(long Group, int Entry)> _grouped = [];

    /// <summary>Adds rows with one point and outcome.</summary>
    /// <exception cref="TrainingFailedException">
    /// A value is NaN, infinite or too large, the number of values is wrong, or the number of rows is less than 1.
    /// </exception>
    public void Add(ReadOnlySpan<double> point, bool survived, int rows, long? group = null)
    {
        var number = _rows.Count + 1;
        if (point.Length != featureNames.Count)
            throw new TrainingFailedException($"Row {Format.Count(number)} has {Quantity.Of(point.Length, "value")}; it must have {Format.Count(featureNames.Count)}, one per feature.");
        if (rows < 1)
            throw new TrainingFailedException($"Row {Format.Count(number)} has the weight {Format.Count(rows)}; it must be at least 1.");
        for (var feature = 0; feature < point.Length; feature++)
        {
            if (!WeightedSamples.IsAllowed(point[feature]))
                throw new TrainingFailedException(
                    FormattableString.Invariant($"Row {number:#,##0} has {point[feature]} as \"{featureNames[feature]}\"; it must be {WeightedSamples.AllowedValues}."));
        }
        var first = _values.Count;
        CollectionsMarshal.SetCount(_values, first + point.Length);
        var values = CollectionsMarshal.AsSpan(_values)[first..];
        for (var feature = 0; feature < values.Length; feature++)
            values[feature] = point[feature] + 0.0; // replaces -0 by +0: they are equal and must be stored as the same bytes
        if (group is { } key)
            _grouped.Add((key, _rows.Count));
        _rows.Add(survived ? rows : -rows);
    }

    /// <summary>Sorts and merges the rows.</summary>
    public WeightedSamples ToSamples()
    {
        var width = featureNames.Count;
        var values = CollectionsMarshal.AsSpan(_values);
        var rows = CollectionsMarshal.AsSpan(_rows);
        var order = SortRows(values, width);
        var (codes, negatives, positives) = (new double[values.Length], new int[rows.Length], new int[rows.Length]);
        var pointOf = _grouped.Count > 0 ? new int[rows.Length] : [];
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
            if (pointOf.Length > 0)
                pointOf[row] = points - 1;
        }
        Array.Resize(ref codes, points * width);
        Array.Resize(ref negatives, points);
        Array.Resize(ref positives, points);
        return new WeightedSamples([.. featureNames], codes, negatives, positives, CollectGroups(pointOf));
    }

    private SampleGroup[] CollectGroups(int[] pointOf) =>
    [
        .. _grouped
            .GroupBy(entry => entry.Group, entry => new GroupedRows(pointOf[entry.Entry], _rows[entry.Entry] > 0, Math.Abs(_rows[entry.Entry])))
            .OrderBy(group => group.Key)
            .Select(group => new SampleGroup(
            [
                .. group.GroupBy(rows => (rows.Point, rows.Survived), rows => rows.Rows).OrderBy(rows => rows.Key)
                    .Select(rows => new GroupedRows(rows.Key.Point, rows.Key.Survived, rows.Sum())),
            ]))
            .Where(group => group.Count() > 1),
    ];

    /// <summary>
    /// Row indices in lexicographic order of the points: sorted by the first feature, equal runs by the next one, and so on.
    /// </summary>
    private int[] SortRows(ReadOnlySpan<double> values, int width)
    {
        int[] order = [.. Enumerable.Range(0, _rows.Count)];
        SortRun(order, new double[order.Length], values, width);
        return order;
    }

    /// <summary>Sorts a run of rows that are equal in all features before <paramref name="feature"/>.</summary>
    /// <param name="order">Row indices of the run.</param>
    /// <param name="keys">Buffer with one value per row of the run.</param>
    /// <param name="values">All values, row-major.</param>
    /// <param name="width">Number of features d.</param>
    /// <param name="feature">The feature to sort by.</param>
    private static void SortRun(Span<int> order, Span<double> keys, ReadOnlySpan<double> values, int width, int feature = 0)
    {
        for (var index = 0; index < order.Length; index++)
            keys[index] = values[order[index] * width + feature];
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
