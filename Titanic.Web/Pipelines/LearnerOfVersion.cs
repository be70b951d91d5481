using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Challengers;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Pipelines;

/// <summary>A registered version as the learner that made it, to be fitted anew without rows that it shall answer.</summary>
/// <param name="View">Whose features it learns.</param>
internal sealed record LearnerOfVersion(int Version, ILearner Learner, FeatureViewSchema View)
{
    /// <exception cref="InvalidDataException">The version's bytes are not those of a model that this code knows.</exception>
    public static LearnerOfVersion Of(ModelVersion version)
    {
        if (ChallengerCatalog.All.SingleOrDefault(challenger => challenger.Algorithm == version.Algorithm) is { } challenger)
            return new LearnerOfVersion(version.Version, challenger, challenger.View.Schema);
        var saved = KnnModel.Load(version.Artifact);
        return new LearnerOfVersion(version.Version, new KnnTrainer(saved.Options, saved.EncoderId), ViewOf(saved.EncoderId).Schema);
    }

    /// <summary>The view that a version was trained on.</summary>
    public static ITrainingView ViewOf(ModelVersion version) => ViewOf(version.Signature.EncoderId);

    /// <summary>
    /// Its answers for rows that are read through several views, after learning the side of its own dataset that the split does not hold
    /// out.
    /// </summary>
    public List<ScoredRow> AnswersFor(LabelledPoints heldOut, SideBySide views, TrainingSplit own) =>
        HoldOut.Score(views.In(View).Through(Learner.Fit(own.Training)), heldOut);

    private static ITrainingView ViewOf(string encoderId) => TrainingViews.OfEncoder(encoderId)
        ?? throw new InvalidDataException($"There is no view of the encoder {encoderId}; there are {TrainingViews.Names}.");
}
