using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Challengers;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Pipelines;

/// <summary>
/// A registered version as the learner that made it, to be fitted anew without rows that it shall answer. The version's bytes are not
/// needed: one that is damaged can still be compared with its successor.
/// </summary>
/// <param name="View">Whose features it learns.</param>
internal sealed record LearnerOfVersion(ILearner Learner, FeatureViewSchema View)
{
    /// <exception cref="InvalidDataException">The version was not made by a learner that this code knows.</exception>
    public static LearnerOfVersion Of(ModelVersion version)
    {
        if (ChallengerCatalog.All.SingleOrDefault(challenger => challenger.Algorithm == version.Algorithm) is { } challenger)
            return new LearnerOfVersion(challenger, challenger.View.Schema);
        var view = ViewOf(version).Schema;
        return new LearnerOfVersion(new KnnTrainer(ModelReport.OptionsOf(version.Hyperparameters), view.EncoderId), view);
    }

    /// <summary>The view that a version was trained on.</summary>
    /// <exception cref="InvalidDataException">This code has no such view.</exception>
    public static ITrainingView ViewOf(ModelVersion version) => TrainingViews.OfEncoder(version.Signature.EncoderId)
        ?? throw new InvalidDataException($"There is no view of the encoder {version.Signature.EncoderId}; there are {TrainingViews.Names}.");
}
