using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Registry;

/// <summary>Further versions of what version 1 of a trained database is, to be judged by hand-made evidence.</summary>
internal static class Candidates
{
    public static GateDecision Decision(Verdict verdict) => new(verdict, "decided by a test", new GateEvidence(1309, 0.8, 0.618, null));

    /// <summary>A version that learned the same rows as version 1, but through the numeric view.</summary>
    public static async Task<KnnModel> RegisterNumeric(this TestWorkflow workflow, Verdict verdict)
    {
        var definition = await workflow.Ask(db => db.TrainingDatasets.SingleAsync(d => d.TrainingDatasetId == 1, TestWorkflow.Cancellation));
        var points = await workflow.In<TrainingDatasets, TrainingPoints>(datasets =>
            datasets.ReadPoints(TrainingDatasetDefinition.Of(definition) with { View = TrainingViews.Numeric }, TestWorkflow.Cancellation));
        var model = new KnnTrainer(new KnnOptions(), NumericEncoder.Id).Fit(TrainingSplit.Of(points).All);
        await workflow.Register(verdict, model.Save(), TrainingViews.Numeric);
        return model;
    }

    /// <param name="artifact">Other bytes than those of version 1.</param>
    /// <param name="view">Another view than that of version 1.</param>
    public static async Task<ModelVersion> Register(this TestWorkflow workflow, Verdict verdict, byte[]? artifact = null, ITrainingView? view = null)
    {
        var like = await workflow.In<ModelRegistry, ModelVersion?>(registry => registry.Find(1, TestWorkflow.Cancellation));
        var candidate = new NewModelVersion(
            like!.Algorithm, like.Hyperparameters, like.Evaluations, like.Signature, like.InputExample, artifact ?? like.Artifact,
            await LikeThatOf(workflow, like, view), like.RunId, like.CodeVersion, "made by a test", Decision(verdict));
        return await workflow.In<ModelRegistry, ModelVersion>(registry => registry.Register(candidate, TestWorkflow.Cancellation));
    }

    private static async Task<TrainingDataset> LikeThatOf(TestWorkflow workflow, ModelVersion version, ITrainingView? view)
    {
        var dataset = await workflow.Ask(db => db.TrainingDatasets.SingleAsync(d => d.TrainingDatasetId == version.TrainingDatasetId, TestWorkflow.Cancellation));
        var definition = TrainingDatasetDefinition.Of(dataset);
        return await workflow.In<TrainingDatasets, TrainingDataset>(
            datasets => datasets.Describe(definition with { View = view ?? definition.View }, dataset.RunId, TestWorkflow.Cancellation));
    }

    public static Task Promote(this TestWorkflow workflow, int version) => workflow.In<ModelRegistry, bool>(async registry =>
    {
        await registry.Promote(version, "a test", "to see what happens", TestWorkflow.Cancellation);
        return true;
    });

    public static async Task<int?> Champion(this TestWorkflow workflow) =>
        (await workflow.In<ModelRegistry, ModelVersion?>(registry => registry.Champion(TestWorkflow.Cancellation)))?.Version;
}
