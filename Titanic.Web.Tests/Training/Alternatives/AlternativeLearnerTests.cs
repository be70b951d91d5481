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
    public void Reaches_what_such_a_learner_reaches_on_the_historical_list(string name, double least, double most)
    {
        var challenger = AlternativeLearners.Find(name)!;

        var result = CrossValidation.Run(challenger, HistoricalList(challenger.View), new CrossValidationOptions(1, 5, 1912));

        Assert.InRange(result.Accuracy.Value!.Value, least, most);
        Assert.InRange(result.Brier.Value!.Value, 0.125, 0.155);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_rows_give_the_same_bytes_and_answers_twice(string name)
    {
        var challenger = AlternativeLearners.Find(name)!;
        var points = HistoricalList(challenger.View);

        var (first, second) = (challenger.Fit(points), challenger.Fit(points));

        Assert.Equal(first.Save(), second.Save());
        Assert.Equal(Answers(first, points), Answers(second, points));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_saved_model_answers_as_the_one_that_was_saved(string name)
    {
        var challenger = AlternativeLearners.Find(name)!;
        var points = HistoricalList(challenger.View);
        var model = challenger.Fit(points);

        Assert.Equal(Answers(model, points), Answers(challenger.Load(model.Save()), points));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Many_may_ask_at_once(string name)
    {
        var challenger = AlternativeLearners.Find(name)!;
        var points = HistoricalList(challenger.View);
        var model = challenger.Fit(points);
        var expected = Answers(model, points);

        Parallel.For(0, 8, _ => Assert.Equal(expected, Answers(model, points)));
    }

    [Fact]
    public void What_is_no_saved_model_is_refused_with_a_sentence()
    {
        var refused = Assert.Throws<InvalidDataException>(() => AlternativeLearners.FastTree.Load([1, 2, 3]));

        Assert.StartsWith("This is not a model that ML.NET saved:", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_outcome_alone_is_refused_with_a_sentence()
    {
        var victims = WeightedSamples.FromRows(["x"], [new([1], false, 10), new([2], false, 10)]);

        var refused = Assert.Throws<TrainingRefusedException>(() => AlternativeLearners.FastTree.Fit(victims));

        Assert.Equal("20 training rows died and 0 survived; there must be rows of both outcomes.", refused.Message);
    }

    /// <summary>As on a machine without the library: the type that needs it fails to initialise, and ML.NET wraps that once more.</summary>
    [Fact]
    public void A_missing_native_library_is_told_in_a_sentence()
    {
        var challenger = new AlternativeLearner
        {
            Name = "oracle",
            Algorithm = "an oracle",
            View = TrainingViews.Numeric,
            Features = "plain values",
            Hyperparameters = new Dictionary<string, string>(),
            Pipeline = (_, _) => throw new InvalidOperationException("outer", new TypeInitializationException("Native", new DllNotFoundException("lib_oracle"))),
        };

        var missing = Assert.Throws<LearnerUnavailableException>(() => challenger.Fit(MadeUpPassengers.DecidedByNothing(50, 1).All));

        Assert.StartsWith("The native library of oracle cannot be loaded on this machine", missing.Message, StringComparison.Ordinal);
    }

    private static ClassPrediction[] Answers(AlternativeModel model, WeightedSamples points) =>
        [.. Enumerable.Range(0, points.Count).Select(point => model.Predict(points.Point(point)))];

    private static WeightedSamples HistoricalList(ITrainingView view) => WeightedSamples.FromRows(
        view.Schema.FeatureNames, TitanicRows.Raw().Select(row => new WeightedSample(view.Encode(row.Pclass, row.Sex, row.Age, row.Fare), row.Survived)));
}
