using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Trains a model on every passenger who has been predicted, evaluates it, and lets the gate decide whether it becomes champion. A run that was
/// started for an alternative learner registers a version of that learner instead, which is held beside the champion.
/// </summary>
public sealed class TrainingPipeline(
    TrainingPlanner planner, HyperparameterSearch search, TrainingEvaluator evaluator, PromotionEvidence gate, ModelRegistration registration) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        var compared = await gate.ComparedVersions(cancellation);
        var plan = await planner.Plan(run, isFirst: compared.Count == 0, cancellation);
        if (await planner.AlreadyLearned(plan, cancellation) is { } nothingNew)
            return nothingNew;

        var points = await planner.Load(plan, [.. compared.Select(version => version.View), .. evaluator.ComparedViews(run, plan)], cancellation);
        var split = TrainingSplit.Of(points);
        var selected = await search.Select(plan, split, cancellation);
        var model = selected.Trainer.Fit(split.In(selected.Trainer.View.Schema).All);
        var evaluated = evaluator.Evaluate(run, selected, model, split);
        var evidence = await gate.Collect(selected.Trainer, plan.Definition, points, compared, cancellation);
        var decision = plan.Alternative is null ? gate.Decide(evidence) : PromotionGate.Hold(evidence);
        return await registration.Register(run, evaluated, decision, cancellation);
    }
}

/// <summary>A fitted model with its evaluations, ready to be registered.</summary>
/// <param name="Comparison">With other learners; null where that was not measured.</param>
public sealed record EvaluatedModel(SelectedLearner Selected, ITrainedModel Model, IReadOnlyList<EvaluationRecord> Evaluations, ComparisonRecord? Comparison)
{
    /// <summary>"10x5 cross-validation accuracy 0.8016 ± 0.0034".</summary>
    public string Headline => ModelEvaluation.Headline(Evaluations);
}

/// <summary>Which evaluations a training run makes.</summary>
public sealed class TrainingEvaluator(IOptions<TrainingOptions> options, TimeProvider clock)
{
    /// <summary>The views that must be read besides those of the candidates; empty where no alternative learner is compared.</summary>
    public IEnumerable<ITrainingView> ComparedViews(RunContext run, TrainingPlan plan) =>
        ComparesAlternatives(run) && plan.Rows <= SelectionSettings.MostRowsOfInfiniteViews ? AlternativeLearners.All.Select(learner => learner.View) : [];

    /// <param name="split">Read through the views of the selected learner and of <see cref="ComparedViews"/>.</param>
    /// <exception cref="TrainingRefusedException">These rows cannot be evaluated.</exception>
    public EvaluatedModel Evaluate(RunContext run, SelectedLearner selected, ITrainedModel model, TrainingSplit split)
    {
        var evaluations = ModelEvaluation.Run(selected.Trainer, split.In(selected.Trainer.View.Schema), options.Value.ToCrossValidation());
        return new EvaluatedModel(
            selected, model, selected.Nested is { } nested ? [.. evaluations, nested] : evaluations,
            ComparesAlternatives(run) ? LearnerComparison.Run(selected.Trainer, split, options.Value.ToComparison()) : null);
    }

    /// <summary>Past and future days are simulated in seconds; today's model, or one as of a commit of the past, may take longer.</summary>
    private bool ComparesAlternatives(RunContext run) => run.Challenger is null && options.Value.Challengers.Repeats > 0
        && (run.AsOf is not null || run.LogicalDate == DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
}

/// <summary>Hands a model to the registry, and its promotion, if the gate has decided so, to serving.</summary>
public sealed class ModelRegistration(ModelRegistry registry, ChampionInMemory serving)
{
    /// <returns>One sentence on what was registered.</returns>
    public async Task<string> Register(RunContext run, EvaluatedModel evaluated, GateDecision decision, CancellationToken cancellation)
    {
        var (selected, trainer) = (evaluated.Selected, evaluated.Selected.Trainer);
        var registered = await registry.Register(
            new NewModelVersion(
                trainer.Algorithm, trainer.Hyperparameters, evaluated.Evaluations, trainer.Signature, InputExample.Of(evaluated.Model), evaluated.Model.Save(),
                selected.Dataset, run.Provenance.RunId, run.Provenance.CodeVersion, Description(selected.Dataset, evaluated), decision, selected.Record, evaluated.Comparison),
            cancellation);
        await serving.Reload(cancellation);
        run.Count("rows", selected.Dataset.Rows);
        run.Count("version", registered.Version);
        var what = trainer.CanServe ? $"learned {selected.Dataset.Rows} rows" : $"is {trainer.Algorithm} of {selected.Dataset.Rows} rows";
        return $"Version {registered.Version} {what}: {evaluated.Headline}. Gate: {decision.Verdict.ToString().ToUpperInvariant()}. {decision.Reason}";
    }

    private static string Description(TrainingDataset dataset, EvaluatedModel evaluated) =>
        $"Learned {dataset.Rows} rows of {dataset.ViewName} v{dataset.ViewVersion} as of commit {dataset.AsOfCommitId}; {evaluated.Headline}.";
}
