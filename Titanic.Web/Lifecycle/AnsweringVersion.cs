using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Training;
using Titanic.Web.Training.Challengers;

namespace Titanic.Web.Lifecycle;

/// <summary>Any registered version, of whatever learner, ready to be asked.</summary>
/// <param name="View">Encodes the questions.</param>
/// <param name="Table">All answers of a K-NN whose view is finite; null for any other.</param>
internal sealed record AnsweringVersion(ITrainingView View, Func<double[], VersionAnswered> Answer, DecisionTable? Table)
{
    /// <exception cref="InvalidDataException">The stored bytes are damaged, or not those of a model that this code, on this machine, can read.</exception>
    public static AnsweringVersion Of(ModelVersion version)
    {
        if (ChallengerCatalog.All.SingleOrDefault(challenger => challenger.Algorithm == version.Algorithm) is { } challenger)
            return Of(challenger, version);
        var served = ServedModel.Of(version);
        return new AnsweringVersion(served.View, point => VersionAnswered.Of(served.Answer(point)), served.Table);
    }

    private static AnsweringVersion Of(Challenger challenger, ModelVersion version)
    {
        version.RequireRegisteredBytes();
        try
        {
            var model = ChallengerModel.Load(version.Artifact);
            return new AnsweringVersion(challenger.View, point => VersionAnswered.Of(model.Predict(point)), null);
        }
        catch (DllNotFoundException missing)
        {
            throw new InvalidDataException($"{version.Name} version {version.Version} is {version.Algorithm}, and its native library cannot be loaded on this machine.", missing);
        }
    }
}
