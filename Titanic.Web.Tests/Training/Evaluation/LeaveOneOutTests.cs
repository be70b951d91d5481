using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class LeaveOneOutTests
{
    [Fact]
    public void On_the_historical_list_it_reaches_eighty_percent()
    {
        var metrics = LeaveOneOut.Run(new KnnTrainer(new KnnOptions(), "titanic_binned/1"), TitanicRows.Points);

        Assert.Equal(1309, metrics.Rows);
        Assert.InRange(metrics.Accuracy.Value!.Value, 0.795, 0.81);
    }

    [Fact]
    public void The_left_out_row_does_not_vote_for_itself()
    {
        // k = 1: each of these rows would be right about itself; without itself each has only neighbours of the other outcome.
        var points = WeightedSamples.FromRows(["x"], [new([0], true), new([1], false), new([10], true), new([11], false)]);

        Assert.Equal(new ConfusionMatrix(0, 2, 2, 0), LeaveOneOut.Run(new KnnTrainer(new KnnOptions(1), "test/1"), points).Confusion);
    }

    [Fact]
    public void The_majority_of_the_others_loses_its_own_ties()
    {
        // 2 of each: without a victim most of the others survived, and the other way round, so every answer is wrong.
        var points = WeightedSamples.FromRows(["x"], [new([0], true, 2), new([1], false, 2)]);

        Assert.Equal(0, LeaveOneOut.Run(new MajorityBaseline(), points).Accuracy.Value);
    }

    [Fact]
    public void A_lonely_outcome_is_refused()
    {
        var points = WeightedSamples.FromRows(["x"], [new([0], true), new([1], false, 9)]);

        Assert.Equal("9 rows died and 1 survived; leaving one out needs at least 2 of each.",
            Assert.Throws<TrainingRefusedException>(() => LeaveOneOut.Run(new MajorityBaseline(), points)).Message);
    }
}
