using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Pipelines;

/// <summary>Selects the hyperparameters to train with: by a search, or by keeping what an earlier search selected while the data are nearly the same.</summary>
public sealed class HyperparameterSearch(ModelRegistry registry, IOptions<TrainingOptions> options)
{
    private Candidate Configured => options.Value.Configured;
    private SelectionSettings Settings => options.Value.Selection;

    /// <param name="split">The plan's dataset through all its views.</param>
    /// <exception cref="TrainingRefusedException">Too few rows for the configured candidate.</exception>
    public async Task<SelectedLearner> Select(TrainingPlan plan, TrainingSplit split, CancellationToken cancellation)
    {
        if (plan.Alternative is { } learner)
            return new SelectedLearner(learner, plan.Datasets[0], null, null);
        if (!Settings.Enabled)
            return Selected(Configured, plan, null);
        if (ModelSelection.Problem(split.All, Settings.ToCrossValidation()) is { } problem)
            return Selected(Configured, plan, plan.Undecided with { Reason = problem });
        if (await KeptChoice(plan, cancellation) is { } kept)
            return kept;
        var rows = split.All.Rows;
        var selection = ModelSelection.Run(options.Value.CandidatesFor(rows), split.All, split.Views, Settings.ToCrossValidation());
        var record = plan.Undecided with { Reason = selection.Result.Reason, Search = selection.ToRecord(rows, LeftOut(selection, rows)) };
        return Selected(selection.Result.Chosen, plan, record) with { Nested = selection.NestedEvaluation };
    }

    private async Task<SelectedLearner?> KeptChoice(TrainingPlan plan, CancellationToken cancellation)
    {
        if (await registry.NewestSelected(cancellation) is not { Selection: { } selection } newest || selection.Settings != plan.Undecided.Settings)
            return null;
        var number = selection.KeptFromVersion ?? newest.Version;
        var search = selection.Search ?? (await registry.Find(number, cancellation))?.Selection?.Search;
        var (rows, before) = (plan.Rows, search?.Rows ?? 0);
        if (search is null || Math.Abs(rows - before) >= SelectionSettings.GrowthToSearchAgain * before)
            return null;
        var chosen = search.Candidates.Single(candidate => candidate.IsChosen);
        if (options.Value.CandidatesFor(rows).SingleOrDefault(candidate => candidate.IsOf(chosen)) is not { } candidate)
            return null;
        var reason = FormattableString.Invariant(
            $"The choice of version {number}'s search is kept: it was made on {before} rows, and {rows} are less than a tenth more or fewer.");
        return Selected(candidate, plan, plan.Undecided with { Reason = reason, KeptFromVersion = number });
    }

    private string? LeftOut(ModelSelection selection, int rows) => Settings.Candidates(Configured).Count - selection.Result.Scores.Count is > 0 and var missing
        ? FormattableString.Invariant($"{missing} candidates were left out: their k is too large for {rows} rows, or there are more than the {SelectionSettings.MostRowsOfInfiniteViews} rows up to which views without bins are tried.")
        : null;

    private static SelectedLearner Selected(Candidate candidate, TrainingPlan plan, SelectionRecord? record) =>
        new(candidate.Trainer, plan.Through(candidate.View), record, null);
}

/// <summary>What to train, and why.</summary>
/// <param name="Dataset">As the trainer's view sees it.</param>
/// <param name="Record">Null where nothing was to be selected.</param>
/// <param name="Nested">What selecting this way reaches; null where nothing was searched.</param>
public sealed record SelectedLearner(IModelTrainer Trainer, TrainingDataset Dataset, SelectionRecord? Record, EvaluationRecord? Nested);
