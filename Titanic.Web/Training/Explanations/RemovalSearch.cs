using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

/// <summary>
/// Looks for the fewest rows to remove, by where the voting would then end. For each ring that could be the last to vote it is clear what
/// must go: of the rings before it so many rows that they alone are fewer than k, and of all of them as many of the winning outcome as
/// turn the vote, the nearest first since they weigh most. Rows of the other outcome go only when the winners before that ring do
/// not suffice to let it vote, the farthest first.
/// </summary>
/// <param name="survived">The answer, which is to be turned.</param>
/// <param name="first">The first ring that is looked at; those before are gone.</param>
internal sealed class RemovalSearch(Rings rings, KnnOptions options, bool survived, int first)
{
    public SmallestRemoval? Smallest()
    {
        Plan? best = null;
        var before = 0;
        for (var last = first; rings.At(last) is { } ring; last++)
        {
            var forced = Math.Max(0, before - options.K + 1);
            if (forced >= best?.Rows)
                break;
            if (before + ring.Rows >= options.K && DisableNestedLoops(last, forced) is { } plan && !(plan.Rows >= best?.Rows))
                best = plan;
            before += ring.Rows;
        }
        return best is null ? null : Removal(best);
    }

    /// <summary>The fewest of the first ring's rows, at least one of which stays.</summary>
    public SmallestRemoval? OfFirstRing() => DisableNestedLoops(first, 0) is { } plan ? Removal(plan) : null;

    /// <param name="last">The last ring that votes.</param>
    /// <param name="forced">How many rows of the rings before it must go.</param>
    /// <returns>Null when fewer than k rows would be left.</returns>
    private Plan? DisableNestedLoops(int last, int forced)
    {
        var (winners, winnersBefore, rows) = (0, 0, 0);
        for (var number = first; number <= last; number++)
        {
            winnersBefore = winners;
            winners += Winners(rings.At(number)!);
            rows += rings.At(number)!.Rows;
        }
        var others = Math.Max(0, forced - winnersBefore);
        var (low, high) = (forced - others, winners);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (Turns(new Plan(last, middle, others, forced)))
                high = middle;
            else
                low = middle + 1;
        }
        var plan = new Plan(last, low, others, forced);
        return rows - plan.Rows >= options.K && Turns(plan) ? plan : null;
    }

    private bool Turns(Plan plan)
    {
        var (votesFor, votesAgainst) = (0.0, 0.0);
        var nearest = double.NaN;
        foreach (var (ring, winners, others) in Removed(plan))
        {
            var (winning, losing) = (Winners(ring) - winners, Others(ring) - others);
            if (winning + losing == 0)
                continue;
            if (double.IsNaN(nearest))
                nearest = ring.Distance;
            var weight = options.Weights == NeighborWeights.Uniform || ring.Distance == nearest ? 1 : nearest / ring.Distance;
            votesFor += weight * (survived ? winning : losing);
            votesAgainst += weight * (survived ? losing : winning);
        }
        return survived != votesFor > votesAgainst;
    }

    /// <summary>The voting rings, each with how many of its winners and of its other rows go.</summary>
    private IEnumerable<(Ring Ring, int Winners, int Others)> Removed(Plan plan)
    {
        var (winners, others) = (plan.Winners, plan.Others);
        var othersBefore = Enumerable.Range(first, plan.Last - first).Sum(number => Others(rings.At(number)!));
        for (var number = first; number <= plan.Last; number++)
        {
            var ring = rings.At(number)!;
            var winnersGone = Math.Min(winners, Winners(ring));
            winners -= winnersGone;
            // The farthest first: what the rings behind this one cannot give, but never of the last.
            othersBefore -= number < plan.Last ? Others(ring) : 0;
            var othersGone = number < plan.Last ? Math.Max(0, others - othersBefore) : 0;
            others -= othersGone;
            yield return (ring, winnersGone, othersGone);
        }
    }

    private SmallestRemoval Removal(Plan plan)
    {
        List<RemovedRows> removed = [];
        foreach (var (ring, winners, others) in Removed(plan))
        {
            removed.AddRange(Of(ring, survived, winners));
            removed.AddRange(Of(ring, !survived, others));
        }
        var isFree = plan is { Forced: 0, Others: 0 } && plan.Last == Voters.RingsThatVote(rings, options) - 1
            && (options.Weights == NeighborWeights.Uniform || plan.Last == first);
        return new SmallestRemoval(plan.Rows, removed, isFree);
    }

    private static IEnumerable<RemovedRows> Of(Ring ring, bool outcome, int rows)
    {
        foreach (var input in ring.Inputs)
        {
            var gone = Math.Min(rows, outcome ? input.Survived : input.Died);
            rows -= gone;
            if (gone > 0)
                yield return new RemovedRows(input, outcome, gone);
        }
    }

    private int Winners(Ring ring) => survived ? ring.Survived : ring.Died;

    private int Others(Ring ring) => survived ? ring.Died : ring.Survived;

    private sealed record Plan(int Last, int Winners, int Others, int Forced)
    {
        public int Rows => Winners + Others;
    }
}
