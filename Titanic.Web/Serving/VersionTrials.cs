using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training.Challengers;

namespace Titanic.Web.Serving;

/// <summary>How the registry's versions are tried: each by the learner that made it, and a K-NN just as it would serve.</summary>
internal static class VersionTrials
{
    /// <inheritdoc cref="TryVersion"/>
    public static VersionTrial Of(ModelVersion version)
    {
        var example = version.InputExample;
        var sex = SexConverter.Read(example.Sex);
        if (ChallengerCatalog.All.SingleOrDefault(challenger => challenger.Algorithm == version.Algorithm) is { } challenger)
        {
            var likely = ChallengerModel.Load(version.Artifact).Predict(challenger.View.Encode(example.Pclass, sex, example.Age, example.Fare));
            return new VersionTrial(
                example with { Survived = likely.Survived, Probability = likely.Probability, Survivors = 0, Neighbors = 0 },
                $"Version {version.Version} is {version.Algorithm}, which is measured beside the champion but cannot serve; only a K-NN can.");
        }
        var served = ServedModel.Of(version);
        var answer = served.Answer(served.View.Encode(example.Pclass, sex, example.Age, example.Fare));
        return new VersionTrial(
            example with { Survived = answer.Survived, Probability = answer.Probability, Survivors = answer.Survivors, Neighbors = answer.Neighbors }, null);
    }
}
