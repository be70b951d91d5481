using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Lifecycle;

/// <summary>Any registered version, of whatever learner, ready to be asked.</summary>
/// <param name="View">Encodes the questions.</param>
/// <param name="Table">All answers of a K-NN whose view is finite; null for any other.</param>
internal sealed record AnsweringVersion(ITrainingView View, Func<double[], VersionAnswered> Answer, DecisionTable? Table)
{
    /// <exception cref="InvalidDataException">The stored bytes are damaged, or not those of a model that this code can read.</exception>
    /// <exception cref="LearnerUnavailableException">The learner's native library cannot be loaded on this machine.</exception>
    public static AnsweringVersion Of(ModelVersion version)
    {
        version.RequireRegisteredBytes();
        var model = LearnerCatalog.Load(version.Algorithm, version.Artifact);
        return new AnsweringVersion(model.Trainer.View, point => VersionAnswered.Of(model.Predict(point)), model.ToDecisionTable());
    }
}
