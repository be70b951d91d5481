using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.Access;

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
