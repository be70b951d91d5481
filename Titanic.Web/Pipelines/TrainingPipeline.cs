using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Pipelines;

/// <summary>Learns from every passenger who has been predicted, measures the result and lets the gate decide who serves.</summary>
public sealed class TrainingPipeline(
    FeatureReader features, BatchInference batch, TrainingDatasets datasets, ModelRegistry registry, ChampionInMemory serving, IOptions<TrainingOptions> options) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        var champion = await registry.Champion(cancellation);
        var definition = await DefineDataset(champion, run, cancellation);
        var dataset = await datasets.Describe(definition, run.RunId, cancellation);
        var trainer = new KnnTrainer(options.Value.ToKnn(), definition.View.Schema.EncoderId);
        if (await VersionThatLearned(dataset, trainer, cancellation) is { } version)
            return $"Nothing new to learn: version {version} was trained on the same {dataset.Rows} rows with the same settings.";

        var split = TrainingSplit.Of(await datasets.ReadPoints(definition, cancellation));
        var model = trainer.Fit(split.All);
        var evaluations = ModelReport.Evaluate(trainer, split, options.Value.ToCrossValidation());
        var championSplit = champion is null ? null : TrainingSplit.Of(await datasets.ReadAgain(champion.TrainingDatasetId, cancellation));
        var decision = PromotionGate.Decide(ModelReport.Evidence(trainer, split, champion, championSplit));

        var registered = await registry.Register(ModelReport.Describe(model, evaluations, dataset, decision, run.Provenance), cancellation);
        await serving.Reload(cancellation);

        run.Count("rows", dataset.Rows);
        run.Count("version", registered.Version);
        return $"Version {registered.Version} learned {dataset.Rows} rows: {ModelReport.Headline(evaluations)}. Gate: {decision.Verdict.ToString().ToUpperInvariant()}. {decision.Reason}";
    }

    /// <summary>
    /// Before there is a champion nobody can have been predicted: the first model learns from history alone. Who looks back learns what
    /// was stored, and known, by then.
    /// </summary>
    private async Task<TrainingDatasetDefinition> DefineDataset(ModelVersion? champion, RunContext run, CancellationToken cancellation)
    {
        var commit = champion is null ? await features.NewestCommit(cancellation) : await batch.NewestLearnableCommit(cancellation);
        var sources = champion is null ? PassengerSources.History : PassengerSources.All;
        if (run.AsOf is null)
            return new TrainingDatasetDefinition(TrainingViews.Binned, commit ?? 0, FeatureReader.StartOf(run.LogicalDate.AddDays(1)), sources);
        var then = await features.LookBack(run.AsOf, cancellation);
        return new TrainingDatasetDefinition(TrainingViews.Binned, Math.Min(commit ?? 0, then.CommitId), then.KnownBefore, sources);
    }

    /// <summary>Any version, not only the newest: a day that is run again must not bring back what later days have outgrown.</summary>
    private async Task<int?> VersionThatLearned(TrainingDataset dataset, KnnTrainer trainer, CancellationToken cancellation)
    {
        var settings = ModelReport.Hyperparameters(trainer.Options);
        return (await registry.LearnedFrom(dataset.Sha256, cancellation))
            .FirstOrDefault(version => version.Hyperparameters.OrderBy(setting => setting.Key).SequenceEqual(settings.OrderBy(setting => setting.Key)))?.Version;
    }
}
