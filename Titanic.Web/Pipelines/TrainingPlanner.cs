using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Knn;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Pipelines;

/// <summary>Defines the training dataset of a run, says whether it was learned before, and loads it.</summary>
public sealed class TrainingPlanner(
    FeatureReader features, BatchInference batch, TrainingDatasets datasets, ModelRegistry registry, IOptions<TrainingOptions> options)
{
    private TrainingOptions Options => options.Value;

    /// <param name="isFirst">Whether there is no champion yet.</param>
    public async Task<TrainingPlan> Plan(RunContext run, bool isFirst, CancellationToken cancellation)
    {
        var alternative = run.Challenger is { } name ? AlternativeLearners.Find(name)! : null;
        var definition = await Define(alternative?.View ?? Options.Configured.View, run, isFirst, cancellation);
        var described = new List<TrainingDataset> { await datasets.Describe(definition, run.RunId, cancellation) };
        if (alternative is null)
        {
            foreach (var view in Options.CandidatesFor(described[0].Rows).Select(candidate => candidate.View).Distinct().Where(view => view != definition.View))
                described.Add(await datasets.Describe(definition with { View = view }, run.RunId, cancellation));
        }
        return new TrainingPlan(definition, described, alternative, new SelectionRecord(
            Options.Selection.Describe(Options.Configured), described.ToDictionary(dataset => $"{dataset.ViewName} v{dataset.ViewVersion}", dataset => dataset.Sha256), "", null, null));
    }

    /// <summary>Any version counts, not only the newest: a day that is run again must not bring back what later days have outgrown.</summary>
    /// <returns>A sentence that names the version that learned the same rows with the same settings, or with a choice among the same; null where there is none.</returns>
    public async Task<string?> AlreadyLearned(TrainingPlan plan, CancellationToken cancellation)
    {
        foreach (var dataset in plan.Datasets)
        {
            foreach (var version in await registry.LearnedFrom(dataset.Sha256, cancellation))
            {
                if (plan.Alternative is { } learner && version.Algorithm == learner.Algorithm)
                    return $"Nothing new to learn: version {version.Version} is {learner.Algorithm} of the same {plan.Rows} rows.";
                if (plan.Alternative is null && version.Algorithm == KnnTrainer.AlgorithmName && IsWhatWouldBeMade(version, plan))
                    return $"Nothing new to learn: version {version.Version} was trained on the same {plan.Rows} rows with the same settings.";
            }
        }
        return null;
    }

    /// <param name="others">Views that are needed besides the plan's own.</param>
    public Task<TrainingPoints> Load(TrainingPlan plan, IEnumerable<ITrainingView> others, CancellationToken cancellation) =>
        datasets.ReadPoints(plan.Definition, [.. plan.Views.Concat(others).Distinct()], cancellation);

    /// <summary>
    /// Before there is a champion nobody can have been predicted: the first model learns from history alone. A run as of a commit learns what was
    /// stored, and known, by then.
    /// </summary>
    private async Task<TrainingDatasetDefinition> Define(ITrainingView view, RunContext run, bool isFirst, CancellationToken cancellation)
    {
        var commit = isFirst ? await features.NewestCommit(cancellation) : await batch.NewestLearnableCommit(cancellation);
        var sources = isFirst ? PassengerSources.History : PassengerSources.All;
        if (run.AsOf is null)
            return new TrainingDatasetDefinition(view, commit ?? 0, FeatureReader.StartOf(run.LogicalDate.AddDays(1)), sources);
        var then = await features.PointInTime(run.AsOf, cancellation);
        return new TrainingDatasetDefinition(view, Math.Min(commit ?? 0, then.CommitId), then.KnownBefore, sources);
    }

    private bool IsWhatWouldBeMade(ModelVersion version, TrainingPlan plan) => Options.Selection.Enabled
        ? version.Selection is { } selection && selection.Settings == plan.Undecided.Settings && plan.Undecided.Datasets.All(selection.Datasets.Contains)
        : Options.Configured.Knn.AreHyperparameters(version.Hyperparameters);
}

/// <summary>What a training run learns.</summary>
/// <param name="Definition">The dataset through the first view.</param>
/// <param name="Datasets">The dataset as each view in question sees it, the configured one first; not stored yet.</param>
/// <param name="Alternative">The learner to register instead of a K-NN; null for a K-NN.</param>
/// <param name="Undecided">How the hyperparameters are selected, before they are.</param>
public sealed record TrainingPlan(
    TrainingDatasetDefinition Definition, IReadOnlyList<TrainingDataset> Datasets, AlternativeLearner? Alternative, SelectionRecord Undecided)
{
    public int Rows => Datasets[0].Rows;

    public IEnumerable<ITrainingView> Views => Datasets.Select(ViewOf);

    /// <summary>The dataset through a view.</summary>
    public TrainingDataset Through(ITrainingView view) => Datasets.Single(dataset => ViewOf(dataset) == view);

    private static ITrainingView ViewOf(TrainingDataset dataset) => TrainingViews.Of(dataset.ViewName, dataset.ViewVersion);
}
