using FsCheck.Xunit;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training;
using Titanic.Web.Training.Explanations;

namespace Titanic.Web.Tests.Training.Explanations;

[Properties(Arbitrary = [typeof(BinnedSample)], MaxTest = 100)]
public sealed class CounterfactualTests
{
    /// <summary>Compared with all 396 inputs: fewest changed features first, then the smallest distance.</summary>
    [Property]
    public void Finds_all_minimal_changes_that_flip_the_prediction(BinnedSample sample)
    {
        var model = sample.Fit();
        var survived = model.Predict(sample.Query).Survived;
        var flips = TitanicRows.Inputs().Where(input => model.Predict(input).Survived != survived)
            .Select(input => (Features: input.Zip(sample.Query).Count(pair => pair.First != pair.Second), Distance: FixedScaleVote.Distance(model, sample.Query, input), Input: input))
            .ToList();

        var change = Counterfactual.Find(model, TrainingViews.Binned.Axes, model.Predict, sample.Query);

        if (flips.Count == 0)
        {
            Assert.Null(change);
            return;
        }
        var fewest = flips.Min(input => input.Features);
        var nearest = flips.Where(input => input.Features == fewest).Min(input => input.Distance);
        Assert.Equal((fewest, nearest), (change!.Features, change.Distance));
        Assert.Equal(
            flips.Where(input => input.Features == fewest && input.Distance <= nearest * (1 + FixedScaleVote.TieTolerance)).Select(input => string.Join(' ', input.Input)).Order(StringComparer.Ordinal),
            change.Alternatives.Select(alternative => string.Join(' ', alternative.Point)).Order(StringComparer.Ordinal));
        Assert.All(change.Alternatives, alternative =>
        {
            Assert.Equal(model.Predict(alternative.Point), alternative.Prediction);
            Assert.Equal(fewest, alternative.Changes.Count);
            Assert.All(alternative.Changes, changed => Assert.Equal(alternative.Point[changed.Feature], changed.Value.Code));
        });
    }

    /// <summary>Only sex determines the outcome, so changing the sex flips the prediction and no other change does.</summary>
    [Fact]
    public void Prefers_one_changed_feature_to_a_nearer_change_of_two()
    {
        WeightedSample[] rows = [.. from pclass in new[] { 1.0, 2, 3 } from sex in new[] { 0.0, 1 } select new WeightedSample([pclass, sex, 3, 0], sex == 1, 10)];
        var model = new Titanic.Web.Training.Knn.KnnTrainer(new(), BinnedEncoder.Id).Fit(WeightedSamples.FromRows(BinnedEncoder.FeatureNames, rows));

        var change = Counterfactual.Find(model, TrainingViews.Binned.Axes, DecisionTable.Of(model).Predict, [3, 0, 3, 0]);

        Assert.Equal(1, change!.Features);
        var only = Assert.Single(change.Alternatives);
        Assert.Equal([3, 1, 3, 0], only.Point);
        Assert.Equal("the passenger is female", Assert.Single(only.Changes).Value.Clause);
    }
}
