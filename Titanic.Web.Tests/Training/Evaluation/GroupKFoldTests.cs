using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class GroupKFoldTests
{
    private static readonly double[] _thirdClass = BinnedEncoder.Encode(3, Sex.Male, null, 7).Features;
    private static readonly double[] _firstClass = BinnedEncoder.Encode(1, Sex.Female, 29, 211).Features;

    private static readonly GroupKFold _folds = GroupKFold.Of(new TrainingPoints([BinnedEncoder.Schema],
    [
        new(_thirdClass, false, false, 0, 70), new(_thirdClass, true, true, 0, 5), new(_thirdClass, false, false, 3, 20), new(_firstClass, true, false, 1, 9), new(_firstClass, false, true, 4, 1),
    ]));

    [Fact]
    public void Every_row_is_in_one_fold_and_in_the_training_rows_of_all_others()
    {
        Assert.Equal([75, 9, 0, 20, 1], _folds.Folds.Select(fold => fold.Testing.Rows));
        Assert.All(_folds.Folds, fold => Assert.Equal(105, fold.Testing.Rows + fold.Training.Rows));
    }

    [Fact]
    public void No_row_is_predicted_by_a_model_fitted_on_its_fold()
    {
        var fits = CrossFit.Fit(new KnnTrainer(new KnnOptions(1), BinnedEncoder.Id), BinnedEncoder.Schema, _folds);

        // Without fold 0 there are 20 third-class rows, all died; without fold 1 one first-class row, died; without fold 4 nine, all
        // survived.
        Assert.Equal(
            [
                new ScoredRow(1.0 / 22, false, false, 70), new ScoredRow(1.0 / 22, false, true, 5), new ScoredRow(1.0 / 3, false, true, 9),
                new ScoredRow(6.0 / 77, false, false, 20), new ScoredRow(10.0 / 11, true, false),
            ],
            fits.Score(_folds).Select(row => row with { Point = null }));
    }

    [Fact]
    public void Models_of_different_rows_and_views_predict_rows_in_the_same_order()
    {
        ITrainingView[] both = [TrainingViews.Numeric, TrainingViews.Binned];
        var dataset = GroupKFold.Of(new TrainingPoints([.. both.Select(view => view.Schema)],
            [.. Enumerable.Range(0, 40).Select(i => new TrainingPoint([.. both.SelectMany(view => view.Encode(3, Sex.Male, 20 + i, 8))], i % 3 == 0, false, i % 5, 1))]));
        var binned = CrossFit.Fit(new KnnTrainer(new KnnOptions(3), BinnedEncoder.Id), BinnedEncoder.Schema, _folds).Score(dataset);
        var numeric = CrossFit.Fit(new KnnTrainer(new KnnOptions(3), NumericEncoder.Id), NumericEncoder.Schema, dataset).Score(dataset);

        Assert.Equal(40, PairedComparison.Of(binned, numeric).Rows); // which rejects rows with different outcomes
    }
}
