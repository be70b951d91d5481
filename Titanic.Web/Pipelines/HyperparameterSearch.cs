using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Selects the hyperparameters to train with: by a search, or by reusing the selection of an earlier search while the number of rows has
/// changed by less than <see cref="SelectionSettings.RetuneGrowthThreshold"/>.
/// </summary>
public sealed class HyperparameterSearch(ModelRegistry registry, IOptions<TrainingOptions> options)
{
    private Candidate Configured => options.Value.Configured;
    private SelectionSettings Settings => options.Value.Selection;

    /// <param name="split">The plan's rows in all of its feature views.</param>
    /// <param name="progress">Counts the folds of a search.</param>
    /// <exception cref="TrainingFailedException">There are too few rows for the configured candidate.</exception>
    public async Task<SelectedLearner> Select(TrainingPlan plan, TrainingSplit split, StepProgress progress)
    {
        if (plan.Alternative is { } learner)
            return new SelectedLearner(learner, plan.Datasets[0], null, null);
        if (!Settings.Enabled)
            return CreateSelected(Configured, plan, null);
        if (ModelSelection.Validate(split.All, Settings.ToCrossValidation()) is { } problem)
            return CreateSelected(Configured, plan, plan.PendingSelection with { Reason = problem });
        if (await ReuseSelection(plan, progress.Cancellation) is { } kept)
            return kept;
        var rows = split.All.Rows;
        var selection = ModelSelection.Run(options.Value.CandidatesFor(rows), split.All, split.Views, Settings.ToCrossValidation(), progress);
        var record = plan.PendingSelection with { Reason = selection.Result.Reason, Search = selection.ToRecord(rows, DescribeSkippedCandidates(selection, rows)) };
        return CreateSelected(selection.Result.Chosen, plan, record) with { NestedEvaluation = selection.NestedEvaluation };
    }

    private async Task<SelectedLearner?> ReuseSelection(TrainingPlan plan, CancellationToken cancellation)
    {
        if (await registry.FindNewestSelected(cancellation) is not { Selection: { } selection } newest || selection.Settings != plan.PendingSelection.Settings)
            return null;
        var number = selection.KeptFromVersion ?? newest.Version;
        var search = selection.Search ?? (await registry.Find(number, cancellation))?.Selection?.Search;
        var (rows, before) = (plan.Rows, search?.Rows ?? 0);
        if (search is null || Math.Abs(rows - before) >= SelectionSettings.RetuneGrowthThreshold * before)
            return null;
        var chosen = search.Candidates.Single(candidate => candidate.IsChosen);
        if (options.Value.CandidatesFor(rows).SingleOrDefault(candidate => candidate.Matches(chosen)) is not { } candidate)
            return null;
        var reason = FormattableString.Invariant(
            $"The selection of version {number} is reused: its search had {before:#,##0} rows, and {rows:#,##0} rows differ from that by less than a tenth.");
        return CreateSelected(candidate, plan, plan.PendingSelection with { Reason = reason, KeptFromVersion = number });
    }

    private string? DescribeSkippedCandidates(ModelSelection selection, int rows) => Settings.Candidates(Configured).Count - selection.Result.Scores.Count is > 0 and var missing
        ? $"{Quantity.Of(missing, "candidate")} {(missing == 1 ? "was" : "were")} skipped: k is too large for {Quantity.Of(rows, "row")}, "
            + $"or the view has no bins and is tried only up to {Quantity.Of(SelectionSettings.MaximumRowsOfUnboundedViews, "row")}."
        : null;

    private static SelectedLearner CreateSelected(Candidate candidate, TrainingPlan plan, SelectionRecord? record) =>
        new(candidate.Trainer, plan.DatasetFor(candidate.View), record, null);
}

/// <summary>The trainer and dataset to train with, and the record of how they were selected.</summary>
/// <param name="Dataset">The training dataset in the trainer's feature view.</param>
/// <param name="Record">Null when no selection was made: an alternative learner, or selection is disabled.</param>
/// <param name="NestedEvaluation">Nested cross-validation of the selection procedure; null when no search was made.</param>
public sealed record SelectedLearner(IModelTrainer Trainer, TrainingDataset Dataset, SelectionRecord? Record, EvaluationRecord? NestedEvaluation);
