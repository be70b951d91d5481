using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Tests.Access;

public sealed class AuditLogTests(TestPostgres postgres)
{
    [Fact]
    public async Task An_entry_comes_with_its_deed_and_its_time()
    {
        var noon = new DateTimeOffset(1912, 4, 14, 12, 0, 0, TimeSpan.Zero);
        await using var app = await AccessApp.Start(postgres);

        await app.In<TitanicDb, bool>(async db =>
        {
            db.Roles.Add(new("lookout"));
            await new AuditLog(db, new StoppedClock(noon)).Record("the captain", "role made", "lookout", "for the night", Visitor.Cancelled);
            return true;
        });

        var entry = await app.In<TitanicDb, AuditEntry>(db => db.Set<AuditEntry>().SingleAsync(e => e.Subject == "lookout", Visitor.Cancelled));
        Assert.Equal((noon, "the captain", "role made", "for the night"), (entry.At, entry.Who, entry.What, entry.Details));
        Assert.True(await app.In<TitanicDb, bool>(db => db.Roles.AnyAsync(role => role.Name == "lookout", Visitor.Cancelled)));
    }

    [Fact]
    public void A_caller_is_named_by_account_or_key_or_not_at_all()
    {
        Assert.Equal("anonymous", AuditLog.NameOf(new ClaimsPrincipal(new ClaimsIdentity())));
        Assert.Equal("captain", AuditLog.NameOf(new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.Name, "captain")], "test"))));
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
