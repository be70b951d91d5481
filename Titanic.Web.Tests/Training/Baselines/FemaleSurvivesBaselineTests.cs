using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;

namespace Titanic.Web.Tests.Training.Baselines;

public sealed class FemaleSurvivesBaselineTests
{
    private static readonly WeightedSamples Points = WeightedSamples.FromRows(
        ["class", "sex"], [new([1, 1], false, 6), new([2, 1], true, 2), new([1, 0], true, 3), new([3, 0], false)]);

    [Fact]
    public void Class_follows_the_rule_and_probability_follows_the_rows()
    {
        var fitted = new FemaleSurvivesBaseline(sexFeature: 1).Fit(Points);

        Assert.Equal(new ClassPrediction(true, 3.0 / 10), fitted.Predict([3, 1]));
        Assert.Equal(new ClassPrediction(false, 4.0 / 6), fitted.Predict([3, 0]));
    }

    [Fact]
    public void Rejects_a_missing_sex_feature() =>
        Assert.Equal("The index of the sex feature is 2; it must be between 0 and 1.",
            Assert.Throws<TrainingFailedException>(() => new FemaleSurvivesBaseline(2).Fit(Points)).Message);
}
