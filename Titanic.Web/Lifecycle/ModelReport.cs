using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Challengers;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Lifecycle;

/// <summary>Puts what training says about a model into the registry's words.</summary>
internal static class ModelReport
{
    public const string Algorithm = "K-nearest neighbours, all ties vote";

    /// <summary>A man of the third class whose age and fare nobody knows: the shortest question that has an answer.</summary>
    private static readonly (int Pclass, Sex Sex) _example = (3, Sex.Male);

    public static IReadOnlyDictionary<string, string> Hyperparameters(KnnOptions options) => new Dictionary<string, string>
    {
        ["k"] = options.K.ToString(CultureInfo.InvariantCulture),
        ["metric"] = options.Metric.ToString(),
        ["weights"] = options.Weights.ToString(),
    };

    /// <summary>What <see cref="Hyperparameters"/> was written from.</summary>
    /// <exception cref="InvalidDataException">It cannot have been written from any options.</exception>
    public static KnnOptions OptionsOf(IReadOnlyDictionary<string, string> hyperparameters) =>
        int.TryParse(hyperparameters.GetValueOrDefault("k"), NumberStyles.None, CultureInfo.InvariantCulture, out var k)
        && Enum.TryParse<DistanceMetric>(hyperparameters.GetValueOrDefault("metric"), out var metric)
        && Enum.TryParse<NeighborWeights>(hyperparameters.GetValueOrDefault("weights"), out var weights)
        && new KnnOptions(k, metric, weights) is var options && AreHyperparameters(hyperparameters, options)
            ? options
            : throw new InvalidDataException($"The hyperparameters {string.Join(", ", hyperparameters.Select(setting => $"{setting.Key} = {setting.Value}"))} are not those of a K-NN.");

    public static bool AreHyperparameters(IReadOnlyDictionary<string, string> hyperparameters, KnnOptions options) =>
        hyperparameters.OrderBy(setting => setting.Key).SequenceEqual(Hyperparameters(options).OrderBy(setting => setting.Key));

    /// <summary>Every method for the model and, beside it, for what it has to beat.</summary>
    /// <param name="nested">What choosing the settings is worth; null where they were not chosen now.</param>
    public static IReadOnlyList<EvaluationRecord> Evaluate(
        KnnTrainer trainer, TrainingSplit split, CrossValidationOptions options, CrossValidationResult? nested)
    {
        var learners = BesideBaselines(trainer, split);
        return
        [
            .. learners.Select(learner => EvaluationReport.Of(CrossValidation.Run(learner, split.All, options))),
            .. learners.Select(learner => EvaluationReport.LeavingOneOut(learner, split.All, isDetailed: ReferenceEquals(learner, trainer))),
            .. learners.Select(learner => EvaluationReport.HoldingOut(learner, split.Training, split.HeldOut, isDetailed: ReferenceEquals(learner, trainer))),
            .. nested is null ? [] : new[] { EvaluationReport.Of(nested) with { Method = $"nested {nested.Options.Folds}-fold cross-validation" } },
        ];
    }

    /// <summary>As for the K-NN, but without leaving one out: that would be as many fits as there are rows.</summary>
    public static IReadOnlyList<EvaluationRecord> Evaluate(Challenger challenger, TrainingSplit split, CrossValidationOptions options)
    {
        var learners = BesideBaselines(challenger, split);
        return
        [
            .. learners.Select(learner => EvaluationReport.Of(CrossValidation.Run(learner, split.All, options))),
            .. learners.Select(learner => EvaluationReport.HoldingOut(learner, split.Training, split.HeldOut, isDetailed: ReferenceEquals(learner, challenger))),
        ];
    }

    /// <param name="found">Which settings and rows, and why.</param>
    /// <param name="comparison">With other learners; null where that was not measured.</param>
    public static NewModelVersion Describe(
        KnnModel model, SettingsFound found, IReadOnlyList<EvaluationRecord> evaluations, ComparisonRecord? comparison, GateDecision decision, Provenance provenance) => new(
            Algorithm, Hyperparameters(model.Options), evaluations, ModelSignatures.OfKnn(model.EncoderId), Example(model, found.Candidate.View), model.Save(),
            found.Dataset, provenance.RunId, provenance.CodeVersion, Description(found.Dataset, evaluations), decision, found.Record, comparison);

    public static NewModelVersion Describe(
        Challenger challenger, ChallengerModel model, TrainingDataset dataset, IReadOnlyList<EvaluationRecord> evaluations, GateDecision decision, Provenance provenance) => new(
            challenger.Algorithm, challenger.Hyperparameters, evaluations, ModelSignatures.OfChallenger(challenger.View.Schema.EncoderId), Example(model, challenger.View), model.Save(),
            dataset, provenance.RunId, provenance.CodeVersion, Description(dataset, evaluations), decision);

    public static string Headline(IReadOnlyList<EvaluationRecord> evaluations)
    {
        var accuracy = evaluations[0].Metrics["accuracy"];
        return string.Create(CultureInfo.InvariantCulture, $"{evaluations[0].Method} accuracy {accuracy.Value:0.0000} ± {accuracy.Spread:0.0000}");
    }

    private static ILearner[] BesideBaselines(ILearner learner, TrainingSplit split) =>
        [learner, new MajorityBaseline(), new FemaleSurvivesBaseline(split.All.FeatureNames.ToList().IndexOf("sex"))];

    private static string Description(TrainingDataset dataset, IReadOnlyList<EvaluationRecord> evaluations) =>
        $"Learned {dataset.Rows} rows of {dataset.ViewName} v{dataset.ViewVersion} as of commit {dataset.AsOfCommitId}; {Headline(evaluations)}.";

    // Answered by the model in memory: the registry holds it against what the stored bytes answer, and registers nothing that cannot be read back.
    private static InputExample Example(KnnModel model, ITrainingView view)
    {
        var answer = model.Predict(view.Encode(_example.Pclass, _example.Sex, null, null));
        return new InputExample(_example.Pclass, SexConverter.Format(_example.Sex), null, null, answer.Survived, answer.Probability, answer.Survivors, answer.Neighbors);
    }

    private static InputExample Example(ChallengerModel model, ITrainingView view)
    {
        var answer = model.Predict(view.Encode(_example.Pclass, _example.Sex, null, null));
        return new InputExample(_example.Pclass, SexConverter.Format(_example.Sex), null, null, answer.Survived, answer.Probability, Survivors: 0, Neighbors: 0);
    }
}
