using FsCheck.Xunit;
using Titanic.Web.Tests.Training.Knn;
using Titanic.Web.Training;
using Titanic.Web.Training.Explanations;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Explanations;

[Properties(Arbitrary = [typeof(KnnSample)], MaxTest = 400)]
public sealed class MinimalRemovalSetTests
{
    /// <summary>With distance weights the last bit may decide a vote; margins below this may count either way.</summary>
    private const double TieTolerance = 1e-9;

    /// <summary>Compared with every subset of at most nine rows.</summary>
    [Property]
    public void No_smaller_removal_flips_the_prediction(KnnSample generated)
    {
        var sample = generated with { Rows = [.. generated.Rows.Take(9)], Options = generated.Options with { K = Math.Min(generated.Options.K, Math.Min(9, generated.Rows.Length)) } };
        var model = sample.Fit();
        var survived = model.Predict(sample.Query).Survived;
        var vote = FixedScaleVote.Of(model, sample.Query);
        int? certain = null, possible = null;
        foreach (var subset in Enumerable.Range(0, 1 << vote.Rows.Length))
        {
            var size = System.Numerics.BitOperations.PopCount((uint)subset);
            if (vote.Without(Enumerable.Range(0, vote.Rows.Length).Where(row => (subset >> row & 1) == 1)).Margin() is not { } margin)
                continue;
            if (survived ? margin <= -TieTolerance || margin == 0 : margin > TieTolerance)
                certain = Math.Min(certain ?? size, size);
            if (survived ? margin <= TieTolerance : margin > -TieTolerance && margin != 0)
                possible = Math.Min(possible ?? size, size);
        }

        var removal = MinimalRemovalSet.Find(new DistanceGroups(model, sample.Query), model.Options, model.Training.Rows, survived);

        if (sample.Options.Weights == NeighborWeights.Uniform)
            Assert.Equal(certain, removal?.Rows);
        else
            Assert.InRange(removal?.Rows ?? int.MaxValue, possible ?? int.MaxValue, certain ?? int.MaxValue);
    }

    [Property]
    public void Removed_rows_exist_and_flip_the_prediction(KnnSample sample)
    {
        var model = sample.Fit();
        var survived = model.Predict(sample.Query).Survived;
        if (MinimalRemovalSet.Find(new DistanceGroups(model, sample.Query), model.Options, model.Training.Rows, survived) is not { } removal)
            return;
        var vote = FixedScaleVote.Of(model, sample.Query);
        HashSet<int> removedIndices = [];
        foreach (var removed in removal.Removed)
        {
            var index = model.Training.IndexOf(removed.Input.Point);
            Assert.InRange(removed.Rows, 1, model.Training.RowsOf(index, removed.Survived));
            var rows = Enumerable.Range(0, vote.Rows.Length)
                .Where(row => !removedIndices.Contains(row) && (vote.Rows[row].Distance, vote.Rows[row].Survived) == (removed.Input.Distance, removed.Survived))
                .Take(removed.Rows).ToList();
            Assert.Equal(removed.Rows, rows.Count);
            removedIndices.UnionWith(rows);
        }

        Assert.Equal(removal.Rows, removedIndices.Count);
        var margin = vote.Without(removedIndices).Margin()!.Value;
        Assert.True(survived ? margin <= TieTolerance : margin > -TieTolerance, $"{margin}");
    }

    [Property]
    public void Interchangeable_rows_include_the_farthest_voting_rows(KnnSample sample)
    {
        var model = sample.Fit();
        var survived = model.Predict(sample.Query).Survived;
        if (MinimalRemovalSet.Find(new DistanceGroups(model, sample.Query), model.Options, model.Training.Rows, survived) is not { IsInterchangeable: true } removal)
            return;
        var vote = FixedScaleVote.Of(model, sample.Query);
        var votingRows = vote.VotingNeighbors().Length;

        var farthest = Enumerable.Range(0, votingRows).Where(row => vote.Rows[row].Survived == survived).TakeLast(removal.Rows);

        Assert.Equal(!survived, vote.Without(farthest).Margin() > 0);
    }

    /// <summary>Three of five rows at one point survive; a tie is "not survived", so removing one suffices.</summary>
    [Fact]
    public void Removing_one_of_three_survivors_among_five_suffices()
    {
        var model = new KnnTrainer(new KnnOptions(4), "test/1").Fit(WeightedSamples.FromRows(["f"], [new([0], true, 3), new([0], false, 2), new([9], false, 1)]));

        var removal = MinimalRemovalSet.Find(new DistanceGroups(model, [0]), model.Options, model.Training.Rows, survived: true);

        Assert.Equal((1, true), (removal!.Rows, removal.IsInterchangeable));
        Assert.Equal((true, 1), (Assert.Single(removal.Removed).Survived, removal.Removed[0].Rows));
    }

    /// <summary>All five voting rows survive; without one of them the four farther rows, which died, vote too.</summary>
    [Fact]
    public void Farther_rows_vote_if_fewer_than_k_remain()
    {
        var model = new KnnTrainer(new KnnOptions(5), "test/1").Fit(WeightedSamples.FromRows(["f"], [new([0], true, 5), new([9], false, 4)]));

        var removal = MinimalRemovalSet.Find(new DistanceGroups(model, [0]), model.Options, model.Training.Rows, survived: true);

        Assert.Equal((1, false), (removal!.Rows, removal.IsInterchangeable)); // four survivors and four rows that died: a tie
    }

    [Fact]
    public void Returns_null_if_fewer_than_k_rows_would_remain()
    {
        var model = new KnnTrainer(new KnnOptions(5), "test/1").Fit(WeightedSamples.FromRows(["f"], [new([0], true, 4), new([0], false, 1)]));

        Assert.Null(MinimalRemovalSet.Find(new DistanceGroups(model, [0]), model.Options, model.Training.Rows, survived: true));
    }
}
