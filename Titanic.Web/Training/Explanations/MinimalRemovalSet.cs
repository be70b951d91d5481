using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

/// <summary>
/// The smallest set of training rows whose removal flips the predicted class. The feature scale remains as fitted: refitting without a row
/// changes all distances slightly, and with them predictions that do not depend on the row. If fewer than k rows remain within the radius,
/// the next nearest rows vote.
/// </summary>
/// <param name="Rows">Number of removed rows, at least 1; no smaller number flips the class.</param>
/// <param name="Removed">One such set, nearest rows first.</param>
/// <param name="IsInterchangeable">Whether any other voting rows of the same outcome could be removed instead.</param>
public sealed record MinimalRemovalSet(int Rows, IReadOnlyList<RemovedRows> Removed, bool IsInterchangeable)
{
    /// <summary>Finds the smallest set.</summary>
    /// <param name="groups">Training points by distance from the query.</param>
    /// <param name="options">k, metric and weights of the model.</param>
    /// <param name="trainingRows">Number of training rows.</param>
    /// <param name="survived">The predicted class, which is to be flipped.</param>
    /// <returns>Null if fewer than k rows would remain.</returns>
    internal static MinimalRemovalSet? Find(DistanceGroups groups, KnnOptions options, int trainingRows, bool survived)
    {
        var nearest = groups.At(0)!;
        if (!VotingNeighbors.HasInfiniteWeight(nearest, options))
            return new RemovalSearch(groups, options, survived, 0).FindMinimum();

        // While a row remains at distance 0, its infinite weight outvotes all other rows.
        var atZero = new RemovalSearch(groups, options with { K = 1 }, survived, 0).FindInFirstGroup();
        if (atZero is not null && trainingRows - atZero.Rows >= options.K)
            return atZero;
        var all = nearest.Inputs.SelectMany(input => (RemovedRows[])[new(input, false, input.Died), new(input, true, input.Survived)]).Where(removed => removed.Rows > 0);
        return new RemovalSearch(groups, options, survived, 1).FindMinimum() is { } remainder
            ? new MinimalRemovalSet(nearest.Rows + remainder.Rows, [.. all, .. remainder.Removed], false)
            : null;
    }
}

/// <summary>Removed rows at one training point.</summary>
/// <param name="Input">The training point.</param>
/// <param name="Survived">Outcome of the removed rows.</param>
/// <param name="Rows">Number of removed rows, at least 1.</param>
public sealed record RemovedRows(NeighborInput Input, bool Survived, int Rows);

/// <summary>
/// Searches for the smallest set of rows to remove, by the last group that votes afterwards. For each such group the removal is determined:
/// from the groups before it enough rows that fewer than k remain there, and from all voting groups as many supporting rows as flip the
/// vote, nearest first because they have the largest weights. Opposing rows are removed only if the supporting rows before that group do
/// not suffice, farthest first. Supporting rows have the predicted outcome, opposing rows the other one.
/// </summary>
/// <param name="groups">Training points by distance from the query.</param>
/// <param name="options">k and weights.</param>
/// <param name="survived">The predicted class, which is to be flipped.</param>
/// <param name="first">Index of the first group to consider; nearer groups are already removed.</param>
internal sealed class RemovalSearch(DistanceGroups groups, KnnOptions options, bool survived, int first)
{
    /// <summary>The smallest set; null if there is none.</summary>
    public MinimalRemovalSet? FindMinimum()
    {
        Plan? best = null;
        var before = 0;
        for (var last = first; groups.At(last) is { } group; last++)
        {
            var required = Math.Max(0, before - options.K + 1);
            if (required >= best?.Rows)
                break;
            if (before + group.Rows >= options.K && PlanFor(last, required) is { } plan && !(plan.Rows >= best?.Rows))
                best = plan;
            before += group.Rows;
        }
        return best is null ? null : ToRemovalSet(best);
    }

    /// <summary>The smallest set of rows of the first group, at least one row of which remains.</summary>
    public MinimalRemovalSet? FindInFirstGroup() => PlanFor(first, 0) is { } plan ? ToRemovalSet(plan) : null;

    /// <summary>The smallest removal after which a group is the last one that votes.</summary>
    /// <param name="last">Index of the last voting group.</param>
    /// <param name="required">Number of rows to remove at least from the groups before it.</param>
    /// <returns>Null if fewer than k rows would remain.</returns>
    private Plan? PlanFor(int last, int required)
    {
        var (supporting, supportingBefore, rows) = (0, 0, 0);
        for (var number = first; number <= last; number++)
        {
            supportingBefore = supporting;
            supporting += Supporting(groups.At(number)!);
            rows += groups.At(number)!.Rows;
        }
        var opposing = Math.Max(0, required - supportingBefore);
        var (low, high) = (required - opposing, supporting);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (FlipsPrediction(new Plan(last, middle, opposing, required)))
                high = middle;
            else
                low = middle + 1;
        }
        var plan = new Plan(last, low, opposing, required);
        return rows - plan.Rows >= options.K && FlipsPrediction(plan) ? plan : null;
    }

    /// <summary>Whether the predicted class flips after a removal.</summary>
    private bool FlipsPrediction(Plan plan)
    {
        var (votesFor, votesAgainst) = (0.0, 0.0);
        var nearest = double.NaN;
        foreach (var (group, supporting, opposing) in RemovedByGroup(plan))
        {
            var (winning, losing) = (Supporting(group) - supporting, Opposing(group) - opposing);
            if (winning + losing == 0)
                continue;
            if (double.IsNaN(nearest))
                nearest = group.Distance;
            var weight = options.Weights == NeighborWeights.Uniform || group.Distance == nearest ? 1 : nearest / group.Distance;
            votesFor += weight * (survived ? winning : losing);
            votesAgainst += weight * (survived ? losing : winning);
        }
        return survived != DistanceTie.IsMajority(votesFor, votesAgainst);
    }

    /// <summary>The voting groups, each with its numbers of removed supporting and opposing rows.</summary>
    private IEnumerable<(DistanceGroup DistanceGroup, int Supporting, int Opposing)> RemovedByGroup(Plan plan)
    {
        var (supporting, opposing) = (plan.Supporting, plan.Opposing);
        var opposingBefore = Enumerable.Range(first, plan.Last - first).Sum(number => Opposing(groups.At(number)!));
        for (var number = first; number <= plan.Last; number++)
        {
            var group = groups.At(number)!;
            var removedSupporting = Math.Min(supporting, Supporting(group));
            supporting -= removedSupporting;
            // Farthest first: only what the later groups before the last one cannot provide; never rows of the last group.
            opposingBefore -= number < plan.Last ? Opposing(group) : 0;
            var removedOpposing = number < plan.Last ? Math.Max(0, opposing - opposingBefore) : 0;
            opposing -= removedOpposing;
            yield return (group, removedSupporting, removedOpposing);
        }
    }

    private MinimalRemovalSet ToRemovalSet(Plan plan)
    {
        List<RemovedRows> removed = [];
        foreach (var (group, supporting, opposing) in RemovedByGroup(plan))
        {
            removed.AddRange(RemoveFrom(group, survived, supporting));
            removed.AddRange(RemoveFrom(group, !survived, opposing));
        }
        var isInterchangeable = plan is { Required: 0, Opposing: 0 } && plan.Last == VotingNeighbors.CountVotingGroups(groups, options) - 1
            && (options.Weights == NeighborWeights.Uniform || plan.Last == first);
        return new MinimalRemovalSet(plan.Rows, removed, isInterchangeable);
    }

    private static IEnumerable<RemovedRows> RemoveFrom(DistanceGroup group, bool outcome, int rows)
    {
        foreach (var input in group.Inputs)
        {
            var gone = Math.Min(rows, outcome ? input.Survived : input.Died);
            rows -= gone;
            if (gone > 0)
                yield return new RemovedRows(input, outcome, gone);
        }
    }

    private int Supporting(DistanceGroup group) => survived ? group.Survived : group.Died;

    private int Opposing(DistanceGroup group) => survived ? group.Died : group.Survived;

    private sealed record Plan(int Last, int Supporting, int Opposing, int Required)
    {
        public int Rows => Supporting + Opposing;
    }
}
