using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class GroupKFoldTests
{
    private static readonly double[] _poor = BinnedEncoder.Encode(3, Sex.Male, null, 7).Features;
    private static readonly double[] _rich = BinnedEncoder.Encode(1, Sex.Female, 29, 211).Features;

    private static readonly GroupKFold _folds = GroupKFold.Of(new TrainingPoints([BinnedEncoder.Schema],
    [
        new(_poor, false, false, 0, 70), new(_poor, true, true, 0, 5), new(_poor, false, false, 3, 20), new(_rich, true, false, 1, 9), new(_rich, false, true, 4, 1),
    ]));

    [Fact]
    public void Every_row_stands_in_one_fold_and_among_the_others_of_all_else()
    {
        Assert.Equal([75, 9, 0, 20, 1], _folds.Folds.Select(fold => fold.Rows.Rows));
        Assert.All(_folds.Folds, fold => Assert.Equal(105, fold.Rows.Rows + fold.Others.Rows));
    }

    [Fact]
    public void Nobody_is_answered_by_a_fit_that_has_learned_them()
    {
        var fits = CrossFit.Of(new KnnTrainer(new KnnOptions(1), BinnedEncoder.Id), BinnedEncoder.Schema, _folds);

        // Without fold 0 the poor are known by 20 who died; without fold 1 the rich by one who died; without fold 4 by nine who lived.
        Assert.Equal(
            [
                new ScoredRow(1.0 / 22, false, false, 70), new ScoredRow(1.0 / 22, false, true, 5), new ScoredRow(1.0 / 3, false, true, 9),
                new ScoredRow(6.0 / 77, false, false, 20), new ScoredRow(10.0 / 11, true, false),
            ],
            fits.Score(_folds));
    }

    [Fact]
    public void A_model_of_other_rows_and_another_view_answers_the_same_rows_in_the_same_order()
    {
        ITrainingView[] both = [TrainingViews.Numeric, TrainingViews.Binned];
        var asked = GroupKFold.Of(new TrainingPoints([.. both.Select(view => view.Schema)],
            [.. Enumerable.Range(0, 40).Select(i => new TrainingPoint([.. both.SelectMany(view => view.Encode(3, Sex.Male, 20 + i, 8))], i % 3 == 0, false, i % 5, 1))]));
        var binned = CrossFit.Of(new KnnTrainer(new KnnOptions(3), BinnedEncoder.Id), BinnedEncoder.Schema, _folds).Score(asked);
        var numeric = CrossFit.Of(new KnnTrainer(new KnnOptions(3), NumericEncoder.Id), NumericEncoder.Schema, asked).Score(asked);

        Assert.Equal(40, PairedComparison.Of(binned, numeric).Rows); // which refuses rows with other outcomes
    }
}
