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

    /// <summary>
    /// The same from what the registry says of the version, whatever has become of its bytes: to make it again must not depend on what it is
    /// held against.
    /// </summary>
    /// <param name="view">Of its training dataset.</param>
    /// <exception cref="InvalidDataException">This code knows no such learner, or no such settings.</exception>
    public static LearnerOfVersion OfRecord(ModelVersion version, ITrainingView view) => version.Algorithm == ModelReport.Algorithm
        ? new LearnerOfVersion(version.Version, new KnnTrainer(ModelReport.OptionsOf(version.Hyperparameters), view.Schema.EncoderId), view.Schema)
        : ChallengerCatalog.All.SingleOrDefault(challenger => challenger.Algorithm == version.Algorithm) is { } known
            ? SameSettings(known, version)
            : throw new InvalidDataException($"There is no learner \"{version.Algorithm}\"; there are {ModelReport.Algorithm}, {string.Join(", ", ChallengerCatalog.All.Select(challenger => challenger.Algorithm))}.");

    /// <summary>The view that a version was trained on.</summary>
    public static ITrainingView ViewOf(ModelVersion version) => ViewOf(version.Signature.EncoderId);

    /// <summary>
    /// Its answers for rows that are read through several views, after learning the side of its own dataset that the split does not hold
    /// out.
    /// </summary>
    public List<ScoredRow> AnswersFor(LabelledPoints heldOut, SideBySide views, TrainingSplit own) =>
        HoldOut.Score(views.In(View).Through(Learner.Fit(own.Training)), heldOut);

    // A challenger's settings stand in the code: a version that was made with others cannot be made by it.
    private static LearnerOfVersion SameSettings(Challenger challenger, ModelVersion version) =>
        challenger.Hyperparameters.OrderBy(setting => setting.Key).SequenceEqual(version.Hyperparameters.OrderBy(setting => setting.Key))
            ? new LearnerOfVersion(version.Version, challenger, challenger.View.Schema)
            : throw new InvalidDataException($"{challenger.Algorithm} was learned with {Text(version.Hyperparameters)}; this code learns it with {Text(challenger.Hyperparameters)}.");

    private static string Text(IReadOnlyDictionary<string, string> settings) => string.Join(", ", settings.Select(setting => $"{setting.Key} {setting.Value}"));

    private static ITrainingView ViewOf(string encoderId) => TrainingViews.OfEncoder(encoderId)
        ?? throw new InvalidDataException($"There is no view of the encoder {encoderId}; there are {TrainingViews.Names}.");
}
