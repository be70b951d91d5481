using Microsoft.ML;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;
using static Titanic.Web.Tests.Training.Knn.TitanicDataView;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class KnnEstimatorTests
{
    private readonly MLContext _ml = new(seed: 1912);

    [Fact]
    public void Fitted_model_equals_that_of_the_trainer()
    {
        var fitted = Pipeline(_ml).Fit(Rows(_ml)).LastTransformer.Model;

        Assert.Equal(TitanicRows.Points.Values.ToArray(), fitted.Training.Values.ToArray());
        Assert.Equal(["Pclass", "Sex", "AgeGroup", "FareBand"], fitted.Training.FeatureNames);
        Assert.Equal(KnnEstimator.EncoderId, fitted.EncoderId);
    }

    [Theory]
    [InlineData("Pclass", "Features", "The column \"Pclass\" is Single; it must be Boolean.")]
    [InlineData("Label", "Sex", "The column \"Sex\" is Single; it must be a vector of Single of known size.")]
    [InlineData("Label", "Features", "There is no column \"Features\"; there are Label, ")]
    public void Rejects_a_wrong_column(string label, string features, string message)
    {
        var trainer = _ml.BinaryClassification.Trainers.KNearestNeighbors(new KnnOptions(), label, features);

        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => trainer.Fit(Rows(_ml))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_too_few_rows_like_the_trainer()
    {
        var tooFew = _ml.Data.LoadFromEnumerable([new DataRow { Label = true }, new DataRow()]);

        var exception = Assert.Throws<TrainingFailedException>(() => Pipeline(_ml).Fit(tooFew));

        Assert.Equal("k is 7; it must be between 1 and the number of training rows (2).", exception.Message);
    }

    [Fact]
    public void Rejects_a_missing_value_with_row_and_feature()
    {
        var rows = _ml.Data.LoadFromEnumerable([new DataRow { Label = true }, new DataRow(), new DataRow { AgeGroup = float.NaN }]);

        var exception = Assert.Throws<TrainingFailedException>(() => Pipeline(_ml).Fit(rows));

        Assert.Equal("Row 3 has NaN as \"AgeGroup\"; it must be a number within ±1E+100.", exception.Message);
    }

    [Fact]
    public void Rejects_invalid_options_immediately()
    {
        var exception = Assert.Throws<ArgumentException>(() => _ml.BinaryClassification.Trainers.KNearestNeighbors(new KnnOptions(0)));

        Assert.StartsWith("k is 0; it must be at least 1.", exception.Message, StringComparison.Ordinal);
    }
}
