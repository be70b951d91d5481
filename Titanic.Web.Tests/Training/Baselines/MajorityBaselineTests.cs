using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;

namespace Titanic.Web.Tests.Training.Baselines;

public sealed class MajorityBaselineTests
{
    [Theory]
    [InlineData(2, 3, true)]
    [InlineData(3, 3, false)]
    [InlineData(4, 3, false)]
    public void Answers_what_most_did_and_a_tie_is_not_survived(int died, int survived, bool answer)
    {
        var points = WeightedSamples.FromRows(["x"], [new([0], false, died), new([1], true, survived)]);

        Assert.Equal(new ClassPrediction(answer, (survived + 1.0) / (died + survived + 2)), new MajorityBaseline().Fit(points).Predict([7]));
    }

    [Fact]
    public void Needs_a_row() =>
        Assert.Throws<TrainingRefusedException>(() => new MajorityBaseline().Fit(WeightedSamples.FromRows(["x"], [])));
}
