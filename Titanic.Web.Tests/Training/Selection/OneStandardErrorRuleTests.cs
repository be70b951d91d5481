using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Tests.Training.Selection;

/// <summary>
/// Scores on two folds by hand: for differences d1 and d2 the standard error is |d1 - d2| sqrt((1/2 + 1) / 2) = 0.866 |d1 - d2|.
/// </summary>
public sealed class OneStandardErrorRuleTests
{
    private static readonly Candidate _configured = new(TrainingViews.Binned, new KnnOptions(7));
    private static readonly Candidate _largerK = new(TrainingViews.Binned, new KnnOptions(9));
    private static readonly Candidate _weighted = new(TrainingViews.Binned, new KnnOptions(7, Weights: NeighborWeights.Distance));
    private static readonly Candidate _numeric = new(TrainingViews.Numeric, new KnnOptions(7));

    [Fact]
    public void Keeps_the_configured_candidate_unless_another_is_better_by_one_standard_error()
    {
        // The gains are 0.00 and 0.04: mean 0.02, standard error 0.0346.
        var result = OneStandardErrorRule.Choose([Scores(_configured, 0.20, 0.24), Scores(_largerK, 0.20, 0.20)]);

        Assert.Equal((_configured, _configured), (result.Chosen, result.Best));
        Assert.Equal("not better than the configured one by more than one standard error", result.ReasonFor(_largerK));
    }

    [Fact]
    public void Chooses_a_candidate_that_is_better_by_more_than_one_standard_error()
    {
        // The gains are 0.02 and 0.04: mean 0.03, standard error 0.0173.
        var result = OneStandardErrorRule.Choose([Scores(_configured, 0.22, 0.24), Scores(_numeric, 0.20, 0.20)]);

        Assert.Equal(_numeric, result.Chosen);
        Assert.Equal(("the best", "configured; another is better by more than one standard error"), (result.ReasonFor(_numeric), result.ReasonFor(_configured)));
    }

    [Fact]
    public void Chooses_the_simplest_candidate_within_one_standard_error_of_the_best()
    {
        // Compared with the best, distance weights are worse by 0.000 and 0.004 (mean 0.002, error 0.0035), larger k by 0.010 twice (error
        // 0).
        var result = OneStandardErrorRule.Choose(
            [Scores(_configured, 0.220, 0.220), Scores(_numeric, 0.200, 0.200), Scores(_weighted, 0.200, 0.204), Scores(_largerK, 0.210, 0.210)]);

        Assert.Equal((_weighted, _numeric), (result.Chosen, result.Best));
        Assert.Equal("the best, but a simpler one is within one standard error", result.ReasonFor(_numeric));
        Assert.Equal(
            "better than the configured one, but not the simplest within one standard error of the best", result.ReasonFor(_largerK));
        Assert.Contains("The simplest of them within one standard error of the best (titanic_numeric v1, k = 7, Manhattan, uniform)", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Orders_by_view_then_weights_then_metric_then_larger_k()
    {
        Candidate[] inOrder =
        [
            new(TrainingViews.Binned, new KnnOptions(9)),
            new(TrainingViews.Binned, new KnnOptions(7)),
            new(TrainingViews.Binned, new KnnOptions(99, DistanceMetric.Euclidean)),
            new(TrainingViews.Binned, new KnnOptions(99, DistanceMetric.Manhattan, NeighborWeights.Distance)),
            new(TrainingViews.Binned, new KnnOptions(99, DistanceMetric.Euclidean, NeighborWeights.Distance)),
            new(TrainingViews.Numeric, new KnnOptions(99)),
        ];

        Assert.Equal(inOrder, Candidate.OrderBySimplicity(inOrder.Reverse()));
    }

    [Fact]
    public void Ranks_by_Brier_score_then_by_simplicity()
    {
        var result = OneStandardErrorRule.Choose([Scores(_configured, 0.2, 0.2), Scores(_numeric, 0.1, 0.1), Scores(_largerK, 0.2, 0.2)]);

        Assert.Equal([_numeric, _largerK, _configured], result.Ranked().Select(scores => scores.Candidate));
    }

    private static CandidateScores Scores(Candidate candidate, params double[] briers) =>
        new(candidate, [.. briers.Select(brier => new FoldScore(brier, 0.8))], new CrossValidationOptions(1, 2, 1));
}
