using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Knn;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Tests.Training.Selection;

public sealed class SelectionSettingsTests
{
    private static readonly Candidate _configured = new(TrainingViews.Binned, new KnnOptions(7));

    [Fact]
    public void By_default_every_combination_is_tried_once_and_the_configured_one_first()
    {
        var candidates = new SelectionSettings().Candidates(_configured);

        Assert.Equal(_configured, candidates[0]);
        Assert.Equal(5 * 2 * 2 * 2, candidates.Distinct().Count());
        Assert.Equal(candidates.Count, candidates.Distinct().Count());
        Assert.Empty(new SelectionSettings().Problems());
    }

    [Fact]
    public void What_is_configured_is_tried_even_where_no_list_names_it()
    {
        var settings = new SelectionSettings { K = "3", Metrics = "euclidean", Weights = "Distance", Views = "titanic_numeric/1" };

        Assert.Equal(
            [_configured, new Candidate(TrainingViews.Numeric, new KnnOptions(3, DistanceMetric.Euclidean, NeighborWeights.Distance))],
            settings.Candidates(_configured));
    }

    [Theory]
    [InlineData("", "Manhattan", "Uniform", "titanic_binned/1", 5, "Selection: There is no k to try; there must be at least one, a whole number of at least 1.")]
    [InlineData("7,0", "Manhattan", "Uniform", "titanic_binned/1", 5, "Selection: '0' is no k to try; it must be a whole number of at least 1.")]
    [InlineData("7, 5, 7", "Manhattan", "Uniform", "titanic_binned/1", 5, "Selection: '7' stands twice among what to try; once is enough.")]
    [InlineData("7", "Cosine", "Uniform", "titanic_binned/1", 5, "Selection: 'Cosine' is no metric to try; it must be Manhattan or Euclidean.")]
    [InlineData("7", "1", "Uniform", "titanic_binned/1", 5, "Selection: '1' is no metric to try; it must be Manhattan or Euclidean.")]
    [InlineData("7", "Manhattan", "Heavy", "titanic_binned/1", 5, "Selection: 'Heavy' is no kind of weights to try; it must be Uniform or Distance.")]
    [InlineData("7", "Manhattan", "Uniform", "titanic_binned", 5, "Selection: 'titanic_binned' is no view to try; it must be titanic_binned/1 or titanic_numeric/1.")]
    [InlineData("7", "Manhattan", "Uniform", "titanic_binned/1", 1, "Selection: Cross-validation has 1 folds; it must be at least 2.")]
    public void What_cannot_be_searched_is_told_in_a_sentence(string k, string metrics, string weights, string views, int folds, string sentence)
    {
        var settings = new SelectionSettings { K = k, Metrics = metrics, Weights = weights, Views = views, Folds = folds };

        Assert.Equal([sentence], settings.Problems());
    }
}
