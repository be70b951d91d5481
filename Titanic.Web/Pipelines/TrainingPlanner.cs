using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Knn;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Pipelines;

/// <summary>Plans the training dataset of a run, checks whether a version was already trained on it, and loads it.</summary>
public sealed class TrainingPlanner(
    TrainableRows rows, TrainingWindow window, TrainingDatasets datasets, ModelRegistry registry, IOptions<TrainingOptions> options)
{
    private TrainingOptions Options => options.Value;

    /// <summary>Defines the training dataset in each feature view that the run needs.</summary>
    /// <param name="champion">Null before the first promotion; then the training data are the historical and uploaded lists only.</param>
    /// <param name="progress">Counts the fits that compare starts of the training data.</param>
    public async Task<TrainingPlan> Plan(RunContext run, ModelVersion? champion, StepProgress progress)
    {
        var cancellation = progress.Cancellation;
        var alternative = run.Alternative is { } name ? AlternativeLearners.Find(name)! : null;
        var selection = await rows.Define(
            alternative?.View ?? Options.Configured.View, run.AsOf is null ? run.LogicalDate : default, run.AsOf, champion, cancellation);
        if (run.AsOf is null && champion is not null)
            selection = selection with { Definition = await window.Select(Options.Configured.Trainer, selection.Definition, progress) };
        var definition = selection.Definition;
        var described = new List<TrainingDataset> { await datasets.Describe(definition, run.RunId, cancellation) };
        if (alternative is null)
        {
            foreach (var view in Options.CandidatesFor(described[0].Rows).Select(candidate => candidate.View).Distinct().Where(view => view != definition.View))
                described.Add(await datasets.Describe(definition with { View = view }, run.RunId, cancellation));
        }
        var pending = new SelectionRecord(
            Options.Selection.Describe(Options.Configured), described.ToDictionary(dataset => $"{dataset.ViewName} v{dataset.ViewVersion}", dataset => dataset.Sha256), "", null, null);
        return new TrainingPlan(definition, described, alternative, pending) { Unused = await rows.FindUnused(selection, null, cancellation) };
    }

    /// <summary>
    /// Searches all versions, not only the newest, for one that was trained on the same rows with the same settings or the same search
    /// space. Otherwise a repeated run of an earlier day would register an outdated model as the newest version.
    /// </summary>
    /// <returns>The summary for a run that trains nothing, which names that version; null where there is none.</returns>
    public async Task<string?> AlreadyTrained(TrainingPlan plan, CancellationToken cancellation)
    {
        foreach (var dataset in plan.Datasets)
        {
            foreach (var version in await registry.FindByDataset(dataset.Sha256, cancellation))
            {
                if (plan.Alternative is { } learner && version.Algorithm == learner.Algorithm)
                    return $"Nothing to train: version {version.Version} ({learner.DisplayName}) was trained on the same {Quantity.Of(plan.Rows, "row")}.";
                if (plan.Alternative is null && version.Algorithm == KnnTrainer.AlgorithmName && HasSameSettings(version, plan))
                    return $"Nothing to train: version {version.Version} was trained on the same {Quantity.Of(plan.Rows, "row")} with the same hyperparameters.";
            }
        }
        return null;
    }

    /// <summary>Reads the plan's rows in the views of the plan and in <paramref name="otherViews"/>.</summary>
    /// <param name="otherViews">Feature views needed besides the plan's own.</param>
    public Task<TrainingPoints> Load(TrainingPlan plan, IEnumerable<ITrainingView> otherViews, CancellationToken cancellation) =>
        datasets.ReadPoints(plan.Definition, [.. plan.Views.Concat(otherViews).Distinct()], cancellation);

    private bool HasSameSettings(ModelVersion version, TrainingPlan plan) => Options.Selection.Enabled
        ? version.Selection is { } selection && selection.Settings == plan.PendingSelection.Settings && plan.PendingSelection.Datasets.All(selection.Datasets.Contains)
        : Options.Configured.Knn.Matches(version.Hyperparameters);
}

/// <summary>The training data and the learner of a training run.</summary>
/// <param name="Definition">The training dataset in the first view.</param>
/// <param name="Datasets">The training dataset in each candidate view, the configured view first; not stored yet.</param>
/// <param name="Alternative">The learner to train instead of a K-NN; null for a K-NN.</param>
/// <param name="PendingSelection">The selection record before the selection: settings and dataset digests, without a result.</param>
public sealed record TrainingPlan(
    TrainingDatasetDefinition Definition, IReadOnlyList<TrainingDataset> Datasets, AlternativeLearner? Alternative, SelectionRecord PendingSelection)
{
    public int Rows => Datasets[0].Rows;

    /// <summary>The current rows that are not part of the dataset.</summary>
    public required UnusedRows Unused { get; init; }

    public IEnumerable<ITrainingView> Views => Datasets.Select(ViewOf);

    /// <summary>The training dataset in a view of the plan.</summary>
    public TrainingDataset DatasetFor(ITrainingView view) => Datasets.Single(dataset => ViewOf(dataset) == view);

    private static ITrainingView ViewOf(TrainingDataset dataset) => TrainingViews.Get(dataset.ViewName, dataset.ViewVersion);
}
