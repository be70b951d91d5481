using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Pipelines;

/// <summary>Finds the settings to train with: by a search, or by keeping what an earlier search chose while the data are nearly the same.</summary>
public sealed class SettingsSearch(TrainingDatasets datasets, ModelRegistry registry, IOptions<TrainingOptions> options)
{
    private Candidate Configured => options.Value.Configured;
    private SelectionSettings Settings => options.Value.Selection;

    /// <summary>The dataset as each view in question sees it, the configured one first. Not stored yet.</summary>
    public async Task<IReadOnlyList<TrainingDataset>> Describe(TrainingDatasetDefinition definition, long runId, CancellationToken cancellation)
    {
        var described = new List<TrainingDataset> { await datasets.Describe(definition with { View = Configured.View }, runId, cancellation) };
        foreach (var view in Candidates(described[0].Rows).Select(candidate => candidate.View).Distinct().Where(view => view != Configured.View))
            described.Add(await datasets.Describe(definition with { View = view }, runId, cancellation));
        return described;
    }

    /// <summary>Any version, not only the newest: a day that is run again must not bring back what later days have outgrown.</summary>
    /// <returns>The number of a version that learned the same rows with the same settings, or with a choice among the same.</returns>
    public async Task<int?> VersionThatLearned(IReadOnlyList<TrainingDataset> described, CancellationToken cancellation)
    {
        foreach (var dataset in described)
        {
            var learned = await registry.LearnedFrom(dataset.Sha256, cancellation);
            if (learned.FirstOrDefault(version => version.Algorithm == ModelReport.Algorithm && IsWhatWouldBeMade(version, described)) is { } same)
                return same.Version;
        }
        return null;
    }

    public async Task<SettingsFound> Find(IReadOnlyList<TrainingDataset> described, TrainingSplit split, CancellationToken cancellation)
    {
        if (!Settings.Enabled)
            return new SettingsFound(Configured, described[0], null, null);
        if (ModelSelection.Problem(split.All, Settings.ToCrossValidation()) is { } problem)
            return new SettingsFound(Configured, described[0], Record(described, problem), null);
        if (await KeptChoice(described, cancellation) is { } kept)
            return kept;
        var candidates = Candidates(split.All.Rows);
        var selection = ModelSelection.Run(candidates, split.All, split.Views, Settings.ToCrossValidation());
        return new SettingsFound(
            selection.Choice.Chosen, DatasetOf(selection.Choice.Chosen, described),
            Record(described, selection.Choice.Reason) with { Search = SelectionReport.Of(selection, split.All.Rows, LeftOut(selection, split.All.Rows)) },
            selection.Nested);
    }

    private async Task<SettingsFound?> KeptChoice(IReadOnlyList<TrainingDataset> described, CancellationToken cancellation)
    {
        if (await registry.NewestSelected(cancellation) is not { Selection: { } selection } newest || selection.Settings != Settings.Describe(Configured))
            return null;
        var number = selection.KeptFromVersion ?? newest.Version;
        var search = selection.Search ?? (await registry.Find(number, cancellation))?.Selection?.Search;
        var (rows, before) = (described[0].Rows, search?.Rows ?? 0);
        if (search is null || Math.Abs(rows - before) >= SelectionSettings.GrowthToSearchAgain * before)
            return null;
        var chosen = search.Candidates.Single(candidate => candidate.IsChosen);
        if (Candidates(rows).SingleOrDefault(candidate => SelectionReport.IsOf(candidate, chosen)) is not { } candidate)
            return null;
        var reason = FormattableString.Invariant(
            $"The choice of version {number}'s search is kept: it was made on {before} rows, and {rows} are less than a tenth more or fewer.");
        return new SettingsFound(candidate, DatasetOf(candidate, described), Record(described, reason) with { KeptFromVersion = number }, null);
    }

    private IReadOnlyList<Candidate> Candidates(int rows) => Settings.Enabled
        ? [.. Settings.Candidates(Configured).Where(candidate => candidate.View == Configured.View || rows <= SelectionSettings.MostRowsOfInfiniteViews)]
        : [Configured];

    private string? LeftOut(ModelSelection selection, int rows) => Settings.Candidates(Configured).Count - selection.Choice.Scores.Count is > 0 and var missing
        ? FormattableString.Invariant($"{missing} candidates were left out: their k is too large for {rows} rows, or there are more than the {SelectionSettings.MostRowsOfInfiniteViews} rows up to which views without bins are tried.")
        : null;

    private bool IsWhatWouldBeMade(ModelVersion version, IReadOnlyList<TrainingDataset> described) => Settings.Enabled
        ? version.Selection is { } selection && selection.Settings == Settings.Describe(Configured) && Record(described, "").Datasets.All(selection.Datasets.Contains)
        : ModelReport.AreHyperparameters(version.Hyperparameters, Configured.Knn);

    private SelectionRecord Record(IReadOnlyList<TrainingDataset> described, string reason) => new(
        Settings.Describe(Configured), described.ToDictionary(dataset => $"{dataset.ViewName} v{dataset.ViewVersion}", dataset => dataset.Sha256), reason, null, null);

    private static TrainingDataset DatasetOf(Candidate candidate, IReadOnlyList<TrainingDataset> described) =>
        described.Single(dataset => TrainingViews.Find(dataset.ViewName, dataset.ViewVersion) == candidate.View);
}
