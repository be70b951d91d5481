using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>Golden numbers of the 1309 historical passengers, measured with independent software.</summary>
public sealed class KnnModelOnTheTitanicTests
{
    private static readonly KnnModel Model = new KnnTrainer(new KnnOptions(), "titanic_binned/1").Fit(TitanicRows.Points);

    [Fact]
    public void There_are_1309_rows_with_500_survivors_on_130_distinct_points()
    {
        Assert.Equal((1309, 500), (TitanicRows.Points.Rows, TitanicRows.Points.SurvivedRows));
        Assert.Equal(130, TitanicRows.Points.Count);

        // The known 129 are counted without passenger 1226, whose fare is missing and who stands alone with the assumed one.
        var withKnownFares = TitanicRows.All.Where((_, index) => index != 1226 - 1);
        Assert.Equal(129, WeightedSamples.FromRows(TitanicRows.FeatureNames, withKnownFares).Count);
    }

    [Fact]
    public void Means_and_deviations_are_the_known_ones()
    {
        double[] means = [2.294881588999236, 0.3559969442322384, 2.449197860962567, 1.4904507257448434];
        double[] deviations = [0.8375159287888329, 0.4788142854276048, 1.4796484566267258, 1.890252959832563];
        for (var feature = 0; feature < 4; feature++)
        {
            Assert.Equal(means[feature], Model.Means[feature], 1e-12);
            Assert.Equal(deviations[feature], Model.StandardDeviations[feature], 1e-12);
        }
    }

    [Fact]
    public void Of_the_396_inputs_176_survive_and_9_stand_at_one_half()
    {
        var answers = TitanicRows.Inputs().Select(input => Model.Predict(input)).ToArray();

        Assert.Equal(396, answers.Length);
        Assert.Equal(176, answers.Count(answer => answer.Survived));
        Assert.Equal(9, answers.Count(answer => 2 * answer.Survivors == answer.Neighbors));
        Assert.All(answers, answer => Assert.Equal((answer.Survivors + 1.0) / (answer.Neighbors + 2), answer.Probability));
        Assert.All(answers, answer => Assert.True(answer.Neighbors >= 7));
    }

    [Fact]
    public void Leaving_a_row_out_is_the_same_as_never_having_had_it()
    {
        for (var left = 0; left < TitanicRows.All.Length; left += 13)
        {
            var row = TitanicRows.All[left];
            var others = TitanicRows.All.Where((_, index) => index != left);
            var refitted = new KnnTrainer(Model.Options, Model.EncoderId).Fit(
                WeightedSamples.FromRows(TitanicRows.FeatureNames, others));

            Assert.Equal(refitted.Predict(row.Point), Model.PredictLeavingOut(row.Point, row.Survived));
        }
    }

    [Fact]
    public void Many_threads_get_the_same_answers()
    {
        var inputs = TitanicRows.Inputs().ToArray();
        var alone = inputs.Select(input => Model.Predict(input)).ToArray();

        Parallel.For(0, 8 * inputs.Length, index =>
            Assert.Equal(alone[index % inputs.Length], Model.Predict(inputs[index % inputs.Length])));
    }
}
