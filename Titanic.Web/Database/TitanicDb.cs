using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Titanic.Web.Database;

/// <summary>
/// The schema at a glance. Each noun's entities and their configuration stand in the noun's own folder; Identity's tables live in
/// the PostgreSQL schema <c>access</c>, Hangfire's in <c>hangfire</c>.
/// </summary>
public sealed class TitanicDb(DbContextOptions<TitanicDb> options)
    : IdentityDbContext<IdentityUser>(options), IDataProtectionKeyContext
{
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        foreach (var identity in builder.Model.GetEntityTypes())
            identity.SetSchema("access");
        builder.ApplyConfigurationsFromAssembly(typeof(TitanicDb).Assembly);
    }
}
