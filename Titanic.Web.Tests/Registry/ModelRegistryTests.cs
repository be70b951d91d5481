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
    public async Task A_version_comes_back_as_it_was_registered()
    {
        var version = await Workflow.Ask(db => db.ModelVersions.SingleAsync(Cancellation));

        Assert.Equal(("titanic_knn", 1), (version.Name, version.Version));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(version.Artifact)), version.ArtifactSha256);
        Assert.Equal(("7", "Manhattan", "Uniform"), (version.Hyperparameters["k"], version.Hyperparameters["metric"], version.Hyperparameters["weights"]));
        Assert.Equal(["pclass", "sex", "age", "fare"], version.Signature.Inputs.Select(field => field.Name));
        Assert.Equal(10, version.Evaluations.Count); // three methods for three learners, and the nested one
        Assert.Equal((3, "male", false), (version.InputExample.Pclass, version.InputExample.Sex, version.InputExample.Survived));
        Assert.Equal("PROMOTE", await Workflow.Scalar<string>("select gate ->> 'verdict' from model_versions"));
        Assert.Equal(1309, await Workflow.Scalar<int>("select d.rows from model_versions v join training_datasets d using (training_dataset_id)"));
        Assert.Equal("training", await Workflow.Scalar<string>("select r.pipeline from model_versions v join runs r using (run_id)"));
    }

    [Fact]
    public async Task Versions_are_numbered_without_gaps_however_many_register_at_once()
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
    public async Task A_version_whose_stored_bytes_do_not_give_the_example_s_answer_is_not_registered()
    {
        var candidate = await Workflow.Candidate(Verdict.Promote);
        var wrong = candidate with { InputExample = candidate.InputExample with { Survivors = candidate.InputExample.Survivors + 1 } };

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => Register(wrong));

        Assert.StartsWith("The stored bytes of titanic_knn version 2 answer its input example with not survived, probability 0.", refused.Message, StringComparison.Ordinal);
        await NothingIsLeft();
    }

    [Theory]
    [InlineData(0)] // no bytes
    [InlineData(100)] // cut off
    public async Task A_version_whose_bytes_are_no_model_is_not_registered(int length)
    {
        var candidate = await Workflow.Candidate(Verdict.Promote);

        await Assert.ThrowsAsync<InvalidDataException>(() => Register(candidate with { Artifact = candidate.Artifact[..length] }));

        await NothingIsLeft();
    }

    [Fact]
    public async Task A_learner_that_cannot_serve_is_registered_but_never_promoted()
    {
        var promoted = await Challenger(Verdict.Promote);

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => Register(promoted));
        Assert.Contains("cannot serve; only a K-NN can", refused.Message, StringComparison.Ordinal);
        await NothingIsLeft();

        var held = await Register(await Challenger(Verdict.Hold));
        var kept = await Assert.ThrowsAsync<RegistryRefusedException>(() => Workflow.Promote(held.Version, force: true));
        Assert.Equal(RefusalKind.Unfit, kept.Kind);
        Assert.Equal(1, await Workflow.Champion());
    }

    [Fact]
    public async Task What_is_wrong_with_stored_bytes_is_told()
    {
        Assert.Null(await Problem());
        await Workflow.Damage(1);
        Assert.Contains("it is damaged and will not serve", await Problem(), StringComparison.Ordinal);

        Task<string?> Problem() => Workflow.In<ModelRegistry, string?>(async registry => registry.ProblemOf((await registry.Find(1, Cancellation))!));
    }

    [Fact]
    public async Task A_promotion_is_announced_to_every_connection_that_listens()
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(Cancellation);
        var announced = new List<string>();
        connection.Notification += (_, notification) => announced.Add(notification.Payload);
        await using (var listen = new NpgsqlCommand($"listen {ModelRegistry.ChampionChannel}", connection))
            await listen.ExecuteNonQueryAsync(Cancellation);

        await Workflow.Register(Verdict.Hold);
        await Workflow.Register(Verdict.Promote);
        await Workflow.Promote(1);
        while (announced.Count < 2)
            Assert.True(await connection.WaitAsync(Eventually.Patience, Cancellation), "No announcement came.");

        Assert.Equal(["3", "1"], announced);
    }

    private async Task NothingIsLeft()
    {
        Assert.Equal((1, 1, 1), (await Workflow.Count("model_versions"), await Workflow.Count("training_datasets"), await Workflow.Champion()));
        Assert.Equal(2, (await Workflow.Register(Verdict.Hold)).Version);
    }

    private async Task<NewModelVersion> Challenger(Verdict verdict)
    {
        var challenger = AlternativeLearners.LogisticRegression;
        var model = challenger.Fit(TitanicRows.Points);
        var answer = model.Predict(challenger.View.Encode(3, Sex.Male, null, null));
        var like = await Workflow.Candidate(verdict);
        return like with
        {
            Algorithm = challenger.Algorithm,
            Artifact = model.Save(),
            InputExample = new InputExample(3, "male", null, null, answer.Survived, answer.Probability, 0, 0),
        };
    }

    private Task<ModelVersion> Register(NewModelVersion candidate) => Workflow.In<ModelRegistry, ModelVersion>(registry => registry.Register(candidate, Cancellation));
}
