using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Registry;

public sealed class ModelRegistryTests(TestPostgres postgres) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private TestWorkflow _workflow = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateTrainedDatabase();
        _workflow = new TestWorkflow(_database);
    }

    public async ValueTask DisposeAsync()
    {
        await _workflow.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_version_comes_back_as_it_was_registered()
    {
        var version = await _workflow.Ask(db => db.ModelVersions.SingleAsync(Cancellation));

        Assert.Equal(("titanic_knn", 1), (version.Name, version.Version));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(version.Artifact)), version.ArtifactSha256);
        Assert.Equal(("7", "Manhattan", "Uniform"), (version.Hyperparameters["k"], version.Hyperparameters["metric"], version.Hyperparameters["weights"]));
        Assert.Equal(["pclass", "sex", "age", "fare"], version.Signature.Inputs.Select(field => field.Name));
        Assert.Equal(10, version.Evaluations.Count); // three methods for three learners, and the nested one
        Assert.Equal((3, "male", false), (version.InputExample.Pclass, version.InputExample.Sex, version.InputExample.Survived));
        Assert.Equal("PROMOTE", await _workflow.Scalar<string>("select gate ->> 'verdict' from model_versions"));
        Assert.Equal(1309, await _workflow.Scalar<int>("select d.rows from model_versions v join training_datasets d using (training_dataset_id)"));
        Assert.Equal("training", await _workflow.Scalar<string>("select r.pipeline from model_versions v join runs r using (run_id)"));
    }

    [Fact]
    public async Task Versions_are_numbered_without_gaps_however_many_register_at_once()
    {
        var registered = await Task.WhenAll(Enumerable.Range(1, 8).Select(_ => Task.Run(() => _workflow.Register(Verdict.Promote), Cancellation)));

        Assert.Equal(Enumerable.Range(2, 8), registered.Select(version => version.Version).Order());
        Assert.Equal(1, await _workflow.Count("alias_assignments", "alias = 'champion' and ended_at is null"));
        Assert.Equal(1, await _workflow.Count("alias_assignments", "alias = 'previous' and ended_at is null"));
    }

    [Theory]
    [InlineData(Verdict.Promote, 2)]
    [InlineData(Verdict.Hold, 1)]
    [InlineData(Verdict.Reject, 1)]
    public async Task Only_a_version_that_the_gate_promotes_becomes_champion(Verdict verdict, int champion)
    {
        await _workflow.Register(verdict);

        Assert.Equal(champion, await _workflow.Champion());
        Assert.Equal(2, await _workflow.Count("model_versions"));
    }

    [Fact]
    public async Task The_aliases_have_a_history_in_which_one_version_holds_each_at_any_time()
    {
        foreach (var day in (int[])[1, 2, 3])
        {
            _workflow.Clock.Now = TestClock.On(TestWorkflow.FirstDay.AddDays(day)).Now;
            await _workflow.Register(Verdict.Promote);
        }
        _workflow.Clock.Now = TestClock.On(TestWorkflow.FirstDay.AddDays(4)).Now;
        await _workflow.Promote(2);

        Assert.Equal([1, 2, 3, 4, 2], await Holders(ModelAliases.Champion));
        Assert.Equal([1, 2, 3, 4], await Holders(ModelAliases.Previous));
        Assert.Equal(0, await _workflow.Count(
            "alias_assignments a join alias_assignments b on a.alias = b.alias and a.alias_assignment_id <> b.alias_assignment_id",
            "tstzrange(a.assigned_at, a.ended_at) && tstzrange(b.assigned_at, b.ended_at)"));
        var last = await _workflow.Ask(db => db.AliasAssignments.SingleAsync(a => a.Alias == ModelAliases.Champion && a.EndedAt == null, Cancellation));
        Assert.Equal(("a test", "to see what happens", null), (last.AssignedBy, last.Reason, last.Evidence));
    }

    [Fact]
    public async Task The_database_refuses_a_second_holder_of_an_alias()
    {
        await _workflow.Register(Verdict.Hold);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => _workflow.Execute(
            "insert into alias_assignments (model_name, alias, version, assigned_at, assigned_by, reason) values ('titanic_knn', 'champion', 2, now(), 'nobody', 'none')"));

        Assert.Equal(PostgresErrorCodes.UniqueViolation, refused.SqlState);
    }

    [Fact]
    public async Task To_promote_the_champion_again_changes_nothing()
    {
        await _workflow.Promote(1);

        Assert.Equal([1], await Holders(ModelAliases.Champion));
        Assert.Empty(await Holders(ModelAliases.Previous));
    }

    [Fact]
    public async Task A_version_that_does_not_exist_cannot_be_promoted()
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => _workflow.Promote(2));

        Assert.StartsWith("There is no version 2 of titanic_knn to promote.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, await _workflow.Champion());
    }

    [Fact]
    public async Task A_promotion_is_announced_to_every_connection_that_listens()
    {
        await using var connection = await _database.DataSource.OpenConnectionAsync(Cancellation);
        var announced = new List<string>();
        connection.Notification += (_, notification) => announced.Add(notification.Payload);
        await using (var listen = new NpgsqlCommand($"listen {ModelRegistry.ChampionChannel}", connection))
            await listen.ExecuteNonQueryAsync(Cancellation);

        await _workflow.Register(Verdict.Hold);
        await _workflow.Register(Verdict.Promote);
        await _workflow.Promote(1);
        while (announced.Count < 2)
            Assert.True(await connection.WaitAsync(TimeSpan.FromSeconds(10), Cancellation), "No announcement came within 10 s.");

        Assert.Equal(["3", "1"], announced);
    }

    private Task<List<int>> Holders(string alias) => _workflow.Ask(db => db.AliasAssignments
        .Where(a => a.Alias == alias).OrderBy(a => a.AliasAssignmentId).Select(a => a.Version).ToListAsync(Cancellation));
}
