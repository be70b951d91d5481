using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Registry;

/// <summary>Aliases on a real database: who has them, since when, and that there is never more than one.</summary>
public sealed class AliasMovesTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    [Fact]
    public async Task The_aliases_have_a_history_with_who_when_why_and_evidence()
    {
        foreach (var day in (int[])[1, 2, 3])
        {
            Workflow.Clock.MoveTo(TestWorkflow.FirstDay.AddDays(day));
            await Workflow.Register(Verdict.Promote);
        }
        Workflow.Clock.MoveTo(TestWorkflow.FirstDay.AddDays(4));
        await Workflow.Promote(2);

        Assert.Equal([1, 2, 3, 4, 2], await Versions(ModelAliases.Champion));
        Assert.Equal([1, 2, 3, 4], await Versions(ModelAliases.Previous));
        var last = await Newest(ModelAliases.Champion);
        Assert.Equal(("a test", "to see what happens", false, null), (last.AssignedBy, last.Reason, last.IsForced, last.EndedAt));
        Assert.Equal((Workflow.Now, "decided by a test"), (last.AssignedAt, last.Evidence!.Reason));
        await NoHoleAndNoOverlap();
    }

    [Fact]
    public async Task Eight_promotions_at_once_through_eight_connections_leave_one_champion_at_any_instant()
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

        var champions = await Versions(ModelAliases.Champion);
        Assert.Equal(Enumerable.Range(1, 9), champions.Order());
        Assert.Equal(champions[..^1], await Versions(ModelAliases.Previous)); // each was followed by whoever came next
        Assert.Equal(1, await Workflow.Count("alias_assignments", "alias = 'champion' and ended_at is null"));
        await NoHoleAndNoOverlap();
    }

    [Theory]
    [InlineData("version = 2, assigned_at = now(), ended_at = null")]
    [InlineData("version = 2, assigned_at = (select assigned_at from alias_assignments) - interval '1 day', ended_at = (select assigned_at from alias_assignments) + interval '1 microsecond'")]
    [InlineData("version = 2, assigned_at = (select assigned_at from alias_assignments) + interval '1 day', ended_at = (select assigned_at from alias_assignments) + interval '2 days'")]
    public async Task The_database_refuses_a_second_holder_of_an_alias(string values)
    {
        await Workflow.Register(Verdict.Hold);
        var parts = values.Split(", ").Select(part => part.Split(" = ", 2)).ToList();

        var refused = await Assert.ThrowsAsync<PostgresException>(() => Workflow.Execute(
            $"insert into alias_assignments (model_name, alias, assigned_by, reason, is_forced, {string.Join(", ", parts.Select(part => part[0]))}) "
            + $"select 'titanic_knn', 'champion', 'nobody', 'none', false, {string.Join(", ", parts.Select(part => part[1]))}"));

        Assert.Equal(("23P01", "alias_assignments_one_holder"), (refused.SqlState, refused.ConstraintName)); // exclusion_violation
    }

    [Fact]
    public async Task The_database_refuses_a_stretch_of_time_without_length()
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Workflow.Execute(
            "insert into alias_assignments (model_name, alias, version, assigned_by, reason, is_forced, assigned_at, ended_at) values ('titanic_knn', 'challenger', 1, '', '', false, now(), now())"));

        Assert.Contains("empty WITHOUT OVERLAPS value", refused.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Moves_within_one_instant_and_under_a_clock_set_back_neither_fail_nor_leave_a_hole()
    {
        await Workflow.Register(Verdict.Hold);
        var start = (await Newest(ModelAliases.Champion)).AssignedAt;

        await Workflow.Promote(2, force: true); // the test's clock stands still
        await Workflow.Promote(1);
        Workflow.Clock.AdjustTime(Workflow.Now.AddDays(-1));
        await Workflow.Challenge(2);
        await Workflow.Withdraw();
        await Workflow.Challenge(2);
        await Workflow.Promote(2, force: true);

        var history = await Workflow.Ask(db => db.AliasAssignments.Where(a => a.Alias == ModelAliases.Champion).OrderBy(a => a.AliasAssignmentId).ToListAsync(Cancellation));
        Assert.Equal([1, 2, 1, 2], history.Select(a => a.Version));
        Assert.Equal([0, 1, 2, 6], history.Select(a => (a.AssignedAt - start).Ticks / TimeSpan.TicksPerMicrosecond)); // three moves of the challenger between
        await NoHoleAndNoOverlap();
    }

    [Fact]
    public async Task To_promote_the_champion_again_changes_nothing()
    {
        Assert.Empty(await Workflow.Promote(1));

        Assert.Equal([1], await Versions(ModelAliases.Champion));
        Assert.Empty(await Versions(ModelAliases.Previous));
    }

    [Fact]
    public async Task A_version_that_does_not_exist_cannot_be_promoted()
    {
        var refused = await Assert.ThrowsAsync<RegistryRefusedException>(() => Workflow.Promote(2));

        Assert.Equal((RefusalKind.Missing, "There is no version 2 of titanic_knn."), (refused.Kind, refused.Message));
        Assert.Equal(1, await Workflow.Champion());
    }

    [Theory]
    [InlineData(Verdict.Hold, "HOLD")]
    [InlineData(Verdict.Reject, "REJECT")]
    public async Task What_the_gate_did_not_promote_needs_force_and_the_history_says_so_and_keeps_the_evidence(Verdict verdict, string word)
    {
        await Workflow.Register(verdict);

        var refused = await Assert.ThrowsAsync<RegistryRefusedException>(() => Workflow.Promote(2));
        Assert.Equal(RefusalKind.Conflict, refused.Kind);
        Assert.Equal($"The gate's verdict on version 2 is {word}: decided by a test Force it to put it in service all the same.", refused.Message);
        Assert.Equal(1, await Workflow.Champion());

        await Workflow.Promote(2, force: true);
        var champion = await Newest(ModelAliases.Champion);
        Assert.Equal((2, true, verdict), (champion.Version, champion.IsForced, champion.Evidence!.Verdict));
    }

    [Fact]
    public async Task Force_that_was_not_needed_is_not_written_down()
    {
        await Workflow.Register(Verdict.Promote);
        await Workflow.RollBack();

        await Workflow.Promote(2, force: true);

        Assert.False((await Newest(ModelAliases.Champion)).IsForced);
    }

    [Fact]
    public async Task A_damaged_version_is_refused_before_anything_moves()
    {
        await Workflow.Register(Verdict.Hold);
        await Workflow.Damage(2);

        var refused = await Assert.ThrowsAsync<RegistryRefusedException>(() => Workflow.Promote(2, force: true));

        Assert.Equal(RefusalKind.Unfit, refused.Kind);
        Assert.Equal([1], await Versions(ModelAliases.Champion));
        await Assert.ThrowsAsync<RegistryRefusedException>(() => Workflow.Challenge(2));
    }

    [Fact]
    public async Task Rolling_back_puts_the_version_before_in_service_again()
    {
        var nothing = await Assert.ThrowsAsync<RegistryRefusedException>(Workflow.RollBack);
        Assert.StartsWith("There is no previous version to roll back to", nothing.Message, StringComparison.Ordinal);

        await Workflow.Register(Verdict.Promote);
        var changes = await Workflow.RollBack();

        Assert.Equal([new AliasChange("champion", 2, 1), new AliasChange("previous", 1, 2)], changes);
        Assert.Equal("Rolled back from version 2: to see what happens", (await Newest(ModelAliases.Champion)).Reason);
    }

    [Fact]
    public async Task A_decision_that_was_made_for_another_champion_is_refused()
    {
        await Workflow.Register(Verdict.Hold);
        await Workflow.Register(Verdict.Hold);
        await Workflow.Promote(2, force: true, seen: 1);

        var refused = await Assert.ThrowsAsync<RegistryRefusedException>(() => Workflow.Promote(3, force: true, seen: 1));

        Assert.Equal((RefusalKind.Conflict, "Meanwhile version 2 is champion, not version 1. Look again before you decide."), (refused.Kind, refused.Message));
    }

    [Fact]
    public async Task A_challenger_stands_beside_the_champion_until_it_is_taken_away_or_takes_over()
    {
        await Workflow.Register(Verdict.Promote);
        await Assert.ThrowsAsync<RegistryRefusedException>(() => Workflow.Challenge(2)); // the champion itself

        await Workflow.Challenge(1);
        await Workflow.Withdraw();
        var taken = await Newest(ModelAliases.Challenger);
        Assert.Equal(("a test", "to see what happens"), (taken.EndedBy, taken.EndReason));
        await Assert.ThrowsAsync<RegistryRefusedException>(Workflow.Withdraw);

        await Workflow.Challenge(1);
        await Workflow.Promote(1);
        Assert.Equal(new AliasHolders(1, null, 2), await Workflow.In<ModelRegistry, AliasHolders>(registry => registry.Holders(Cancellation)));
    }

    [Theory]
    [InlineData("", "The reason is missing; it must have 1 to 500 characters.")]
    [InlineData(" \n ", "The reason is missing; it must have 1 to 500 characters.")]
    [InlineData("null\0", "The reason has the control character U+0000; it must be plain text.")]
    public async Task A_person_gives_a_reason(string reason, string problem)
    {
        await Workflow.Register(Verdict.Promote);

        var refused = await Assert.ThrowsAsync<RegistryRefusedException>(() => Workflow.In<ModelRegistry, IReadOnlyList<AliasChange>>(
            registry => registry.RollBack(new AliasDecision("a test", reason), Cancellation)));

        Assert.Equal((RefusalKind.Unclear, problem), (refused.Kind, refused.Message));
        Assert.Equal(2, await Workflow.Champion());
    }

    [Fact]
    public async Task Every_move_is_in_the_audit_log()
    {
        await Workflow.Register(Verdict.Hold);
        await Workflow.Promote(2, force: true);

        var entry = await Workflow.Ask(db => db.Set<AuditEntry>().OrderBy(e => e.Id).LastAsync(Cancellation));
        Assert.Equal(("a test", "alias moved", "champion"), (entry.Who, entry.What, entry.Subject));
        Assert.Equal("champion: version 1 to version 2; previous: no version to version 1, forced. to see what happens", entry.Details);
    }

    /// <summary>Each stretch of the champion begins where the one before ends.</summary>
    private async Task NoHoleAndNoOverlap() => Assert.Equal(0, await Workflow.Scalar<long>(
        """
        select count(*) from (select ended_at, assigned_at, lead(assigned_at) over (order by alias_assignment_id) as next from alias_assignments where alias = 'champion') c
        where ended_at is distinct from next or ended_at <= assigned_at
        """));

    private Task<List<int>> Versions(string alias) => Workflow.Ask(db => db.AliasAssignments
        .Where(a => a.Alias == alias).OrderBy(a => a.AliasAssignmentId).Select(a => a.Version).ToListAsync(Cancellation));

    private Task<AliasAssignment> Newest(string alias) => Workflow.Ask(db => db.AliasAssignments
        .Where(a => a.Alias == alias).OrderBy(a => a.AliasAssignmentId).LastAsync(Cancellation));
}
