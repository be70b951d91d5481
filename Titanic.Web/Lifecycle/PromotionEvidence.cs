using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Lifecycle;

/// <summary>
/// Brings together what the gate decides on: candidate, champion, the best champion so far and the baselines on identical rows, all of the
/// candidate's dataset. Each is fitted anew once for each fold of people, without them, on its own dataset and through its own view. And
/// passengers whom the champion answered live: its stored answers beside those of the candidate's fits that have never met them.
/// </summary>
public sealed class PromotionEvidence(ModelRegistry registry, RowsOfVersion rows, LiveAnswers live, IOptions<GatePolicy> policy)
{
    /// <summary>The champion, and besides it the best one so far where that is another; empty before the first promotion.</summary>
    public async Task<IReadOnlyList<ModelVersion>> ComparedVersions(CancellationToken cancellation)
    {
        if (await registry.Champion(cancellation) is not { } champion)
            return [];
        var referenceChampion = PromotionGate.YardstickOf(champion);
        return referenceChampion != champion.Version && await registry.Find(referenceChampion, cancellation) is { } best ? [champion, best] : [champion];
    }

    /// <param name="candidate">The learner of the version that is to be judged.</param>
    /// <param name="definition">The candidate's dataset.</param>
    /// <param name="points">The same, read through the views of the candidate and of all compared versions.</param>
    /// <param name="compared">As <see cref="ComparedVersions"/> gives them.</param>
    public async Task<GateEvidence> Collect(
        IModelTrainer candidate, TrainingDatasetDefinition definition, TrainingPoints points, IReadOnlyList<ModelVersion> compared, CancellationToken cancellation)
    {
        var view = candidate.View;
        var folds = GroupKFold.Of(points);
        var fits = CrossFit.Of(candidate, view.Schema, folds);
        var answers = fits.Score(folds);
        var evidence = AgainstBaselines(view.Schema, folds, answers, policy.Value);
        if (compared.Count == 0)
            return evidence;
        return evidence with
        {
            Champion = await Against(compared[0], folds, answers, cancellation),
            Yardstick = compared.Count > 1 ? await Against(compared[1], folds, answers, cancellation) : null,
            Live = Live(compared[0].Version, fits, view, await live.Of(compared[0].Version, definition, cancellation), policy.Value),
        };
    }

    public GateDecision Decide(GateEvidence evidence) => PromotionGate.Decide(evidence, policy.Value);

    /// <summary>A candidate beside the rules that anybody could apply, without any other version.</summary>
    /// <param name="answers">The candidate's, to the rows of the folds.</param>
    internal static GateEvidence AgainstBaselines(FeatureViewSchema view, GroupKFold folds, List<ScoredRow> answers, GatePolicy policy)
    {
        var confusion = ConfusionMatrix.Of(answers);
        BaselineComparison[] baselines = [.. BaselineRules.Of(view.FeatureNames).Select(rule =>
            BaselineComparison.Of(rule.Name, CrossFit.Of(rule, view, folds).Score(folds), answers, policy))];
        return new GateEvidence(
            confusion.Rows, confusion.Accuracy.Value ?? 0, (baselines[0].BothRight + baselines[0].OnlyBaselineRight) / (double)Math.Max(1, confusion.Rows), null, baselines);
    }

    private async Task<ChampionComparison> Against(ModelVersion version, GroupKFold folds, List<ScoredRow> answers, CancellationToken cancellation)
    {
        var other = version.CreateTrainer();
        var own = GroupKFold.Of(await rows.ReadVerified(version, cancellation));
        return ChampionComparison.Of(version.Version, CrossFit.Of(other, other.View.Schema, own).Score(folds), answers, policy.Value);
    }

    private static ChampionComparison? Live(int champion, CrossFit fits, ITrainingView view, IReadOnlyList<LiveAnswer> asked, GatePolicy policy) => asked.Count == 0
        ? null
        : ChampionComparison.Of(
            champion,
            [.. asked.Select(row => new ScoredRow(row.Probability, row.Said, row.Survived))],
            [.. asked.Select(row => ScoredRow.Of(fits.Models[row.Fold].Predict(view.Encode(row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds)), row.Survived, rows: 1))],
            policy);
}
