using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;

namespace Titanic.Web.Tests.Training.Baselines;

public sealed class FemaleSurvivesBaselineTests
{
    private static readonly WeightedSamples Points = WeightedSamples.FromRows(
        ["class", "sex"], [new([1, 1], false, 6), new([2, 1], true, 2), new([1, 0], true, 3), new([3, 0], false)]);

    [Fact]
    public void The_rule_holds_whatever_the_rows_say_and_the_probability_is_theirs()
    {
        var fitted = new FemaleSurvivesBaseline(sexFeature: 1).Fit(Points);

        Assert.Equal(new ClassPrediction(true, 3.0 / 10), fitted.Predict([3, 1]));
        Assert.Equal(new ClassPrediction(false, 4.0 / 6), fitted.Predict([3, 0]));
    }

    [Fact]
    public void A_feature_that_is_not_there_is_refused() =>
        Assert.Equal("The sex is feature 2; it must be 0..1.",
            Assert.Throws<TrainingRefusedException>(() => new FemaleSurvivesBaseline(2).Fit(Points)).Message);
}
