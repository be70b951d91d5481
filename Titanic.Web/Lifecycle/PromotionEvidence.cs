using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Lifecycle;

/// <summary>
/// Measures the evidence for <see cref="PromotionGate"/>: candidate, champion, reference champion and baselines on identical rows, and
/// candidate and champion on live predictions, also on those since an accuracy alarm.
/// </summary>
/// <remarks>
/// <para>
/// The rows are all rows of the candidate's training dataset. They are predicted by grouped cross-validation: the persons are assigned to
/// folds, every model is fitted once for each fold without the persons of that fold, and only the fit without a row's person predicts the
/// row. Each model is fitted on its own training dataset through its own feature view, so no prediction is made by a model that was
/// fitted on the person.
/// </para>
/// <para>
/// The live comparison uses the champion's stored predictions of passengers that it had not learned, and the candidate's fits without the
/// same passengers. While an accuracy alarm is raised, a candidate whose training data start at an event time is compared on later days only:
/// that time was estimated from the champion's earlier predictions, where the champion is worst.
/// </para>
/// <para>See <see cref="PromotionGate"/> for the tests, their error rates and the references.</para>
/// </remarks>
public sealed class PromotionEvidence(
    ModelRegistry registry, VersionTrainingRows rows, LivePredictions livePredictions, DriftReader drift, IOptions<GatePolicy> policy)
{
    /// <summary>The champion, followed by the reference champion if that is another version; empty before the first promotion.</summary>
    public async Task<IReadOnlyList<ModelVersion>> ComparedVersions(CancellationToken cancellation)
    {
        if (await registry.FindChampion(cancellation) is not { } champion)
            return [];
        var referenceChampion = PromotionGate.ReferenceChampionOf(champion);
        return referenceChampion != champion.Version && await registry.Find(referenceChampion, cancellation) is { } best ? [champion, best] : [champion];
    }

    /// <summary>Fits and predicts all compared models and summarizes the paired results.</summary>
    /// <param name="candidate">The trainer of the candidate.</param>
    /// <param name="definition">The candidate's training dataset.</param>
    /// <param name="points">The rows of that dataset, read through the views of the candidate and of all compared versions.</param>
    /// <param name="compared">The result of <see cref="ComparedVersions"/>.</param>
    /// <param name="progress">Counts the fits.</param>
    /// <returns>The evidence without a policy; without champion comparisons when <paramref name="compared"/> is empty.</returns>
    /// <exception cref="InvalidDataException">The training rows of a compared version do not have the registered digest.</exception>
    public async Task<GateEvidence> Collect(
        IModelTrainer candidate, TrainingDatasetDefinition definition, TrainingPoints points, IReadOnlyList<ModelVersion> compared, StepProgress progress)
    {
        var cancellation = progress.Cancellation;
        var view = candidate.View;
        var folds = GroupKFold.Of(points);
        progress.Total = folds.Folds.Count * (1L + compared.Count);
        var fits = CrossFit.Fit(candidate, view.Schema, folds, progress);
        var predictions = fits.Score(folds);
        var evidence = CompareWithBaselines(view.Schema, folds, predictions, policy.Value);
        if (compared.Count == 0)
            return evidence;
        var live = await livePredictions.Of(compared[0].Version, definition, cancellation);
        var alarm = await drift.FindAccuracyAlarm(cancellation);
        List<LivePrediction> sinceAlarm = [.. live.Where(row => alarm is null || row.LogicalDate > alarm)];
        return evidence with
        {
            Champion = await CompareWith(compared[0]),
            ReferenceChampion = compared.Count > 1 ? await CompareWith(compared[1]) : null,
            Live = CompareLive(compared[0].Version, fits, view, definition.EventTimeFrom is null ? live : sinceAlarm, policy.Value),
            Alarm = alarm is { } raisedOn ? new AlarmEvidence(raisedOn, CompareLive(compared[0].Version, fits, view, sinceAlarm, policy.Value)) : null,
        };

        // The folds as of the candidate's commit: a person renamed since the other model was trained is in one fold.
        async Task<ChampionComparison> CompareWith(ModelVersion version)
        {
            var other = version.CreateTrainer();
            var trainingFolds = GroupKFold.Of(await rows.ReadVerified(version, cancellation, definition.AsOfCommitId));
            return ChampionComparison.Of(version.Version, CrossFit.Fit(other, other.View.Schema, trainingFolds, progress).Score(folds), predictions, policy.Value);
        }
    }

    /// <summary>Applies <see cref="PromotionGate.Decide"/> with the configured policy.</summary>
    public GateDecision Decide(GateEvidence evidence) => PromotionGate.Decide(evidence, policy.Value);

    /// <summary>Compares a candidate with the baseline rules only.</summary>
    /// <param name="folds">The rows and their assignment to folds.</param>
    /// <param name="predictions">The candidate's predictions for the rows of the folds.</param>
    internal static GateEvidence CompareWithBaselines(FeatureViewSchema view, GroupKFold folds, List<ScoredRow> predictions, GatePolicy policy)
    {
        var confusion = ConfusionMatrix.Of(predictions);
        BaselineComparison[] baselines = [.. BaselineRules.Of(view.FeatureNames).Select(rule =>
            BaselineComparison.Of(rule.Name, CrossFit.Fit(rule, view, folds).Score(folds), predictions, policy))];
        return new GateEvidence(
            confusion.Rows, confusion.Accuracy.Value ?? 0, (baselines[0].BothRight + baselines[0].OnlyBaselineRight) / (double)Math.Max(1, confusion.Rows), null, baselines);
    }

    private static ChampionComparison? CompareLive(int champion, CrossFit fits, ITrainingView view, IReadOnlyList<LivePrediction> livePredictions, GatePolicy policy) => livePredictions.Count == 0
        ? null
        : ChampionComparison.Of(
            champion,
            [.. livePredictions.Select(row => new ScoredRow(row.Probability, row.PredictedSurvived, row.Survived))],
            [.. livePredictions.Select(row => ScoredRow.Of(fits.Models[row.Fold].Predict(view.Encode(row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds)), row.Survived))],
            policy);
}
