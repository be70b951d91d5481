using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;

namespace Titanic.Web.Tests.Training.Baselines;

public sealed class MajorityBaselineTests
{
    [Theory]
    [InlineData(2, 3, true)]
    [InlineData(3, 3, false)]
    [InlineData(4, 3, false)]
    public void Predicts_the_majority_and_died_for_a_tie(int died, int survived, bool expected)
    {
        var points = WeightedSamples.FromRows(["x"], [new([0], false, died), new([1], true, survived)]);

        Assert.Equal(
            new ClassPrediction(expected, (survived + 1.0) / (died + survived + 2)), new MajorityBaseline().Fit(points).Predict([7]));
    }

    [Fact]
    public void Rejects_an_empty_training_set() =>
        Assert.Throws<TrainingFailedException>(() => new MajorityBaseline().Fit(WeightedSamples.FromRows(["x"], [])));
}
