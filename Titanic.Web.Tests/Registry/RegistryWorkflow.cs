using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Registry;

/// <summary>Registers variants of version 1 of a trained database with given gate decisions.</summary>
internal static class RegistryWorkflow
{
    public static GateDecision NewGateDecision(Verdict verdict) => new(verdict, "decided by a test", new GateEvidence(1309, 0.8, 0.618, null));

    /// <summary>Registers a version that is trained on the rows of version 1 through the numeric view.</summary>
    public static async Task<KnnModel> RegisterNumeric(this TestWorkflow workflow, Verdict verdict)
    {
        var definition = await workflow.Query(db => db.TrainingDatasets.SingleAsync(d => d.TrainingDatasetId == 1, TestWorkflow.Cancellation));
        var points = await workflow.InScope<TrainingDatasets, TrainingPoints>(datasets =>
            datasets.ReadPoints(TrainingDatasetDefinition.Of(definition) with { View = TrainingViews.Numeric }, TestWorkflow.Cancellation));
        var model = new KnnTrainer(new KnnOptions(), NumericEncoder.Id).Fit(TrainingSplit.Of(points).All);
        await workflow.Register(verdict, model, TrainingViews.Numeric);
        return model;
    }

    /// <param name="model">Replaces the model of version 1.</param>
    /// <param name="view">Replaces the view of version 1.</param>
    public static async Task<ModelVersion> Register(this TestWorkflow workflow, Verdict verdict, KnnModel? model = null, ITrainingView? view = null)
    {
        var candidate = await workflow.NewCandidate(verdict, model, view);
        return await workflow.InScope<ModelRegistry, ModelVersion>(registry => registry.Register(candidate, TestWorkflow.Cancellation));
    }

    /// <summary>Creates what a training run passes to the registry.</summary>
    public static async Task<NewModelVersion> NewCandidate(this TestWorkflow workflow, Verdict verdict, KnnModel? model = null, ITrainingView? view = null)
    {
        var first = await workflow.InScope<ModelRegistry, ModelVersion?>(registry => registry.Find(1, TestWorkflow.Cancellation));
        return new NewModelVersion(
            first!.Algorithm, first.Hyperparameters, first.Evaluations, view is null ? first.Signature : ModelSignature.OfKnn(view.Schema.EncoderId),
            model is null ? first.InputExample : Example(model, view ?? TrainingViews.Binned), model?.Save() ?? first.Artifact,
            await CopyDataset(workflow, first, view), first.RunId, first.CodeVersion, "created by a test", NewGateDecision(verdict));
    }

    /// <summary>Replaces the artifact of a version together with its digest, as if another release had registered it.</summary>
    public static async Task ReplaceArtifact(this TestWorkflow workflow, int version, byte[] artifact)
    {
        await using var command = workflow.Database.DataSource.CreateCommand("update model_versions set artifact = $1, artifact_sha256 = encode(sha256($1), 'hex') where version = $2");
        command.Parameters.AddWithValue(artifact);
        command.Parameters.AddWithValue(version);
        await command.ExecuteNonQueryAsync(TestWorkflow.Cancellation);
    }

    /// <summary>Flips one bit of a version's stored bytes.</summary>
    public static Task CorruptArtifact(this TestWorkflow workflow, int version) => workflow.Execute(
        FormattableString.Invariant($"update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1) where version = {version}"));

    /// <summary>Moves the champion by SQL, without the checks of the registry.</summary>
    public static Task PromoteBySql(this TestWorkflow workflow, int version) => workflow.Execute(FormattableString.Invariant(
        $"update alias_assignments set version = {version} where alias = 'champion' and ended_at is null; select pg_notify('titanic_champion', '{version}')"));

    private static async Task<TrainingDataset> CopyDataset(TestWorkflow workflow, ModelVersion version, ITrainingView? view)
    {
        var dataset = await workflow.Query(db => db.TrainingDatasets.SingleAsync(d => d.TrainingDatasetId == version.TrainingDatasetId, TestWorkflow.Cancellation));
        var definition = TrainingDatasetDefinition.Of(dataset);
        return await workflow.InScope<TrainingDatasets, TrainingDataset>(
            datasets => datasets.Describe(definition with { View = view ?? definition.View }, dataset.RunId, TestWorkflow.Cancellation));
    }

    public static Task<IReadOnlyList<AliasChange>> Promote(this TestWorkflow workflow, int version, bool force = false, int? seen = null) =>
        workflow.InScope<ModelRegistry, IReadOnlyList<AliasChange>>(registry => registry.Promote(version, NewAliasDecision(force, seen), TestWorkflow.Cancellation));

    public static Task<IReadOnlyList<AliasChange>> RollBack(this TestWorkflow workflow) =>
        workflow.InScope<ModelRegistry, IReadOnlyList<AliasChange>>(registry => registry.RollBack(NewAliasDecision(), TestWorkflow.Cancellation));

    public static Task<IReadOnlyList<AliasChange>> Challenge(this TestWorkflow workflow, int version) =>
        workflow.InScope<ModelRegistry, IReadOnlyList<AliasChange>>(registry => registry.Challenge(version, NewAliasDecision(), TestWorkflow.Cancellation));

    public static Task<IReadOnlyList<AliasChange>> Withdraw(this TestWorkflow workflow) =>
        workflow.InScope<ModelRegistry, IReadOnlyList<AliasChange>>(registry => registry.Withdraw(NewAliasDecision(), TestWorkflow.Cancellation));

    public static AliasDecision NewAliasDecision(bool force = false, int? seen = null) => new("a test", "for a test", force, seen);

    public static async Task<int?> Champion(this TestWorkflow workflow) =>
        (await workflow.InScope<ModelRegistry, ModelVersion?>(registry => registry.FindChampion(TestWorkflow.Cancellation)))?.Version;

    private static InputExample Example(KnnModel model, ITrainingView view)
    {
        var prediction = model.Predict(view.Encode(3, Sex.Male, null, null));
        return new InputExample(3, "male", null, null, prediction.Survived, prediction.Probability, prediction.Survivors, prediction.Neighbors);
    }
}
