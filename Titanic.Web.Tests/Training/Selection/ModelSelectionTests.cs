using System.Text.Json;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Tests.Training.Selection;

public sealed class ModelSelectionTests
{
    private static readonly TrainingOptions _defaults = new();

    [Fact]
    public void Chooses_the_view_that_contains_the_signal()
    {
        var selection = Select(SyntheticPassengers.WithSurvivalByAgeWithinOneBin(400));

        Assert.Equal(TrainingViews.Numeric, selection.Result.Chosen.View);
        Assert.All(selection.ChosenByFold, chosen => Assert.Equal(TrainingViews.Numeric, chosen.View));
        Assert.All(selection.Result.Scores.Where(scores => scores.Candidate.View == TrainingViews.Binned), binned => Assert.True(binned.Brier.Mean > 0.2));
        Assert.True(selection.Nested.Brier.Value < 0.15);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Nested_estimate_is_not_optimistic_for_random_outcomes(long seed)
    {
        var split = SyntheticPassengers.WithRandomSurvival(600, seed);
        var selection = Select(split);

        // The accuracy cannot exceed the majority share by more than chance: three standard deviations of 600 random outcomes.
        var majority = Math.Max(split.All.DiedRows, split.All.SurvivedRows) / 600.0;
        Assert.True(selection.Nested.Accuracy.Value <= majority + 3 * Math.Sqrt(0.25 / 600));
        Assert.True(selection.Nested.Brier.Value > 0.25);
    }

    /// <summary>k = 1 is the worst result for random outcomes, a large k nearly the best; only then is a difference significant.</summary>
    [Fact]
    public void Chooses_large_k_for_random_outcomes()
    {
        var split = SyntheticPassengers.WithRandomSurvival(600, seed: 4);
        var configured = new Candidate(TrainingViews.Numeric, new KnnOptions(1));
        Candidate[] candidates = [configured, new(TrainingViews.Numeric, new KnnOptions(101)), new(TrainingViews.Numeric, new KnnOptions(3))];

        var result = ModelSelection.Run(candidates, split.All, split.Views, new CrossValidationOptions(1, 5, 7)).Result;

        Assert.Equal(101, result.Chosen.Knn.K);
    }

    [Fact]
    public void Keeps_the_configured_settings_on_the_historical_data()
    {
        var split = HistoricalList();

        var result = Select(split).Result;

        Assert.Equal(result.Configured, result.Chosen);
        Assert.StartsWith("The configured hyperparameters are used: none of 39 other candidates", result.Reason, StringComparison.Ordinal);
        Assert.Equal(40, result.Ranked().Count);
        Assert.InRange(result.Scores[0].Brier.Mean, 0.140, 0.146);
    }

    [Fact]
    public void Search_is_deterministic_to_the_bit()
    {
        var (first, second) = (Select(SyntheticPassengers.WithSurvivalByAgeWithinOneBin(200)), Select(SyntheticPassengers.WithSurvivalByAgeWithinOneBin(200)));

        Assert.Equal(Table(first), Table(second));
        Assert.NotEqual(Table(first), Table(Select(SyntheticPassengers.WithSurvivalByAgeWithinOneBin(200, seed: 2))));
    }

    [Fact]
    public void Reports_too_few_rows_of_an_outcome()
    {
        var samples = WeightedSamples.FromRows(["x"], [new([1], true, 9), new([2], false, 500)]);

        Assert.Equal(
            "500 rows died and 9 survived; a search on 5 folds requires at least 10 of each. The configured hyperparameters are used.",
            ModelSelection.Validate(samples, new CrossValidationOptions(1, 5, 1)));
        Assert.Null(ModelSelection.Validate(samples, new CrossValidationOptions(1, 4, 1)));
    }

    private static ModelSelection Select(TrainingSplit split) => ModelSelection.Run(
        _defaults.Selection.Candidates(_defaults.Configured), split.All, split.Views, _defaults.Selection.ToCrossValidation());

    private static string Table(ModelSelection selection) => string.Join('\n',
        selection.Result.Scores.Select(scores => $"{scores.Candidate} {JsonSerializer.Serialize(scores.Folds)}")
            .Append(selection.Result.Reason).Append(JsonSerializer.Serialize(selection.Nested)).Append(string.Join("; ", selection.ChosenByFold)));

    private static TrainingSplit HistoricalList() => TrainingSplit.Of(new TrainingPoints(
        [.. SyntheticPassengers.Views.Select(view => view.Schema)],
        [.. TitanicRows.Raw().Select(row => new TrainingPoint(
            [.. SyntheticPassengers.Views.SelectMany(view => view.Encode(row.Pclass, row.Sex, row.Age, row.Fare))], row.Survived, false, 0, 1))]));
}
