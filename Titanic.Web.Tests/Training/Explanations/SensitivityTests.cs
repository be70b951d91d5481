using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Explanations;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Explanations;

public sealed class SensitivityTests
{
    [Fact]
    public void Varies_each_feature_over_all_values_with_the_others_fixed()
    {
        var model = new KnnTrainer(new KnnOptions(), BinnedEncoder.Id).Fit(TitanicRows.Points);
        double[] point = [1, 1, 3, 4];

        var sensitivities = Sensitivity.Of(TrainingViews.Binned.Axes, model.Predict, point);

        Assert.Equal([3, 2, 6, 11], sensitivities.Select(sensitivity => sensitivity.Values.Count));
        Assert.Equal(["pclass", "sex", "age", "fare"], sensitivities.Select(sensitivity => sensitivity.Axis.InputField));
        Assert.All(sensitivities[0].Values, value => Assert.Equal(model.Predict([value.Value.Code, 1, 3, 4]), value.Prediction));
        Assert.All(sensitivities[3].Values, value => Assert.Equal(model.Predict([1, 1, 3, value.Value.Code]), value.Prediction));
        Assert.All(sensitivities, sensitivity => Assert.Equal(model.Predict(point), Assert.Single(sensitivity.Values, value => value.IsCurrent).Prediction));
        Assert.Equal([1, 1, 3, 4], point);
    }
}
