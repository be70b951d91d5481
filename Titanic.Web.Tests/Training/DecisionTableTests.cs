using FsCheck.Xunit;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training;

[Properties(Arbitrary = [typeof(BinnedSample)], MaxTest = 50)]
public sealed class DecisionTableTests
{
    private static readonly KnnModel _model = new KnnTrainer(new KnnOptions(), BinnedEncoder.Id).Fit(TitanicRows.Points);
    private static readonly Lazy<ClassPrediction[]> _predictions = new(() => [.. TitanicRows.Inputs().Select(input => _model.Predict(input))]);

    [Property]
    public void Table_equals_the_neighbor_search_for_every_input(BinnedSample sample)
    {
        var model = sample.Fit();
        var table = DecisionTable.Of(model);

        foreach (var input in TitanicRows.Inputs())
            Assert.Equal(model.Predict(input), table.Predict(input));
    }

    [Property]
    public void Row_order_causes_no_changes(BinnedSample sample)
    {
        var other = sample with { Rows = [.. sample.Rows.Reverse()] };

        Assert.Empty(DecisionTable.Of(sample.Fit()).CompareWith(DecisionTable.Of(other.Fit())));
    }

    [Property]
    public void Changes_are_exactly_the_inputs_with_different_predictions(BinnedSample sample)
    {
        var after = sample.Fit();

        var changes = DecisionTable.Of(_model).CompareWith(DecisionTable.Of(after));

        var expected = TitanicRows.Inputs().Zip(_predictions.Value)
            .Select(input => (Point: input.First, Before: input.Second, After: after.Predict(input.First)))
            .Where(input => input.Before != input.After).ToList();
        Assert.Equal(expected, changes.Select(change => (change.Point, change.Before, change.After)));
        Assert.All(changes, change =>
        {
            Assert.Equal(BinnedPoint.FromFeatures(change.Point).Code, change.Code);
            Assert.Equal(change.Before.Survived != change.After.Survived, change.IsFlip);
        });
    }

    [Theory]
    [InlineData(1), InlineData(7), InlineData(100), InlineData(1309)]
    public void Table_equals_the_model_on_the_historical_data_for_all_options(int k)
    {
        foreach (var metric in Enum.GetValues<DistanceMetric>())
        {
            foreach (var weights in Enum.GetValues<NeighborWeights>())
            {
                var model = new KnnTrainer(new KnnOptions(k, metric, weights), BinnedEncoder.Id).Fit(TitanicRows.Points);
                Assert.Equal(TitanicRows.Inputs().Select(input => model.Predict(input)), DecisionTable.Of(model).Predictions);
            }
        }
    }

    [Fact]
    public void Rejects_a_view_that_is_not_finite()
    {
        var model = new KnnTrainer(new KnnOptions(), NumericEncoder.Id).Fit(TitanicRows.Points);

        Assert.Contains("titanic_numeric/1 is not one", Assert.Throws<ArgumentException>(() => DecisionTable.Of(model)).Message, StringComparison.Ordinal);
    }
}
