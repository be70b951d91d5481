using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Challengers;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Lifecycle;

/// <summary>
/// A registered version as the learner that made it, from what the registry says of it: to be fitted anew, or without rows that it shall
/// answer. The version's bytes are not needed: one that is damaged can still be compared with its successor, and be made again.
/// </summary>
/// <param name="View">Whose features it learns.</param>
internal sealed record LearnerOfVersion(ILearner Learner, FeatureViewSchema View)
{
    /// <exception cref="InvalidDataException">This code knows no such learner, no such view, or other settings.</exception>
    public static LearnerOfVersion Of(ModelVersion version)
    {
        var view = ViewOf(version).Schema;
        if (version.Algorithm == ModelReport.Algorithm)
            return new LearnerOfVersion(new KnnTrainer(ModelReport.OptionsOf(version.Hyperparameters), view.EncoderId), view);
        return ChallengerCatalog.All.SingleOrDefault(challenger => challenger.Algorithm == version.Algorithm) is { } known
            ? SameSettings(known, version)
            : throw new InvalidDataException($"There is no learner \"{version.Algorithm}\"; there are {ModelReport.Algorithm}, {string.Join(", ", ChallengerCatalog.All.Select(challenger => challenger.Algorithm))}.");
    }

    /// <summary>The view that a version was trained on.</summary>
    /// <exception cref="InvalidDataException">This code has no such view.</exception>
    public static ITrainingView ViewOf(ModelVersion version) => TrainingViews.OfEncoder(version.Signature.EncoderId)
        ?? throw new InvalidDataException($"There is no view of the encoder {version.Signature.EncoderId}; there are {TrainingViews.Names}.");

    // A challenger's settings stand in the code: a version that was made with others cannot be made by it.
    private static LearnerOfVersion SameSettings(Challenger challenger, ModelVersion version) =>
        challenger.Hyperparameters.OrderBy(setting => setting.Key).SequenceEqual(version.Hyperparameters.OrderBy(setting => setting.Key))
            ? new LearnerOfVersion(challenger, challenger.View.Schema)
            : throw new InvalidDataException($"{challenger.Algorithm} was learned with {Text(version.Hyperparameters)}; this code learns it with {Text(challenger.Hyperparameters)}.");

    private static string Text(IReadOnlyDictionary<string, string> settings) => string.Join(", ", settings.Select(setting => $"{setting.Key} {setting.Value}"));
}
