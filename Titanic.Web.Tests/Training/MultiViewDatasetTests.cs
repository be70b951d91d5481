using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training;

public sealed class MultiViewDatasetTests
{
    private static readonly ITrainingView[] _views = [TrainingViews.Binned, TrainingViews.Numeric];

    /// <summary>
    /// Three ages in one age group: three points with both views, one point in the binned view, three in the numeric view.
    /// </summary>
    private static readonly TrainingSplit _split = TrainingSplit.Of(new TrainingPoints(
        [.. _views.Select(view => view.Schema)], [Point(20, true, 1), Point(25, true, 2), Point(30, false, 4)]));

    [Fact]
    public void Each_view_contains_the_same_rows_with_its_own_features()
    {
        var (binned, numeric) = (_split.ForView(BinnedEncoder.Schema).All, _split.ForView(NumericEncoder.Schema).All);

        Assert.Equal((8, 3, 7), (_split.All.Dimensions, _split.All.Count, _split.All.Rows));
        Assert.Equal((1, 4, 3), (binned.Count, binned.DiedRows, binned.SurvivedRows));
        Assert.Equal((3, 4, 3), (numeric.Count, numeric.DiedRows, numeric.SurvivedRows));
        Assert.Equal(NumericEncoder.Schema.FeatureNames, numeric.FeatureNames);
    }

    [Fact]
    public void Adapted_learner_fits_and_predicts_points_of_several_views()
    {
        var trainer = new KnnTrainer(new KnnOptions(1), NumericEncoder.Id);
        var direct = (IClassifier)trainer.Fit(_split.ForView(NumericEncoder.Schema).All);
        var adapted = _split.Views.Slice(NumericEncoder.Schema).Adapt(trainer).Fit(_split.All);

        foreach (var age in (int[])[20, 25, 30])
            Assert.Equal(direct.Predict(TrainingViews.Numeric.Encode(3, Sex.Male, age, 8)), adapted.Predict(Point(age, false, 1).Features));
    }

    [Fact]
    public void Rejects_a_view_that_is_not_in_the_dataset()
    {
        var missing = Assert.Throws<ArgumentException>(() => new MultiViewDataset([BinnedEncoder.Schema]).Slice(NumericEncoder.Schema));

        Assert.StartsWith("The rows were read through titanic_binned v1, which does not include titanic_numeric v1.", missing.Message, StringComparison.Ordinal);
    }

    private static TrainingPoint Point(int age, bool survived, int rows) =>
        new([.. _views.SelectMany(view => view.Encode(3, Sex.Male, age, 8))], survived, false, 0, rows);
}
