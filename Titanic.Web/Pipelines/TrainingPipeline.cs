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
/// Trains a model on all passengers with a known outcome, evaluates it, registers it and applies the promotion gate. The training data are
/// the passengers of the historical and uploaded lists, and the stream passengers up to the last commit in which all have a prediction; the
/// first model is trained on the lists only. After a fall in accuracy, they can start with it: see <see cref="TrainingWindow"/>. A run for an alternative learner registers a version of that learner, which is never promoted.
/// </summary>
public sealed class TrainingPipeline(
    TrainingPlanner planner, HyperparameterSearch search, TrainingEvaluator evaluator, PromotionEvidence gate, ModelRegistration registration) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        var progress = run.Step("Select the training rows");
        var compared = await gate.ComparedVersions(cancellation);
        var plan = await planner.Plan(run, compared is [var champion, ..] ? champion : null, progress);
        plan.Unused.WriteTo(run);
        await run.Log($"The training data are {Quantity.Of(plan.Rows, "row")} as of commit {plan.Definition.AsOfCommitId}.");
        if (await planner.AlreadyTrained(plan, cancellation) is { } alreadyTrained)
            return plan.Unused.AppendTo(alreadyTrained);

        run.Step("Read the training rows");
        var points = await planner.Load(plan, [.. compared.Select(version => version.View), .. evaluator.ComparedViews(run, plan)], cancellation);
        var split = TrainingSplit.Of(points);
        run.SetCount("points", split.All.Count);

        var selected = await search.Select(plan, split, run.Step("Select the hyperparameters"));
        await run.Log($"Learner: {LearnerNames.Display(selected.Trainer.Algorithm)}, {FormatHyperparameters(selected)}. {selected.Record?.Reason}".TrimEnd());

        run.Step("Fit the model");
        var model = selected.Trainer.Fit(split.ForView(selected.Trainer.View.Schema).All);
        var evaluated = await evaluator.Evaluate(run, selected, model, split);

        var evidence = await gate.Collect(selected.Trainer, plan.Definition, points, compared, run.Step("Collect the evidence for the promotion gate"));
        var decision = plan.Alternative is null ? gate.Decide(evidence) : PromotionGate.Hold(evidence);
        await run.Log($"Gate: {decision.Verdict.ToString().ToUpperInvariant()}. {decision.Reason}");

        run.Step("Register the version");
        return plan.Unused.AppendTo(await registration.Register(run, evaluated, decision, cancellation));
    }

    private static string FormatHyperparameters(SelectedLearner selected) =>
        string.Join(", ", selected.Trainer.Hyperparameters.Select(parameter => $"{parameter.Key} = {parameter.Value}"));
}

/// <summary>A fitted model with its evaluations, ready to be registered.</summary>
/// <param name="Comparison">Comparison with the alternative learners; null where it was not measured.</param>
public sealed record EvaluatedModel(SelectedLearner Selected, ITrainedModel Model, IReadOnlyList<EvaluationRecord> Evaluations, ComparisonRecord? Comparison)
{
    /// <summary>The headline metric, such as "10x5 cross-validation accuracy 0.8011 (0.7797 to 0.8226)".</summary>
    public string Headline => ModelEvaluation.Headline(Evaluations);
}

/// <summary>Evaluates a fitted model and, where configured, compares it with the alternative learners.</summary>
public sealed class TrainingEvaluator(IOptions<TrainingOptions> options, TimeProvider clock)
{
    /// <summary>The feature views of the alternative learners to compare with; empty where none is compared.</summary>
    public IEnumerable<ITrainingView> ComparedViews(RunContext run, TrainingPlan plan) =>
        ComparesAlternatives(run) && plan.Rows <= SelectionSettings.MaximumRowsOfUnboundedViews ? AlternativeLearners.All.Select(learner => learner.View) : [];

    /// <param name="split">The rows in the views of the selected learner and of <see cref="ComparedViews"/>.</param>
    /// <exception cref="TrainingFailedException">The rows cannot be evaluated.</exception>
    public async Task<EvaluatedModel> Evaluate(RunContext run, SelectedLearner selected, ITrainedModel model, TrainingSplit split)
    {
        var evaluations = ModelEvaluation.Run(
            selected.Trainer, split.ForView(selected.Trainer.View.Schema), options.Value.ToCrossValidation(), run.Step("Evaluate the model (cross-validation, leave-one-out, hold-out)"));
        var evaluated = new EvaluatedModel(selected, model, selected.NestedEvaluation is { } nested ? [.. evaluations, nested] : evaluations, null);
        await run.Log($"Evaluation: {evaluated.Headline}.");
        if (!ComparesAlternatives(run))
            return evaluated;
        var compared = evaluated with { Comparison = LearnerComparison.Run(selected.Trainer, split, options.Value.ToComparison(), run.Step("Compare with other algorithms")) };
        await run.Log($"Compared with {Quantity.Of(compared.Comparison.Learners.Count, "other learner")} on {compared.Comparison.Repeats} x {compared.Comparison.Folds} folds.");
        return compared;
    }

    /// <summary>
    /// The comparison is slow, so it is made only for today's model and for one as of a commit or time, not for simulated days.
    /// </summary>
    private bool ComparesAlternatives(RunContext run) => run.Alternative is null && options.Value.Alternatives.Repeats > 0
        && (run.AsOf is not null || run.LogicalDate == DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
}

/// <summary>Registers a model version and reloads the champion for serving.</summary>
public sealed class ModelRegistration(ModelRegistry registry, ChampionCache champion)
{
    /// <returns>A summary of the registered version and of the gate decision.</returns>
    public async Task<string> Register(RunContext run, EvaluatedModel evaluated, GateDecision decision, CancellationToken cancellation)
    {
        var (selected, trainer) = (evaluated.Selected, evaluated.Selected.Trainer);
        var registered = await registry.Register(
            new NewModelVersion(
                trainer.Algorithm, trainer.Hyperparameters, evaluated.Evaluations, trainer.Signature, InputExample.Of(evaluated.Model), evaluated.Model.Save(),
                selected.Dataset, run.Provenance.RunId, run.Provenance.CodeVersion, Description(selected.Dataset), decision, selected.Record, evaluated.Comparison),
            cancellation);
        await champion.Reload(CancellationToken.None); // the version is committed
        run.SetCount("rows", selected.Dataset.Rows);
        run.SetCount("version", registered.Version);
        var algorithm = trainer.CanServe ? "" : $" ({LearnerNames.Display(trainer.Algorithm)})";
        return $"Version {registered.Version}{algorithm} was trained on {Quantity.Of(selected.Dataset.Rows, "row")}{Start(selected.Dataset)}: {evaluated.Headline}. "
            + $"Gate: {decision.Verdict.ToString().ToUpperInvariant()}. {decision.Reason}";
    }

    private static string Description(TrainingDataset dataset) =>
        $"Trained on {Quantity.Of(dataset.Rows, "row")} of {dataset.ViewName} v{dataset.ViewVersion} as of commit {dataset.AsOfCommitId}{Start(dataset)}.";

    private static string Start(TrainingDataset dataset) => dataset.EventTimeFrom is { } from ? $" since {from:yyyy-MM-dd}" : "";
}
