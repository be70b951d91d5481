using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Pipelines;

/// <summary>Puts what training says about a model into the registry's words.</summary>
internal static class ModelReport
{
    /// <summary>A man of the third class whose age and fare nobody knows: the shortest question that has an answer.</summary>
    private static readonly (int Pclass, Sex Sex) _example = (3, Sex.Male);

    public static IReadOnlyDictionary<string, string> Hyperparameters(KnnOptions options) => new Dictionary<string, string>
    {
        ["k"] = options.K.ToString(CultureInfo.InvariantCulture),
        ["metric"] = options.Metric.ToString(),
        ["weights"] = options.Weights.ToString(),
    };

    /// <summary>Every method for the model and, beside it, for what it has to beat.</summary>
    public static IReadOnlyList<EvaluationRecord> Evaluate(KnnTrainer trainer, TrainingSplit split, CrossValidationOptions options)
    {
        var sexFeature = BinnedEncoder.FeatureNames.ToList().IndexOf("sex");
        ILearner[] learners = [trainer, new MajorityBaseline(), new FemaleSurvivesBaseline(sexFeature)];
        return
        [
            .. learners.Select(learner => EvaluationReport.Of(CrossValidation.Run(learner, split.All, options))),
            .. learners.Select(learner => EvaluationReport.LeavingOneOut(learner, split.All, isDetailed: ReferenceEquals(learner, trainer))),
            .. learners.Select(learner => EvaluationReport.HoldingOut(learner, split.Training, split.HeldOut, isDetailed: ReferenceEquals(learner, trainer))),
        ];
    }

    /// <summary>
    /// Candidate and champion on identical rows: those that the split holds out. Both are fitted anew on the rest of what they learned,
    /// so neither knows a row that it answers, and each answers as one fixed model, which is what McNemar's test asks for. (Leaving one
    /// row out at a time would let each row's own label move its answer: near a tie that turns a whole cell against one of the two.)
    /// </summary>
    public static GateEvidence Evidence(KnnTrainer candidate, TrainingSplit split, ModelVersion? champion, TrainingSplit? championSplit)
    {
        var answers = HoldOut.Score(candidate.Fit(split.Training), split.HeldOut);
        var majority = Metrics.Of(HoldOut.Score(new MajorityBaseline().Fit(split.Training), split.HeldOut));
        return new GateEvidence(
            split.HeldOut.Rows, Metrics.Of(answers).Accuracy.Value ?? 0, majority.Accuracy.Value ?? 0,
            champion is null || championSplit is null ? null : Compare(champion, championSplit, answers, split.HeldOut));
    }

    public static NewModelVersion Describe(
        KnnModel model, IReadOnlyList<EvaluationRecord> evaluations, TrainingDataset dataset, GateDecision decision, Provenance provenance) => new(
            Algorithm: "K-nearest neighbours, all ties vote",
            Hyperparameters(model.Options),
            evaluations,
            Signature,
            Example(model),
            model.Save(),
            dataset,
            provenance.RunId,
            provenance.CodeVersion,
            $"Learned {dataset.Rows} rows of {dataset.ViewName} v{dataset.ViewVersion} as of commit {dataset.AsOfCommitId}; {Headline(evaluations)}.",
            decision);

    public static string Headline(IReadOnlyList<EvaluationRecord> evaluations)
    {
        var accuracy = evaluations[0].Metrics["accuracy"];
        return string.Create(CultureInfo.InvariantCulture, $"{evaluations[0].Method} accuracy {accuracy.Value:0.0000} ± {accuracy.Spread:0.0000}");
    }

    private static ModelSignature Signature { get; } = new(
        BinnedEncoder.Id,
        [
            new("pclass", "integer", false, "1, 2 or 3"),
            new("sex", "string", false, "male or female"),
            new("age", "number", true, "0 to 120 years; absent means unknown"),
            new("fare", "number", true, "0 to 10000 pounds; absent means unknown"),
        ],
        [
            new("survived", "boolean", false, "true when more than half of the neighbours survived"),
            new("probability", "number", false, "0 to 1"),
            new("survivors", "integer", false, "0 to neighbors"),
            new("neighbors", "integer", false, "at least k"),
        ]);

    private static ChampionComparison Compare(ModelVersion champion, TrainingSplit championSplit, List<ScoredRow> answers, LabelledPoints heldOut)
    {
        var saved = KnnModel.Load(champion.Artifact);
        var refitted = new KnnTrainer(saved.Options, saved.EncoderId).Fit(championSplit.Training);
        var comparison = PairedComparison.Of(HoldOut.Score(refitted, heldOut), answers);
        return new ChampionComparison(
            champion.Version, comparison.BothRight, comparison.OnlySecondRight, comparison.OnlyFirstRight, comparison.BothWrong, comparison.McNemarPValue);
    }

    private static InputExample Example(KnnModel model)
    {
        // Answered by the bytes that are registered, so that a version that cannot be read back is never registered.
        var answer = KnnModel.Load(model.Save()).Predict(BinnedEncoder.Encode(_example.Pclass, _example.Sex, null, null).Features);
        return new InputExample(_example.Pclass, SexWord.Of(_example.Sex), null, null, answer.Survived, answer.Probability, answer.Survivors, answer.Neighbors);
    }
}
