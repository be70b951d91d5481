using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Tests.Access;

public sealed class AuditLogTests(TestPostgres postgres)
{
    [Fact]
    public async Task Saves_an_entry_and_its_action_together_with_the_time()
    {
        var noon = new DateTimeOffset(1912, 4, 14, 12, 0, 0, TimeSpan.Zero);
        await using var app = await AccessApp.Start(postgres);

        await app.InScope<TitanicDb, bool>(async db =>
        {
            db.Roles.Add(new("lookout"));
            await new AuditLog(db, new FixedClock(noon)).Record("an operator", "role created", "lookout", "for the night", Visitor.Cancelled);
            return true;
        });

        var entry = await app.InScope<TitanicDb, AuditEntry>(db => db.Set<AuditEntry>().SingleAsync(e => e.Subject == "lookout", Visitor.Cancelled));
        Assert.Equal((noon, "an operator", "role created", "for the night"), (entry.At, entry.Who, entry.What, entry.Details));
        Assert.True(await app.InScope<TitanicDb, bool>(db => db.Roles.AnyAsync(role => role.Name == "lookout", Visitor.Cancelled)));
    }

    [Theory]
    [InlineData("update access.audit_log set details = 'nothing happened'")]
    [InlineData("delete from access.audit_log")]
    [InlineData("truncate access.audit_log")]
    public async Task The_role_of_the_product_cannot_change_entries(string statement)
    {
        await using var app = await AccessApp.Start(postgres);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => app.InScope<TitanicDb, int>(db => db.Database.ExecuteSqlRawAsync(statement, Visitor.Cancelled)));

        Assert.Equal("rows of audit_log are never changed or deleted", refused.MessageText);
        Assert.Equal(1, await app.InScope<TitanicDb, int>(db => db.Set<AuditEntry>().CountAsync(Visitor.Cancelled)));
    }

    [Fact]
    public async Task Lists_entries_by_account_action_day_and_text()
    {
        var noon = new DateTimeOffset(1912, 4, 14, 12, 0, 0, TimeSpan.Zero);
        await using var app = await AccessApp.Start(postgres, withAdministrator: false);
        foreach (var (days, who, what, subject) in ((int, string, string, string)[])[(0, "a", "sailed", "Southampton"), (1, "a", "sighted", "iceberg 100%"), (2, "b", "sighted", "Carpathia")])
        {
            await app.InScope<TitanicDb, bool>(async db =>
            {
                await new AuditLog(db, new FixedClock(noon.AddDays(days))).Record(who, what, subject, null, Visitor.Cancelled);
                return true;
            });
        }

        Assert.Equal(["Carpathia", "iceberg 100%", "Southampton"], await List(new AuditFilter(null, null, null, null, null)));
        Assert.Equal(["iceberg 100%", "Southampton"], await List(new AuditFilter("a", null, null, null, null)));
        Assert.Equal(["Carpathia", "iceberg 100%"], await List(new AuditFilter(null, "sighted", null, null, null)));
        Assert.Equal(["iceberg 100%"], await List(new AuditFilter(null, null, new DateOnly(1912, 4, 15), new DateOnly(1912, 4, 15), null)));
        Assert.Equal(["iceberg 100%"], await List(new AuditFilter(null, null, null, null, "ICEBERG 100%")));
        Assert.Empty(await List(new AuditFilter(null, null, null, null, "ice_erg")));

        Task<string[]> List(AuditFilter filter) => app.InScope<AuditLog, string[]>(async audit => [.. (await audit.List(filter, 10, Visitor.Cancelled)).Select(entry => entry.Subject)]);
    }

    [Fact]
    public void Names_a_caller_by_account_or_key_or_anonymous()
    {
        Assert.Equal("anonymous", AuditLog.CallerName(new ClaimsPrincipal(new ClaimsIdentity())));
        Assert.Equal("captain", AuditLog.CallerName(new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.Name, "captain")], "test"))));
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
