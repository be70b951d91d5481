using Microsoft.ML;
using Microsoft.ML.Data;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class KnnEstimatorTests
{
    private readonly MLContext _ml = new(seed: 1912);

    [Fact]
    public void Composes_in_a_pipeline_and_agrees_with_the_model_on_all_rows()
    {
        var transformed = Pipeline().Fit(Rows()).Transform(Rows());

        var model = new KnnTrainer(new KnnOptions(), "titanic_binned/1").Fit(TitanicRows.Points);
        var expected = TitanicRows.All.Select(row => model.Predict(row.Point)).ToArray();
        Assert.Equal(expected.Select(answer => answer.Survived), transformed.GetColumn<bool>("PredictedLabel"));
        Assert.Equal(expected.Select(answer => (float)answer.Probability), transformed.GetColumn<float>("Probability"));
        Assert.Equal(expected.Select(answer => (float)(answer.Probability - 0.5)), transformed.GetColumn<float>("Score"));
    }

    [Fact]
    public void The_learned_model_is_that_of_the_trainer()
    {
        var learned = Pipeline().Fit(Rows()).LastTransformer.Model;

        Assert.Equal(TitanicRows.Points.Codes.ToArray(), learned.Training.Codes.ToArray());
        Assert.Equal(["Pclass", "Sex", "AgeGroup", "FareBand"], learned.Training.FeatureNames);
        Assert.Equal(KnnEstimator.EncoderId, learned.EncoderId);
    }

    [Fact]
    public void Evaluates_to_our_own_figures()
    {
        var model = Pipeline().Fit(Rows());

        var theirs = _ml.BinaryClassification.Evaluate(model.Transform(Rows()));

        var ours = Metrics.Of(HoldOut.Score(model.LastTransformer.Model, TitanicRows.Points));
        Assert.Equal(ours.Accuracy.Value!.Value, theirs.Accuracy, 1e-12);
        Assert.Equal(ours.F1!.Value, theirs.F1Score, 1e-12);
        Assert.Equal(ours.RocAuc!.Value, theirs.AreaUnderRocCurve, 1e-6);
        Assert.Equal(ours.LogLoss!.Value / Math.Log(2), theirs.LogLoss, 1e-5);
    }

    [Fact]
    public void Cross_validates()
    {
        var folds = _ml.BinaryClassification.CrossValidate(Rows(), Pipeline(), numberOfFolds: 5);

        Assert.Equal(5, folds.Count);
        Assert.InRange(folds.Average(fold => fold.Metrics.Accuracy), 0.78, 0.82);
    }

    [Fact]
    public void Answers_one_passenger_at_a_time()
    {
        using var engine = _ml.Model.CreatePredictionEngine<Row, Answer>(Pipeline().Fit(Rows()));

        Assert.True(engine.Predict(new Row { Pclass = 1, Sex = 1, AgeGroup = 3, FareBand = 4 }).PredictedLabel);
        Assert.False(engine.Predict(new Row { Pclass = 3, Sex = 0, AgeGroup = 3, FareBand = 0 }).PredictedLabel);
    }

    [Theory]
    [InlineData("Pclass", "Features", "Column 'Pclass' is Single; it must be Boolean.")]
    [InlineData("Label", "Sex", "Column 'Sex' is Single; it must be a vector of Single of known size.")]
    [InlineData("Label", "Features", "There is no column 'Features'; there are Label, ")]
    public void A_wrong_column_is_refused_with_a_sentence(string label, string features, string sentence)
    {
        var trainer = _ml.BinaryClassification.Trainers.KNearestNeighbors(new KnnOptions(), label, features);

        Assert.StartsWith(sentence, Assert.Throws<ArgumentException>(() => trainer.Fit(Rows())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_cannot_be_learned_from_are_refused_as_by_the_trainer()
    {
        var tooFew = _ml.Data.LoadFromEnumerable([new Row { Label = true }, new Row()]);

        var refusal = Assert.Throws<TrainingRefusedException>(() => Pipeline().Fit(tooFew));

        Assert.Equal("k is 7; it must be between 1 and the number of training rows (2).", refusal.Message);
    }

    [Fact]
    public void Saving_into_an_ml_net_file_is_refused_and_says_what_to_do()
    {
        var model = Pipeline().Fit(Rows());
        using var stream = new MemoryStream();

        var refusal = Assert.Throws<NotSupportedException>(() => _ml.Model.Save(model, Rows().Schema, stream));

        Assert.Contains("KnnModel.Save", refusal.Message, StringComparison.Ordinal);
    }

    private EstimatorChain<KnnTransformer> Pipeline() => _ml.Transforms
        .Concatenate("Features", nameof(Row.Pclass), nameof(Row.Sex), nameof(Row.AgeGroup), nameof(Row.FareBand))
        .Append(_ml.BinaryClassification.Trainers.KNearestNeighbors(new KnnOptions()));

    private IDataView Rows() => _ml.Data.LoadFromEnumerable(TitanicRows.All.Select(row => new Row
    {
        Label = row.Survived,
        Pclass = (float)row.Point[0],
        Sex = (float)row.Point[1],
        AgeGroup = (float)row.Point[2],
        FareBand = (float)row.Point[3],
    }));

    private sealed class Row
    {
        public bool Label { get; set; }
        public float Pclass { get; set; }
        public float Sex { get; set; }
        public float AgeGroup { get; set; }
        public float FareBand { get; set; }
    }

    private sealed class Answer
    {
        public bool PredictedLabel { get; set; }
    }
}
