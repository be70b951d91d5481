using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class LeaveOneOutTests
{
    [Fact]
    public void Accuracy_on_the_historical_data_is_about_80_percent()
    {
        var metrics = LeaveOneOut.Run(new KnnTrainer(new KnnOptions(), "titanic_binned/1"), TitanicRows.Points);

        Assert.Equal(1309, metrics.Rows);
        Assert.InRange(metrics.Accuracy.Value!.Value, 0.795, 0.81);
    }

    [Fact]
    public void Left_out_row_does_not_vote_for_itself()
    {
        // k = 1: each row would be predicted correctly by itself; without itself its neighbors have the other outcome.
        var points = WeightedSamples.FromRows(["x"], [new([0], true), new([1], false), new([10], true), new([11], false)]);

        Assert.Equal(new ConfusionMatrix(0, 2, 2, 0), LeaveOneOut.Run(new KnnTrainer(new KnnOptions(1), "test/1"), points).Confusion);
    }

    [Fact]
    public void Majority_baseline_is_always_wrong_for_balanced_outcomes()
    {
        // 2 of each: without a row, the majority of the others has the opposite outcome, so every prediction is wrong.
        var points = WeightedSamples.FromRows(["x"], [new([0], true, 2), new([1], false, 2)]);

        Assert.Equal(0, LeaveOneOut.Run(new MajorityBaseline(), points).Accuracy.Value);
    }

    [Fact]
    public void Rejects_an_outcome_with_a_single_row()
    {
        var points = WeightedSamples.FromRows(["x"], [new([0], true), new([1], false, 9)]);

        Assert.Equal("The numbers of rows that died and survived are 9 and 1; leave-one-out requires at least 2 of each.",
            Assert.Throws<TrainingFailedException>(() => LeaveOneOut.Run(new MajorityBaseline(), points)).Message);
    }
}
