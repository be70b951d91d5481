using System.Numerics;
using System.Runtime.CompilerServices;

namespace Titanic.Web.Training.Knn;

internal sealed partial class PointTree<T, TSum>
{
    /// <summary>Enough points to see which feature is spread widest.</summary>
    private const int Sample = 64;

    /// <param name="inverseDeviations">Says in which features differences count most, for compact leaves; any positive scale can be searched with.</param>
    public PointTree(LabelledPoints points, ReadOnlySpan<double> inverseDeviations)
    {
        _dimensions = points.Dimensions;
        _points = points.Count;
        _nodes = [.. CountNodes((_points + LeafPoints - 1) / LeafPoints)];
        _leafLength = LeafPoints * _dimensions + LeafPoints * sizeof(long) / Unsafe.SizeOf<T>();
        _leaves = new AlignedValues<T>((long)_nodes[0] * _leafLength);
        _boxes = [.. _nodes.Select(nodes => new AlignedValues<T>((long)((nodes + Children - 1) / Children) * BoxLength))];
        _hasSingleRowsOnly = points.Rows == points.Count;

        var values = new T[points.Codes.Length];
        for (var index = 0; index < values.Length; index++)
            values[index] = T.CreateTruncating(points.Codes[index]);
        var order = new PointOrder<T>(values, _dimensions);
        Divide(order, inverseDeviations, 0, _points, _nodes[0]);
        FillLeaves(order, points);
        BoundLeaves();
        for (var level = 1; level < _nodes.Length; level++)
            BoundBoxes(level);
    }

    private static IEnumerable<int> CountNodes(int leaves)
    {
        yield return leaves;
        for (var nodes = leaves; nodes > Children;)
            yield return nodes = (nodes + Children - 1) / Children;
    }

    /// <summary>
    /// Halves a range across its widest feature, again and again, so that each half has whole leaves and the left one a power of two of them:
    /// what eight neighbouring leaves, or eight times eight, have in common then lies close together.
    /// </summary>
    private static void Divide(PointOrder<T> order, ReadOnlySpan<double> inverseDeviations, int start, int end, int leaves)
    {
        while (leaves > 1)
        {
            var half = (int)(BitOperations.RoundUpToPowerOf2((uint)leaves) / 2);
            var middle = start + half * LeafPoints;
            order.Select(middle, order.WidestFeature(start, end, inverseDeviations, Sample), start, end - 1);
            Divide(order, inverseDeviations, start, middle, half);
            (start, leaves) = (middle, leaves - half);
        }
    }

    private void FillLeaves(PointOrder<T> order, LabelledPoints points)
    {
        for (var place = 0; place < _points; place++)
        {
            ref var leaf = ref Leaf(place / LeafPoints);
            var lane = place % LeafPoints;
            for (var feature = 0; feature < _dimensions; feature++)
                Unsafe.Add(ref leaf, feature * LeafPoints + lane) = order.Values[place * _dimensions + feature];
            var point = order.Points[place];
            Unsafe.Add(ref CountsOf(ref leaf), lane) = RowCounts.Of(points.Negatives[point], points.Positives[point]).Word;
        }
    }

    private void BoundLeaves()
    {
        for (var leaf = 0; leaf < _nodes[0]; leaf++)
        {
            var taken = Math.Min(LeafPoints, _points - leaf * LeafPoints);
            for (var feature = 0; feature < _dimensions; feature++)
            {
                ref var values = ref Unsafe.Add(ref Leaf(leaf), feature * LeafPoints);
                var (lower, upper) = (values, values);
                for (var lane = 1; lane < taken; lane++)
                    (lower, upper) = (T.MinNative(lower, Unsafe.Add(ref values, lane)), T.MaxNative(upper, Unsafe.Add(ref values, lane)));
                SetEnds(0, leaf, feature, lower, upper);
            }
        }
    }

    private void BoundBoxes(int level)
    {
        for (var node = 0; node < _nodes[level]; node++)
        {
            var children = Math.Min(Children, _nodes[level - 1] - node * Children);
            for (var feature = 0; feature < _dimensions; feature++)
            {
                ref var ends = ref Unsafe.Add(ref Boxes(level - 1, node), feature * 2 * Children);
                var (lower, upper) = (ends, Unsafe.Add(ref ends, Children));
                for (var child = 1; child < children; child++)
                    (lower, upper) = (T.MinNative(lower, Unsafe.Add(ref ends, child)), T.MaxNative(upper, Unsafe.Add(ref ends, Children + child)));
                SetEnds(level, node, feature, lower, upper);
            }
        }
    }

    private void SetEnds(int level, int node, int feature, T lower, T upper)
    {
        ref var ends = ref Unsafe.Add(ref Boxes(level, node / Children), feature * 2 * Children + node % Children);
        ends = lower;
        Unsafe.Add(ref ends, Children) = upper;
    }
}
