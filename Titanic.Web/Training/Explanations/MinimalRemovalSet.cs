using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

/// <summary>
/// The fewest training rows without whose votes the answer would have been the opposite. The scale of the features is kept as it was
/// learned: refitting without a row moves every distance a little, and with it answers that have nothing to do with the row. Where fewer than
/// k rows are left, the next ones come in, as in any search.
/// </summary>
/// <param name="Rows">How many; no smaller number turns the answer.</param>
/// <param name="Of">One choice of them, the nearest first.</param>
/// <param name="AnyOfTheirKind">Whether as many others of the same outcome among the neighbours would do as well.</param>
public sealed record MinimalRemovalSet(int Rows, IReadOnlyList<RemovedRows> Of, bool AnyOfTheirKind)
{
    /// <summary>Null when too few rows would be left for an answer.</summary>
    internal static MinimalRemovalSet? Find(DistanceGroups groups, KnnOptions options, int trainingRows, bool survived)
    {
        var nearest = groups.At(0)!;
        if (!VotingNeighbors.DecidesAlone(nearest, options))
            return new RemovalSearch(groups, options, survived, 0).Smallest();

        // While a row is left at distance 0 nobody else has a vote.
        var here = new RemovalSearch(groups, options with { K = 1 }, survived, 0).OfFirstGroup();
        if (here is not null && trainingRows - here.Rows >= options.K)
            return here;
        var all = nearest.Inputs.SelectMany(input => (RemovedRows[])[new(input, false, input.Died), new(input, true, input.Survived)]).Where(removed => removed.Rows > 0);
        return new RemovalSearch(groups, options, survived, 1).Smallest() is { } beyond
            ? new MinimalRemovalSet(nearest.Rows + beyond.Rows, [.. all, .. beyond.Of], false)
            : null;
    }
}

/// <param name="Survived">The outcome of the rows.</param>
/// <param name="Rows">How many of those that stand there.</param>
public sealed record RemovedRows(NeighborInput Input, bool Survived, int Rows);

/// <summary>
/// Looks for the fewest rows to remove, by where the voting would then end. For each group that could be the last to vote it is clear what
/// must go: of the groups before it so many rows that they alone are fewer than k, and of all of them as many of the winning outcome as
/// turn the vote, the nearest first since they weigh most. Rows of the other outcome go only when the winners before that group do
/// not suffice to let it vote, the farthest first.
/// </summary>
/// <param name="survived">The answer, which is to be turned.</param>
/// <param name="first">The first group that is looked at; those before are gone.</param>
internal sealed class RemovalSearch(DistanceGroups groups, KnnOptions options, bool survived, int first)
{
    public MinimalRemovalSet? Smallest()
    {
        Plan? best = null;
        var before = 0;
        for (var last = first; groups.At(last) is { } group; last++)
        {
            var forced = Math.Max(0, before - options.K + 1);
            if (forced >= best?.Rows)
                break;
            if (before + group.Rows >= options.K && PlanFor(last, forced) is { } plan && !(plan.Rows >= best?.Rows))
                best = plan;
            before += group.Rows;
        }
        return best is null ? null : Removal(best);
    }

    /// <summary>The fewest of the first group's rows, at least one of which stays.</summary>
    public MinimalRemovalSet? OfFirstGroup() => PlanFor(first, 0) is { } plan ? Removal(plan) : null;

    /// <param name="last">The last group that votes.</param>
    /// <param name="forced">How many rows of the groups before it must go.</param>
    /// <returns>Null when fewer than k rows would be left.</returns>
    private Plan? PlanFor(int last, int forced)
    {
        var (winners, winnersBefore, rows) = (0, 0, 0);
        for (var number = first; number <= last; number++)
        {
            winnersBefore = winners;
            winners += Winners(groups.At(number)!);
            rows += groups.At(number)!.Rows;
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
        foreach (var (group, winners, others) in Removed(plan))
        {
            var (winning, losing) = (Winners(group) - winners, Others(group) - others);
            if (winning + losing == 0)
                continue;
            if (double.IsNaN(nearest))
                nearest = group.Distance;
            var weight = options.Weights == NeighborWeights.Uniform || group.Distance == nearest ? 1 : nearest / group.Distance;
            votesFor += weight * (survived ? winning : losing);
            votesAgainst += weight * (survived ? losing : winning);
        }
        return survived != votesFor > votesAgainst;
    }

    /// <summary>The voting groups, each with how many of its winners and of its other rows go.</summary>
    private IEnumerable<(DistanceGroup DistanceGroup, int Winners, int Others)> Removed(Plan plan)
    {
        var (winners, others) = (plan.Winners, plan.Others);
        var othersBefore = Enumerable.Range(first, plan.Last - first).Sum(number => Others(groups.At(number)!));
        for (var number = first; number <= plan.Last; number++)
        {
            var group = groups.At(number)!;
            var winnersGone = Math.Min(winners, Winners(group));
            winners -= winnersGone;
            // The farthest first: what the groups behind this one cannot give, but never of the last.
            othersBefore -= number < plan.Last ? Others(group) : 0;
            var othersGone = number < plan.Last ? Math.Max(0, others - othersBefore) : 0;
            others -= othersGone;
            yield return (group, winnersGone, othersGone);
        }
    }

    private MinimalRemovalSet Removal(Plan plan)
    {
        List<RemovedRows> removed = [];
        foreach (var (group, winners, others) in Removed(plan))
        {
            removed.AddRange(Of(group, survived, winners));
            removed.AddRange(Of(group, !survived, others));
        }
        var isFree = plan is { Forced: 0, Others: 0 } && plan.Last == VotingNeighbors.GroupsThatVote(groups, options) - 1
            && (options.Weights == NeighborWeights.Uniform || plan.Last == first);
        return new MinimalRemovalSet(plan.Rows, removed, isFree);
    }

    private static IEnumerable<RemovedRows> Of(DistanceGroup group, bool outcome, int rows)
    {
        foreach (var input in group.Inputs)
        {
            var gone = Math.Min(rows, outcome ? input.Survived : input.Died);
            rows -= gone;
            if (gone > 0)
                yield return new RemovedRows(input, outcome, gone);
        }
    }

    private int Winners(DistanceGroup group) => survived ? group.Survived : group.Died;

    private int Others(DistanceGroup group) => survived ? group.Died : group.Survived;

    private sealed record Plan(int Last, int Winners, int Others, int Forced)
    {
        public int Rows => Winners + Others;
    }
}
