using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Training;
using Titanic.Web.Training.Challengers;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Pipelines;

/// <summary>Learns from every passenger who has been predicted, measures the result and lets the gate decide who serves.</summary>
public sealed class TrainingPipeline(
    FeatureReader features, BatchInference batch, TrainingDatasets datasets, SettingsSearch settings, ChallengerRegistration challengers,
    PromotionEvidence evidence, ModelRegistry registry, ChampionInMemory serving, IOptions<TrainingOptions> options, IOptions<GatePolicy> policy, TimeProvider clock) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        var opponents = await evidence.Opponents(cancellation);
        var definition = await DefineDataset(isFirst: opponents.Count == 0, run, cancellation);
        if (run.Challenger is { } asked)
            return await challengers.Register(ChallengerCatalog.Find(asked)!, definition, opponents, run, cancellation);
        var described = await settings.Describe(definition, run.RunId, cancellation);
        if (await settings.VersionThatLearned(described, cancellation) is { } version)
            return $"Nothing new to learn: version {version} was trained on the same {described[0].Rows} rows with the same settings.";

        var measuresChallengers = MeasuresChallengers(run);
        var points = await datasets.ReadPoints(definition, ViewsOf(described, opponents, measuresChallengers), cancellation);
        var split = TrainingSplit.Of(points);
        var found = await settings.Find(described, split, cancellation);
        var (trainer, view) = (found.Candidate.Trainer, found.Candidate.View.Schema);
        var model = trainer.Fit(split.In(view).All);
        var evaluations = ModelReport.Evaluate(trainer, split.In(view), options.Value.ToCrossValidation(), found.Nested);
        var comparison = measuresChallengers ? ChallengerComparison.Measure(trainer, view, split, options.Value.ToComparison()) : null;
        var decision = PromotionGate.Decide(await evidence.Collect(trainer, found.Candidate.View, definition, points, opponents, cancellation), policy.Value);

        var registered = await registry.Register(ModelReport.Describe(model, found, evaluations, comparison, decision, run.Provenance), cancellation);
        await serving.Reload(cancellation);

        run.Count("rows", found.Dataset.Rows);
        run.Count("version", registered.Version);
        return $"Version {registered.Version} learned {found.Dataset.Rows} rows: {ModelReport.Headline(evaluations)}. Gate: {decision.Verdict.ToString().ToUpperInvariant()}. {decision.Reason}";
    }

    /// <summary>
    /// Before there is a champion nobody can have been predicted: the first model learns from history alone. Who looks back learns what
    /// was stored, and known, by then.
    /// </summary>
    private async Task<TrainingDatasetDefinition> DefineDataset(bool isFirst, RunContext run, CancellationToken cancellation)
    {
        var commit = isFirst ? await features.NewestCommit(cancellation) : await batch.NewestLearnableCommit(cancellation);
        var sources = isFirst ? PassengerSources.History : PassengerSources.All;
        if (run.AsOf is null)
            return new TrainingDatasetDefinition(TrainingViews.Binned, commit ?? 0, FeatureReader.StartOf(run.LogicalDate.AddDays(1)), sources);
        var then = await features.PointInTime(run.AsOf, cancellation);
        return new TrainingDatasetDefinition(TrainingViews.Binned, Math.Min(commit ?? 0, then.CommitId), then.KnownBefore, sources);
    }

    /// <summary>Days of the past, and of the future, are lived through in seconds; what today's model is worth, or one that looks back, may take its time.</summary>
    private bool MeasuresChallengers(RunContext run) =>
        options.Value.Challengers.Repeats > 0 && (run.AsOf is not null || run.LogicalDate == DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));

    /// <summary>All views whose models will answer the same rows.</summary>
    private static IReadOnlyList<ITrainingView> ViewsOf(IReadOnlyList<TrainingDataset> described, IReadOnlyList<ModelVersion> opponents, bool measuresChallengers)
    {
        var views = described.Select(dataset => TrainingViews.Of(dataset.ViewName, dataset.ViewVersion)).Concat(opponents.Select(LearnerOfVersion.ViewOf)).ToList();
        if (measuresChallengers && described[0].Rows <= SelectionSettings.MostRowsOfInfiniteViews)
            views.AddRange(ChallengerCatalog.All.Select(challenger => challenger.View));
        return [.. views.Distinct()];
    }
}
