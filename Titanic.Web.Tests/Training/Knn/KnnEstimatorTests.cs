using Microsoft.ML;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;
using static Titanic.Web.Tests.Training.Knn.TitanicDataView;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class KnnEstimatorTests
{
    private readonly MLContext _ml = new(seed: 1912);

    [Fact]
    public void The_learned_model_is_that_of_the_trainer()
    {
        var learned = Pipeline(_ml).Fit(Rows(_ml)).LastTransformer.Model;

        Assert.Equal(TitanicRows.Points.Codes.ToArray(), learned.Training.Codes.ToArray());
        Assert.Equal(["Pclass", "Sex", "AgeGroup", "FareBand"], learned.Training.FeatureNames);
        Assert.Equal(KnnEstimator.EncoderId, learned.EncoderId);
    }

    [Theory]
    [InlineData("Pclass", "Features", "Column 'Pclass' is Single; it must be Boolean.")]
    [InlineData("Label", "Sex", "Column 'Sex' is Single; it must be a vector of Single of known size.")]
    [InlineData("Label", "Features", "There is no column 'Features'; there are Label, ")]
    public void A_wrong_column_is_refused_with_a_sentence(string label, string features, string sentence)
    {
        var trainer = _ml.BinaryClassification.Trainers.KNearestNeighbors(new KnnOptions(), label, features);

        Assert.StartsWith(sentence, Assert.Throws<ArgumentException>(() => trainer.Fit(Rows(_ml))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_cannot_be_learned_from_are_refused_as_by_the_trainer()
    {
        var tooFew = _ml.Data.LoadFromEnumerable([new Row { Label = true }, new Row()]);

        var refusal = Assert.Throws<TrainingRefusedException>(() => Pipeline(_ml).Fit(tooFew));

        Assert.Equal("k is 7; it must be between 1 and the number of training rows (2).", refusal.Message);
    }

    [Fact]
    public void A_missing_value_is_refused_by_its_row_and_name()
    {
        var rows = _ml.Data.LoadFromEnumerable([new Row { Label = true }, new Row(), new Row { AgeGroup = float.NaN }]);

        var refusal = Assert.Throws<TrainingRefusedException>(() => Pipeline(_ml).Fit(rows));

        Assert.Equal("Row 3 has NaN as 'AgeGroup'; it must be a number within ±1E+100.", refusal.Message);
    }

    [Fact]
    public void Options_without_sense_are_refused_at_once()
    {
        var refusal = Assert.Throws<ArgumentException>(() => _ml.BinaryClassification.Trainers.KNearestNeighbors(new KnnOptions(0)));

        Assert.StartsWith("k is 0; it must be at least 1.", refusal.Message, StringComparison.Ordinal);
    }
}
