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
    public async Task<IReadOnlyList<ModelVersion>> Opponents(CancellationToken cancellation)
    {
        if (await registry.Champion(cancellation) is not { } champion)
            return [];
        var yardstick = PromotionGate.YardstickOf(champion);
        return yardstick != champion.Version && await registry.Find(yardstick, cancellation) is { } best ? [champion, best] : [champion];
    }

    /// <param name="view">Of the candidate.</param>
    /// <param name="definition">The candidate's dataset.</param>
    /// <param name="points">The same, read through the views of the candidate and of all opponents.</param>
    /// <param name="opponents">As <see cref="Opponents"/> gives them.</param>
    public async Task<GateEvidence> Collect(
        ILearner candidate, ITrainingView view, TrainingDatasetDefinition definition, TrainingPoints points, IReadOnlyList<ModelVersion> opponents, CancellationToken cancellation)
    {
        var folds = PersonFolds.Of(points);
        var fits = CrossFit.Of(candidate, view.Schema, folds);
        var answers = fits.Score(folds);
        var evidence = AgainstBaselines(view.Schema, folds, answers, policy.Value);
        if (opponents.Count == 0)
            return evidence;
        return evidence with
        {
            Champion = await Against(opponents[0], folds, answers, cancellation),
            Yardstick = opponents.Count > 1 ? await Against(opponents[1], folds, answers, cancellation) : null,
            Live = Live(opponents[0].Version, fits, view, await live.Of(opponents[0].Version, definition, cancellation), policy.Value),
        };
    }

    /// <summary>A candidate beside the rules that anybody could apply, without any other version.</summary>
    /// <param name="answers">The candidate's, to the rows of the folds.</param>
    internal static GateEvidence AgainstBaselines(FeatureViewSchema view, PersonFolds folds, List<ScoredRow> answers, GatePolicy policy)
    {
        var confusion = ConfusionMatrix.Of(answers);
        ILearner[] rules = [new MajorityBaseline(), new FemaleSurvivesBaseline(view.FeatureNames.ToList().IndexOf("sex"))];
        BaselineComparison[] baselines = [.. rules.Select(rule =>
            BaselineComparison.Of(rule.Name, CrossFit.Of(rule, view, folds).Score(folds), answers, policy))];
        return new GateEvidence(
            confusion.Rows, confusion.Accuracy.Value ?? 0, (baselines[0].BothRight + baselines[0].OnlyBaselineRight) / (double)Math.Max(1, confusion.Rows), null, baselines);
    }

    private async Task<ChampionComparison> Against(ModelVersion version, PersonFolds folds, List<ScoredRow> answers, CancellationToken cancellation)
    {
        var other = LearnerOfVersion.Of(version);
        var own = PersonFolds.Of(await rows.ReadVerified(version, cancellation));
        return ChampionComparison.Of(version.Version, CrossFit.Of(other.Learner, other.View, own).Score(folds), answers, policy.Value);
    }

    private static ChampionComparison? Live(int champion, CrossFit fits, ITrainingView view, IReadOnlyList<LiveAnswer> asked, GatePolicy policy) => asked.Count == 0
        ? null
        : ChampionComparison.Of(
            champion,
            [.. asked.Select(row => new ScoredRow(row.Probability, row.Said, row.Survived))],
            [.. asked.Select(row => ScoredRow.Of(fits.Models[row.Fold].Predict(view.Encode(row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds)), row.Survived, rows: 1))],
            policy);
}
