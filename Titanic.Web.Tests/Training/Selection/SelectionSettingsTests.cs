using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Knn;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Tests.Training.Selection;

public sealed class SelectionSettingsTests
{
    private static readonly Candidate _configured = new(TrainingViews.Binned, new KnnOptions(7));

    [Fact]
    public void Default_candidates_are_all_combinations_with_the_configured_one_first()
    {
        var candidates = new SelectionSettings().Candidates(_configured);

        Assert.Equal(_configured, candidates[0]);
        Assert.Equal(5 * 2 * 2 * 2, candidates.Distinct().Count());
        Assert.Equal(candidates.Count, candidates.Distinct().Count());
        Assert.Empty(new SelectionSettings().Validate());
    }

    [Fact]
    public void Configured_candidate_is_included_if_no_list_contains_it()
    {
        var settings = new SelectionSettings { K = "3", Metrics = "euclidean", Weights = "Distance", Views = "titanic_numeric/1" };

        Assert.Equal(
            [_configured, new Candidate(TrainingViews.Numeric, new KnnOptions(3, DistanceMetric.Euclidean, NeighborWeights.Distance))],
            settings.Candidates(_configured));
    }

    [Theory]
    [InlineData("", "Manhattan", "Uniform", "titanic_binned/1", 5, "Selection:K is empty; it must be a comma-separated list, each item a whole number of at least 1.")]
    [InlineData("7,0", "Manhattan", "Uniform", "titanic_binned/1", 5, "Selection:K: An item is \"0\"; it must be a whole number of at least 1.")]
    [InlineData("7, 5, 7", "Manhattan", "Uniform", "titanic_binned/1", 5, "Selection:K has \"7\" more than once; each item must be unique.")]
    [InlineData("7", "Cosine", "Uniform", "titanic_binned/1", 5, "Selection:Metrics: An item is \"Cosine\"; it must be Manhattan or Euclidean.")]
    [InlineData("7", "1", "Uniform", "titanic_binned/1", 5, "Selection:Metrics: An item is \"1\"; it must be Manhattan or Euclidean.")]
    [InlineData("7", "Manhattan", "Heavy", "titanic_binned/1", 5, "Selection:Weights: An item is \"Heavy\"; it must be Uniform or Distance.")]
    [InlineData("7", "Manhattan", "Uniform", "titanic_binned", 5, "Selection:Views: An item is \"titanic_binned\"; it must be titanic_binned/1 or titanic_numeric/1.")]
    [InlineData("7", "Manhattan", "Uniform", "titanic_binned/1", 1, "Selection: The number of cross-validation folds is 1; it must be at least 2.")]
    public void Reports_invalid_settings(string k, string metrics, string weights, string views, int folds, string message)
    {
        var settings = new SelectionSettings { K = k, Metrics = metrics, Weights = weights, Views = views, Folds = folds };

        Assert.Equal([message], settings.Validate());
    }
}
