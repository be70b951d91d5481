using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Explanations;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Explanations;

public sealed class SensitivityTests
{
    [Fact]
    public void Each_feature_moves_over_all_its_values_while_the_others_stay()
    {
        var model = new KnnTrainer(new KnnOptions(), BinnedEncoder.Id).Fit(TitanicRows.Points);
        double[] point = [1, 1, 3, 4];

        var sensitivities = Sensitivity.Of(TrainingViews.Binned.Axes, model.Predict, point);

        Assert.Equal([3, 2, 6, 11], sensitivities.Select(sensitivity => sensitivity.Values.Count));
        Assert.Equal(["pclass", "sex", "age", "fare"], sensitivities.Select(sensitivity => sensitivity.Axis.Question));
        Assert.All(sensitivities[0].Values, what => Assert.Equal(model.Predict([what.Value.Code, 1, 3, 4]), what.Answer));
        Assert.All(sensitivities[3].Values, what => Assert.Equal(model.Predict([1, 1, 3, what.Value.Code]), what.Answer));
        Assert.All(sensitivities, sensitivity => Assert.Equal(model.Predict(point), Assert.Single(sensitivity.Values, what => what.IsAsked).Answer));
        Assert.Equal([1, 1, 3, 4], point);
    }
}
