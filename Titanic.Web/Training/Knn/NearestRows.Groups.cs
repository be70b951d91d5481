namespace Titanic.Web.Training.Knn;

internal ref partial struct NearestRows
{
    /// <summary>Rows at one distance, in standard deviations.</summary>
    public record struct Group(double Distance, int Negatives, int Positives);

    /// <summary>Whether points that tie with the k-th row had to go, so that the rows at <see cref="Reach"/> must be counted anew.</summary>
    public readonly bool LacksTies => _dropped[7] <= Reach;

    /// <summary>The rows within <see cref="Reach"/> by ascending distance, written into <paramref name="room"/> (<see cref="Room"/> long).</summary>
    public readonly Span<Group> Groups(IPointTree tree, Span<Group> room)
    {
        var groups = 0;
        for (var index = 0; index < _sums.Length && _sums[index] <= Reach && _counts[index] != 0; index++)
        {
            var counts = new RowCounts(_counts[index]);
            if (groups > 0 && _sums[index] == _sums[index - 1])
                room[groups - 1] = room[groups - 1] with { Negatives = room[groups - 1].Negatives + counts.Negatives, Positives = room[groups - 1].Positives + counts.Positives };
            else
                room[groups++] = new Group(tree.Distance(_sums[index]), counts.Negatives, counts.Positives);
        }
        return room[..groups];
    }
}
