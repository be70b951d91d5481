using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Registry;

/// <summary>Further versions of what version 1 of a trained database is, to be judged by hand-made evidence.</summary>
internal static class Candidates
{
    public static GateDecision Decision(Verdict verdict) => new(verdict, "decided by a test", new GateEvidence(1309, 0.8, 0.618, null));

    /// <param name="artifact">Other bytes than those of version 1.</param>
    public static async Task<ModelVersion> Register(this TestWorkflow workflow, Verdict verdict, byte[]? artifact = null)
    {
        var like = await workflow.In<ModelRegistry, ModelVersion?>(registry => registry.Find(1, TestWorkflow.Cancellation));
        var candidate = new NewModelVersion(
            like!.Algorithm, like.Hyperparameters, like.Evaluations, like.Signature, like.InputExample, artifact ?? like.Artifact,
            await LikeThatOf(workflow, like), like.RunId, like.CodeVersion, "made by a test", Decision(verdict));
        return await workflow.In<ModelRegistry, ModelVersion>(registry => registry.Register(candidate, TestWorkflow.Cancellation));
    }

    private static async Task<TrainingDataset> LikeThatOf(TestWorkflow workflow, ModelVersion version)
    {
        var dataset = await workflow.Ask(db => db.TrainingDatasets.SingleAsync(d => d.TrainingDatasetId == version.TrainingDatasetId, TestWorkflow.Cancellation));
        return await workflow.In<TrainingDatasets, TrainingDataset>(
            datasets => datasets.Describe(TrainingDatasetDefinition.Of(dataset), dataset.RunId, TestWorkflow.Cancellation));
    }

    public static Task Promote(this TestWorkflow workflow, int version) => workflow.In<ModelRegistry, bool>(async registry =>
    {
        await registry.Promote(version, "a test", "to see what happens", TestWorkflow.Cancellation);
        return true;
    });

    public static async Task<int?> Champion(this TestWorkflow workflow) =>
        (await workflow.In<ModelRegistry, ModelVersion?>(registry => registry.Champion(TestWorkflow.Cancellation)))?.Version;
}
