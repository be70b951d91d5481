using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Selects the hyperparameters to train with: by a search, or by reusing the selection of an earlier search while the number of rows has
/// changed by less than <see cref="SelectionSettings.GrowthToSearchAgain"/>.
/// </summary>
public sealed class HyperparameterSearch(ModelRegistry registry, IOptions<TrainingOptions> options)
{
    private Candidate Configured => options.Value.Configured;
    private SelectionSettings Settings => options.Value.Selection;

    /// <param name="split">The plan's rows in all of its feature views.</param>
    /// <exception cref="TrainingRefusedException">There are too few rows for the configured candidate.</exception>
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
        ? $"{Quantity.Of(missing, "candidate")} {(missing == 1 ? "was" : "were")} skipped: k is too large for {Quantity.Of(rows, "row")}, "
            + $"or the view has no bins and is tried only up to {Quantity.Of(SelectionSettings.MostRowsOfInfiniteViews, "row")}."
        : null;

    private static SelectedLearner Selected(Candidate candidate, TrainingPlan plan, SelectionRecord? record) =>
        new(candidate.Trainer, plan.Through(candidate.View), record, null);
}

/// <summary>The trainer and dataset to train with, and the record of how they were selected.</summary>
/// <param name="Dataset">The training dataset in the trainer's feature view.</param>
/// <param name="Record">Null when no selection was made: an alternative learner, or selection is disabled.</param>
/// <param name="Nested">Nested cross-validation of the selection procedure; null when no search was made.</param>
public sealed record SelectedLearner(IModelTrainer Trainer, TrainingDataset Dataset, SelectionRecord? Record, EvaluationRecord? Nested);
