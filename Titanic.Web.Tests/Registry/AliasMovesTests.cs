using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Registry;

/// <summary>Alias moves and their history on a real database; an alias never names more than one version.</summary>
public sealed class AliasMovesTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    [Fact]
    public async Task The_history_of_an_alias_has_author_time_reason_and_evidence()
    {
        foreach (var day in (int[])[1, 2, 3])
        {
            Workflow.Clock.MoveTo(TestWorkflow.FirstDay.AddDays(day));
            await Workflow.Register(Verdict.Promote);
        }
        Workflow.Clock.MoveTo(TestWorkflow.FirstDay.AddDays(4));
        await Workflow.Promote(2);

        Assert.Equal([1, 2, 3, 4, 2], await ReadVersions(ModelAliases.Champion));
        Assert.Equal([1, 2, 3, 4], await ReadVersions(ModelAliases.Previous));
        var last = await ReadNewest(ModelAliases.Champion);
        Assert.Equal(("a test", "for a test", false, null), (last.AssignedBy, last.Reason, last.IsForced, last.EndedAt));
        Assert.Equal((Workflow.Now, "decided by a test"), (last.AssignedAt, last.Evidence!.Reason));
        await AssertNoGapsAndNoOverlaps();
    }

    [Fact]
    public async Task Eight_concurrent_promotions_leave_one_champion_at_any_instant()
    {
        for (var version = 2; version <= 9; version++)
            await Workflow.Register(Verdict.Hold);
        using var start = new Barrier(8);

        await Task.WhenAll(Enumerable.Range(2, 8).Select(version => Task.Run(
            async () =>
            {
                await using var process = new TestWorkflow(Database);
                start.SignalAndWait(Cancellation);
                await process.Promote(version, force: true);
            },
            Cancellation)));

        var champions = await ReadVersions(ModelAliases.Champion);
        Assert.Equal(Enumerable.Range(1, 9), champions.Order());
        Assert.Equal(champions[..^1], await ReadVersions(ModelAliases.Previous)); // each champion is followed by the next
        Assert.Equal(1, await Workflow.Count("alias_assignments", "alias = 'champion' and ended_at is null"));
        await AssertNoGapsAndNoOverlaps();
    }

    [Theory]
    [InlineData("version = 2, assigned_at = now(), ended_at = null")]
    [InlineData("version = 2, assigned_at = (select assigned_at from alias_assignments) - interval '1 day', ended_at = (select assigned_at from alias_assignments) + interval '1 microsecond'")]
    [InlineData("version = 2, assigned_at = (select assigned_at from alias_assignments) + interval '1 day', ended_at = (select assigned_at from alias_assignments) + interval '2 days'")]
    public async Task The_database_rejects_a_second_version_for_an_alias(string values)
    {
        await Workflow.Register(Verdict.Hold);
        var parts = values.Split(", ").Select(part => part.Split(" = ", 2)).ToList();

        var error = await Assert.ThrowsAsync<PostgresException>(() => Workflow.Execute(
            $"insert into alias_assignments (model_name, alias, assigned_by, reason, is_forced, {string.Join(", ", parts.Select(part => part[0]))}) "
            + $"select 'titanic_knn', 'champion', 'a test', 'none', false, {string.Join(", ", parts.Select(part => part[1]))}"));

        Assert.Equal(("23P01", "alias_assignments_one_holder"), (error.SqlState, error.ConstraintName)); // exclusion_violation
    }

    [Fact]
    public async Task The_database_rejects_an_empty_period()
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => Workflow.Execute(
            "insert into alias_assignments (model_name, alias, version, assigned_by, reason, is_forced, assigned_at, ended_at) values ('titanic_knn', 'challenger', 1, '', '', false, now(), now())"));

        Assert.Contains("empty WITHOUT OVERLAPS value", error.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Moves_at_the_same_instant_and_after_the_clock_is_set_back_leave_no_gap()
    {
        await Workflow.Register(Verdict.Hold);
        var start = (await ReadNewest(ModelAliases.Champion)).AssignedAt;

        await Workflow.Promote(2, force: true); // the test clock does not advance
        await Workflow.Promote(1);
        Workflow.Clock.AdjustTime(Workflow.Now.AddDays(-1));
        await Workflow.Challenge(2);
        await Workflow.Withdraw();
        await Workflow.Challenge(2);
        await Workflow.Promote(2, force: true);

        var history = await Workflow.Query(db => db.AliasAssignments.Where(a => a.Alias == ModelAliases.Champion).OrderBy(a => a.AliasAssignmentId).ToListAsync(Cancellation));
        Assert.Equal([1, 2, 1, 2], history.Select(a => a.Version));
        Assert.Equal([0, 1, 2, 6], history.Select(a => (a.AssignedAt - start).Ticks / TimeSpan.TicksPerMicrosecond)); // three moves of the challenger between
        await AssertNoGapsAndNoOverlaps();
    }

    [Fact]
    public async Task Promoting_the_champion_again_changes_nothing()
    {
        Assert.Empty(await Workflow.Promote(1));

        Assert.Equal([1], await ReadVersions(ModelAliases.Champion));
        Assert.Empty(await ReadVersions(ModelAliases.Previous));
    }

    [Fact]
    public async Task An_unknown_version_cannot_be_promoted()
    {
        var error = await Assert.ThrowsAsync<RegistryException>(() => Workflow.Promote(2));

        Assert.Equal((RegistryErrorKind.NotFound, "There is no version 2 of titanic_knn; the page /models and GET /api/models list the versions."), (error.Kind, error.Message));
        Assert.Equal(1, await Workflow.Champion());
    }

    [Theory]
    [InlineData(Verdict.Hold, "HOLD")]
    [InlineData(Verdict.Reject, "REJECT")]
    public async Task Promotion_against_the_gate_requires_force_and_is_recorded_with_the_evidence(Verdict verdict, string word)
    {
        await Workflow.Register(verdict);

        var error = await Assert.ThrowsAsync<RegistryException>(() => Workflow.Promote(2));
        Assert.Equal(RegistryErrorKind.Conflict, error.Kind);
        Assert.Equal($"The gate's verdict on version 2 is {word}: decided by a test Use force to promote it anyway.", error.Message);
        Assert.Equal(1, await Workflow.Champion());

        await Workflow.Promote(2, force: true);
        var champion = await ReadNewest(ModelAliases.Champion);
        Assert.Equal((2, true, verdict), (champion.Version, champion.IsForced, champion.Evidence!.Verdict));
    }

    [Fact]
    public async Task Unneeded_force_is_not_recorded()
    {
        await Workflow.Register(Verdict.Promote);
        await Workflow.RollBack();

        await Workflow.Promote(2, force: true);

        Assert.False((await ReadNewest(ModelAliases.Champion)).IsForced);
    }

    [Fact]
    public async Task A_corrupt_version_is_rejected_and_no_alias_moves()
    {
        await Workflow.Register(Verdict.Hold);
        await Workflow.CorruptArtifact(2);

        var error = await Assert.ThrowsAsync<RegistryException>(() => Workflow.Promote(2, force: true));

        Assert.Equal(RegistryErrorKind.NotServable, error.Kind);
        Assert.Equal([1], await ReadVersions(ModelAliases.Champion));
        await Assert.ThrowsAsync<RegistryException>(() => Workflow.Challenge(2));
    }

    [Fact]
    public async Task Rollback_makes_the_previous_version_champion()
    {
        var missing = await Assert.ThrowsAsync<RegistryException>(Workflow.RollBack);
        Assert.StartsWith("There is no previous version to roll back to", missing.Message, StringComparison.Ordinal);

        await Workflow.Register(Verdict.Promote);
        var changes = await Workflow.RollBack();

        Assert.Equal([new AliasChange("champion", 2, 1), new AliasChange("previous", 1, 2)], changes);
        Assert.Equal("Rolled back from version 2: for a test", (await ReadNewest(ModelAliases.Champion)).Reason);
    }

    [Fact]
    public async Task A_decision_made_for_another_champion_is_rejected()
    {
        await Workflow.Register(Verdict.Hold);
        await Workflow.Register(Verdict.Hold);
        await Workflow.Promote(2, force: true, seen: 1);

        var error = await Assert.ThrowsAsync<RegistryException>(() => Workflow.Promote(3, force: true, seen: 1));

        Assert.Equal((RegistryErrorKind.Conflict, "The champion has changed: it is version 2 now, not version 1. Reload and decide again."), (error.Kind, error.Message));
    }

    [Fact]
    public async Task A_challenger_keeps_its_alias_until_it_is_withdrawn_or_promoted()
    {
        await Workflow.Register(Verdict.Promote);
        await Assert.ThrowsAsync<RegistryException>(() => Workflow.Challenge(2)); // the champion itself

        await Workflow.Challenge(1);
        await Workflow.Withdraw();
        var withdrawn = await ReadNewest(ModelAliases.Challenger);
        Assert.Equal(("a test", "for a test"), (withdrawn.EndedBy, withdrawn.EndReason));
        await Assert.ThrowsAsync<RegistryException>(Workflow.Withdraw);

        await Workflow.Challenge(1);
        await Workflow.Promote(1);
        Assert.Equal(new CurrentAliases(1, null, 2), await Workflow.InScope<ModelRegistry, CurrentAliases>(registry => registry.ReadAliases(Cancellation)));
    }

    [Theory]
    [InlineData("", "The reason is missing; it must have 1 to 500 characters.")]
    [InlineData(" \n ", "The reason is missing; it must have 1 to 500 characters.")]
    [InlineData("null\0", "The reason has the control character U+0000; it must be plain text.")]
    public async Task A_manual_move_requires_a_reason(string reason, string problem)
    {
        await Workflow.Register(Verdict.Promote);

        var error = await Assert.ThrowsAsync<RegistryException>(() => Workflow.InScope<ModelRegistry, IReadOnlyList<AliasChange>>(
            registry => registry.RollBack(new AliasDecision("a test", reason), Cancellation)));

        Assert.Equal((RegistryErrorKind.Invalid, problem), (error.Kind, error.Message));
        Assert.Equal(2, await Workflow.Champion());
    }

    [Fact]
    public async Task Alias_moves_are_in_the_audit_log()
    {
        await Workflow.Register(Verdict.Hold);
        await Workflow.Promote(2, force: true);

        var entry = await Workflow.Query(db => db.Set<AuditEntry>().OrderBy(e => e.Id).LastAsync(Cancellation));
        Assert.Equal(("a test", "alias moved", "champion"), (entry.Who, entry.What, entry.Subject));
        Assert.Equal("champion: version 1 to version 2; previous: no version to version 1, forced. for a test", entry.Details);
    }

    /// <summary>Each assignment of the champion starts when the previous one ends.</summary>
    private async Task AssertNoGapsAndNoOverlaps() => Assert.Equal(0, await Workflow.Scalar<long>(
        """
        select count(*) from (select ended_at, assigned_at, lead(assigned_at) over (order by alias_assignment_id) as next from alias_assignments where alias = 'champion') c
        where ended_at is distinct from next or ended_at <= assigned_at
        """));

    private Task<List<int>> ReadVersions(string alias) => Workflow.Query(db => db.AliasAssignments
        .Where(a => a.Alias == alias).OrderBy(a => a.AliasAssignmentId).Select(a => a.Version).ToListAsync(Cancellation));

    private Task<AliasAssignment> ReadNewest(string alias) => Workflow.Query(db => db.AliasAssignments
        .Where(a => a.Alias == alias).OrderBy(a => a.AliasAssignmentId).LastAsync(Cancellation));
}
