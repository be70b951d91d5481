using Titanic.Web.FeatureStore;
using Titanic.Web.Tests.Training.Selection;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Alternatives;

public sealed class AlternativeLearnerTests
{
    public static TheoryData<string> Names => [.. AlternativeLearners.Names];

    /// <summary>DATA.md: logistic regression 0.782, boosted trees about 0.80; "female survives" is 0.780.</summary>
    [Theory]
    [InlineData("logistic-regression", 0.77, 0.80)]
    [InlineData("fast-tree", 0.78, 0.83)]
    [InlineData("light-gbm", 0.78, 0.83)]
    public void Reaches_the_known_accuracy_on_the_historical_data(string name, double minimum, double maximum)
    {
        var learner = AlternativeLearners.Find(name)!;

        var result = CrossValidation.Run(learner, HistoricalSamples(learner.View), new CrossValidationOptions(1, 5, 1912));

        Assert.InRange(result.Accuracy.Value!.Value, minimum, maximum);
        Assert.InRange(result.Brier.Value!.Value, 0.125, 0.155);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Equal_rows_give_equal_bytes_and_predictions(string name)
    {
        var learner = AlternativeLearners.Find(name)!;
        var points = HistoricalSamples(learner.View);

        var (first, second) = (learner.Fit(points), learner.Fit(points));

        Assert.Equal(first.Save(), second.Save());
        Assert.Equal(PredictAll(first, points), PredictAll(second, points));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Loaded_model_predicts_like_the_saved_model(string name)
    {
        var learner = AlternativeLearners.Find(name)!;
        var points = HistoricalSamples(learner.View);
        var model = learner.Fit(points);

        Assert.Equal(PredictAll(model, points), PredictAll(learner.Load(model.Save()), points));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Concurrent_predictions_are_equal(string name)
    {
        var learner = AlternativeLearners.Find(name)!;
        var points = HistoricalSamples(learner.View);
        var model = learner.Fit(points);
        var expected = PredictAll(model, points);

        Parallel.For(0, 8, _ => Assert.Equal(expected, PredictAll(model, points)));
    }

    [Fact]
    public void Rejects_bytes_that_are_not_a_saved_model()
    {
        var exception = Assert.Throws<InvalidDataException>(() => AlternativeLearners.FastTree.Load([1, 2, 3]));

        Assert.StartsWith("The bytes are not a saved ML.NET model.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_rows_of_one_outcome()
    {
        var samples = WeightedSamples.FromRows(["x"], [new([1], false, 10), new([2], false, 10)]);

        var exception = Assert.Throws<TrainingFailedException>(() => AlternativeLearners.FastTree.Fit(samples));

        Assert.Equal("The numbers of training rows that died and survived are 20 and 0; both must be at least 1.", exception.Message);
    }

    /// <summary>
    /// As on a machine without the library: initializing the type that requires it fails, and ML.NET wraps the exception.
    /// </summary>
    [Fact]
    public void Reports_a_missing_native_library()
    {
        var learner = new AlternativeLearner
        {
            Name = "test-learner",
            Algorithm = "test algorithm",
            DisplayName = "Test learner",
            View = TrainingViews.Numeric,
            Features = "plain values",
            Hyperparameters = new Dictionary<string, string>(),
            Pipeline = (_, _) => throw new InvalidOperationException("outer", new TypeInitializationException("Native", new DllNotFoundException("lib_test"))),
        };

        var exception = Assert.Throws<LearnerUnavailableException>(() => learner.Fit(SyntheticPassengers.WithRandomSurvival(50, 1).All));

        Assert.StartsWith(
            "The native library of Test learner cannot be loaded on this machine", exception.Message, StringComparison.Ordinal);
    }

    private static ClassPrediction[] PredictAll(AlternativeModel model, WeightedSamples points) =>
        [.. Enumerable.Range(0, points.Count).Select(point => model.Predict(points.Point(point)))];

    private static WeightedSamples HistoricalSamples(ITrainingView view) => WeightedSamples.FromRows(
        view.Schema.FeatureNames, TitanicRows.Raw().Select(row => new WeightedSample(view.Encode(row.Pclass, row.Sex, row.Age, row.Fare), row.Survived)));
}
