using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
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
