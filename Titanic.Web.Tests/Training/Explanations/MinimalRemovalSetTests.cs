using FsCheck.Xunit;
using Titanic.Web.Tests.Training.Knn;
using Titanic.Web.Training;
using Titanic.Web.Training.Explanations;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Explanations;

[Properties(Arbitrary = [typeof(KnnSample)], MaxTest = 400)]
public sealed class MinimalRemovalSetTests
{
    /// <summary>With weights by distance a vote may be decided by the last bit; what is nearer than this to a draw may count either way.</summary>
    private const double Draw = 1e-9;

    /// <summary>Every subset of at most nine rows, the small ones first.</summary>
    [Property]
    public void No_smaller_number_of_rows_turns_the_answer(KnnSample some)
    {
        var sample = some with { Rows = [.. some.Rows.Take(9)], Options = some.Options with { K = Math.Min(some.Options.K, Math.Min(9, some.Rows.Length)) } };
        var model = sample.Fit();
        var survived = model.Predict(sample.Query).Survived;
        var vote = FixedScaleVote.Of(model, sample.Query);
        int? surely = null, atBest = null;
        foreach (var subset in Enumerable.Range(0, 1 << vote.Rows.Length))
        {
            var size = System.Numerics.BitOperations.PopCount((uint)subset);
            if (vote.Without(Enumerable.Range(0, vote.Rows.Length).Where(row => (subset >> row & 1) == 1)).Margin() is not { } margin)
                continue;
            if (survived ? margin <= -Draw || margin == 0 : margin > Draw)
                surely = Math.Min(surely ?? size, size);
            if (survived ? margin <= Draw : margin > -Draw && margin != 0)
                atBest = Math.Min(atBest ?? size, size);
        }

        var removal = MinimalRemovalSet.Find(new DistanceGroups(model, sample.Query), model.Options, model.Training.Rows, survived);

        if (sample.Options.Weights == NeighborWeights.Uniform)
            Assert.Equal(surely, removal?.Rows);
        else
            Assert.InRange(removal?.Rows ?? int.MaxValue, atBest ?? int.MaxValue, surely ?? int.MaxValue);
    }

    [Property]
    public void The_rows_that_are_named_turn_the_answer_and_stand_where_it_says(KnnSample sample)
    {
        var model = sample.Fit();
        var survived = model.Predict(sample.Query).Survived;
        if (MinimalRemovalSet.Find(new DistanceGroups(model, sample.Query), model.Options, model.Training.Rows, survived) is not { } removal)
            return;
        var vote = FixedScaleVote.Of(model, sample.Query);
        HashSet<int> gone = [];
        foreach (var removed in removal.Of)
        {
            var index = model.Training.IndexOf(removed.Input.Point);
            Assert.InRange(removed.Rows, 1, model.Training.RowsOf(index, removed.Survived));
            var rows = Enumerable.Range(0, vote.Rows.Length)
                .Where(row => !gone.Contains(row) && (vote.Rows[row].Distance, vote.Rows[row].Survived) == (removed.Input.Distance, removed.Survived))
                .Take(removed.Rows).ToList();
            Assert.Equal(removed.Rows, rows.Count);
            gone.UnionWith(rows);
        }

        Assert.Equal(removal.Rows, gone.Count);
        var margin = vote.Without(gone).Margin()!.Value;
        Assert.True(survived ? margin <= Draw : margin > -Draw, $"{margin}");
    }

    [Property]
    public void Where_any_of_their_kind_will_do_the_farthest_do_as_well(KnnSample sample)
    {
        var model = sample.Fit();
        var survived = model.Predict(sample.Query).Survived;
        if (MinimalRemovalSet.Find(new DistanceGroups(model, sample.Query), model.Options, model.Training.Rows, survived) is not { AnyOfTheirKind: true } removal)
            return;
        var vote = FixedScaleVote.Of(model, sample.Query);
        var voters = vote.VotingNeighbors().Length;

        var farthest = Enumerable.Range(0, voters).Where(row => vote.Rows[row].Survived == survived).TakeLast(removal.Rows);

        Assert.Equal(!survived, vote.Without(farthest).Margin() > 0);
    }

    /// <summary>Three of five survive at one place; a draw is not survived, so one of them decides.</summary>
    [Fact]
    public void One_survivor_of_three_among_five_is_enough()
    {
        var model = new KnnTrainer(new KnnOptions(4), "test/1").Fit(WeightedSamples.FromRows(["f"], [new([0], true, 3), new([0], false, 2), new([9], false, 1)]));

        var removal = MinimalRemovalSet.Find(new DistanceGroups(model, [0]), model.Options, model.Training.Rows, survived: true);

        Assert.Equal((1, true), (removal!.Rows, removal.AnyOfTheirKind));
        Assert.Equal((true, 1), (Assert.Single(removal.Of).Survived, removal.Of[0].Rows));
    }

    /// <summary>All five voters survive; without one of them the four victims behind come in.</summary>
    [Fact]
    public void Rows_behind_the_neighbours_come_in_when_too_few_are_left()
    {
        var model = new KnnTrainer(new KnnOptions(5), "test/1").Fit(WeightedSamples.FromRows(["f"], [new([0], true, 5), new([9], false, 4)]));

        var removal = MinimalRemovalSet.Find(new DistanceGroups(model, [0]), model.Options, model.Training.Rows, survived: true);

        Assert.Equal((1, false), (removal!.Rows, removal.AnyOfTheirKind)); // four survivors and four victims: a draw
    }

    [Fact]
    public void Nothing_turns_an_answer_of_all_rows()
    {
        var model = new KnnTrainer(new KnnOptions(5), "test/1").Fit(WeightedSamples.FromRows(["f"], [new([0], true, 4), new([0], false, 1)]));

        Assert.Null(MinimalRemovalSet.Find(new DistanceGroups(model, [0]), model.Options, model.Training.Rows, survived: true));
    }
}
