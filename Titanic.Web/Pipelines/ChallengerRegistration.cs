using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Challengers;

namespace Titanic.Web.Pipelines;

/// <summary>Stores a version of a challenger because somebody asked for it. It stands beside the champion and never takes over by itself.</summary>
public sealed class ChallengerRegistration(TrainingDatasets datasets, PromotionEvidence evidence, ModelRegistry registry, IOptions<TrainingOptions> options)
{
    /// <param name="definition">Which rows; the challenger sees them through its own view.</param>
    /// <param name="opponents">The champion and whom else the evidence is about.</param>
    /// <returns>One sentence on what was done.</returns>
    /// <exception cref="ChallengerMissingException">The learner cannot be loaded on this machine.</exception>
    public async Task<string> Register(
        Challenger challenger, TrainingDatasetDefinition definition, IReadOnlyList<ModelVersion> opponents, RunContext run, CancellationToken cancellation)
    {
        var own = definition with { View = challenger.View };
        var dataset = await datasets.Describe(own, run.RunId, cancellation);
        if ((await registry.LearnedFrom(dataset.Sha256, cancellation)).FirstOrDefault(version => version.Algorithm == challenger.Algorithm) is { } same)
            return $"Nothing new to learn: version {same.Version} is {challenger.Algorithm} of the same {dataset.Rows} rows.";

        var points = await datasets.ReadPoints(own, [.. opponents.Select(LearnerOfVersion.ViewOf).Prepend(challenger.View).Distinct()], cancellation);
        var seen = TrainingSplit.Of(points).In(challenger.View.Schema);
        var model = challenger.Fit(seen.All);
        var evaluations = ModelReport.Evaluate(challenger, seen, options.Value.ToCrossValidation());
        var decision = PromotionGate.Hold(await evidence.Collect(challenger, challenger.View, own, points, opponents, cancellation));

        var registered = await registry.Register(ModelReport.Describe(challenger, model, dataset, evaluations, decision, run.Provenance), cancellation);
        run.Count("rows", dataset.Rows);
        run.Count("version", registered.Version);
        return $"Version {registered.Version} is {challenger.Algorithm} of {dataset.Rows} rows: {ModelReport.Headline(evaluations)}. Gate: HOLD. {decision.Reason}";
    }
}
