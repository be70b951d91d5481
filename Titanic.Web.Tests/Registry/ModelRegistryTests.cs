using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Training;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Tests.Registry;

public sealed class ModelRegistryTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    [Fact]
    public async Task Reads_a_version_as_registered()
    {
        var version = await Workflow.Query(db => db.ModelVersions.SingleAsync(Cancellation));

        Assert.Equal(("titanic_knn", 1), (version.Name, version.Version));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(version.Artifact)), version.ArtifactSha256);
        Assert.Equal(("7", "Manhattan", "Uniform"), (version.Hyperparameters["k"], version.Hyperparameters["metric"], version.Hyperparameters["weights"]));
        Assert.Equal(["pclass", "sex", "age", "fare"], version.Signature.Inputs.Select(field => field.Name));
        Assert.Equal(10, version.Evaluations.Count); // three methods for each of three learners, and nested cross-validation
        Assert.Equal((3, "male", false), (version.InputExample.Pclass, version.InputExample.Sex, version.InputExample.Survived));
        Assert.Equal("PROMOTE", await Workflow.Scalar<string>("select gate ->> 'verdict' from model_versions"));
        Assert.Equal(
            1309, await Workflow.Scalar<int>("select d.rows from model_versions v join training_datasets d using (training_dataset_id)"));
        Assert.Equal("training", await Workflow.Scalar<string>("select r.pipeline from model_versions v join runs r using (run_id)"));
    }

    [Fact]
    public async Task Concurrent_registrations_number_versions_without_gaps()
    {
        var registered = await Task.WhenAll(Enumerable.Range(1, 8).Select(_ => Task.Run(() => Workflow.Register(Verdict.Promote), Cancellation)));

        Assert.Equal(Enumerable.Range(2, 8), registered.Select(version => version.Version).Order());
        Assert.Equal(1, await Workflow.Count("alias_assignments", "alias = 'champion' and ended_at is null"));
        Assert.Equal(1, await Workflow.Count("alias_assignments", "alias = 'previous' and ended_at is null"));
    }

    [Theory]
    [InlineData(Verdict.Promote, 2)]
    [InlineData(Verdict.Hold, 1)]
    [InlineData(Verdict.Reject, 1)]
    public async Task Only_a_version_that_the_gate_promotes_becomes_champion(Verdict verdict, int champion)
    {
        await Workflow.Register(verdict);

        Assert.Equal(champion, await Workflow.Champion());
        Assert.Equal(2, await Workflow.Count("model_versions"));
    }

    [Fact]
    public async Task A_version_that_does_not_predict_its_input_example_is_not_registered()
    {
        var candidate = await Workflow.NewCandidate(Verdict.Promote);
        var wrong = candidate with { InputExample = candidate.InputExample with { Survivors = candidate.InputExample.Survivors + 1 } };

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Register(wrong));

        Assert.StartsWith(
            "The stored bytes of titanic_knn version 2 predict not survived, probability 0.", error.Message, StringComparison.Ordinal);
        await AssertNothingStored();
    }

    [Theory]
    [InlineData(0)] // no bytes
    [InlineData(100)] // truncated
    public async Task A_version_without_a_valid_model_is_not_registered(int length)
    {
        var candidate = await Workflow.NewCandidate(Verdict.Promote);

        await Assert.ThrowsAsync<InvalidDataException>(() => Register(candidate with { Artifact = candidate.Artifact[..length] }));

        await AssertNothingStored();
    }

    [Fact]
    public async Task A_model_that_cannot_be_served_is_registered_but_never_promoted()
    {
        var promoted = await NewLogisticRegression(Verdict.Promote);

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Register(promoted));
        Assert.Contains("not served; only a K-NN can be champion", error.Message, StringComparison.Ordinal);
        await AssertNothingStored();

        var held = await Register(await NewLogisticRegression(Verdict.Hold));
        var rejected = await Assert.ThrowsAsync<RegistryException>(() => Workflow.Promote(held.Version, force: true));
        Assert.Equal(RegistryErrorKind.NotServable, rejected.Kind);
        Assert.Equal(1, await Workflow.Champion());
    }

    [Fact]
    public async Task Reports_corrupt_stored_bytes()
    {
        Assert.Null(await Problem());
        await Workflow.CorruptArtifact(1);
        Assert.Contains("it is corrupt and cannot be served", await Problem(), StringComparison.Ordinal);

        Task<string?> Problem() => Workflow.InScope<ModelRegistry, string?>(async registry => registry.VerifyArtifact((await registry.Find(1, Cancellation))!));
    }

    [Fact]
    public async Task A_promotion_notifies_listening_connections()
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(Cancellation);
        var notified = new List<string>();
        connection.Notification += (_, notification) => notified.Add(notification.Payload);
        await using (var listen = new NpgsqlCommand($"listen {ModelRegistry.ChampionChannel}", connection))
            await listen.ExecuteNonQueryAsync(Cancellation);

        await Workflow.Register(Verdict.Hold);
        await Workflow.Register(Verdict.Promote);
        await Workflow.Promote(1);
        while (notified.Count < 2)
            Assert.True(await connection.WaitAsync(Eventually.Timeout, Cancellation), "No notification was received.");

        Assert.Equal(["3", "1"], notified);
    }

    private async Task AssertNothingStored()
    {
        Assert.Equal(
            (1, 1, 1), (await Workflow.Count("model_versions"), await Workflow.Count("training_datasets"), await Workflow.Champion()));
        Assert.Equal(2, (await Workflow.Register(Verdict.Hold)).Version);
    }

    private async Task<NewModelVersion> NewLogisticRegression(Verdict verdict)
    {
        var learner = AlternativeLearners.LogisticRegression;
        var model = learner.Fit(TitanicRows.Points);
        var prediction = model.Predict(learner.View.Encode(3, Sex.Male, null, null));
        return await Workflow.NewCandidate(verdict) with
        {
            Algorithm = learner.Algorithm,
            Artifact = model.Save(),
            InputExample = new InputExample(3, "male", null, null, prediction.Survived, prediction.Probability, 0, 0),
        };
    }

    private Task<ModelVersion> Register(NewModelVersion candidate) => Workflow.InScope<ModelRegistry, ModelVersion>(registry => registry.Register(candidate, Cancellation));
}
