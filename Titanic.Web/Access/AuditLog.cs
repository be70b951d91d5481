using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>Remembers who did what, for good.</summary>
public sealed class AuditLog(TitanicDb db, TimeProvider clock)
{
    /// <summary>
    /// Writes one entry, in the same transaction as everything the caller has added to this scope's <see cref="TitanicDb"/> and not yet
    /// saved: the deed and its record are saved together or not at all.
    /// </summary>
    /// <param name="who">An account's or a key's name, see <see cref="NameOf"/>, or what acted by itself ("first start").</param>
    /// <param name="what">The deed, in the past: "alias moved".</param>
    /// <param name="subject">What it was done to: "champion".</param>
    /// <param name="details">What else matters; never a secret.</param>
    public async Task Record(string who, string what, string subject, string? details, CancellationToken cancellationToken)
    {
        db.Add(new AuditEntry { At = clock.GetUtcNow(), Who = who, What = what, Subject = subject, Details = details });
        await db.SaveChangesAsync(cancellationToken);
    }

    public static string NameOf(ClaimsPrincipal user) => user.Identity?.Name ?? "anonymous";
}

/// <summary>One thing that somebody did: "admin@titanic.local (who) moved alias (what) champion (subject): version 3 to 4 (details)".</summary>
public sealed class AuditEntry
{
    public long Id { get; private set; }

    public required DateTimeOffset At { get; init; }

    public required string Who { get; init; }

    public required string What { get; init; }

    public required string Subject { get; init; }

    public string? Details { get; init; }
}

internal sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> entry)
    {
        entry.ToTable("audit_log", "access");
        entry.HasIndex(e => e.At);
    }
}
