using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>The permanent record of administrative actions.</summary>
public sealed class AuditLog(TitanicDb db, TimeProvider clock)
{
    /// <summary>
    /// Saves one entry together with all unsaved changes of this scope's <see cref="TitanicDb"/>, in one transaction: the action and its
    /// record are both stored or neither is.
    /// </summary>
    /// <param name="who">The name of the account or key, see <see cref="CallerName"/>, or of an automatic step ("first start").</param>
    /// <param name="what">The action, in the past tense: "alias moved".</param>
    /// <param name="subject">The object of the action: "champion".</param>
    /// <param name="details">Further information; must not contain secrets.</param>
    public async Task Record(string who, string what, string subject, string? details, CancellationToken cancellationToken)
    {
        db.Add(new AuditEntry { At = clock.GetUtcNow(), Who = who, What = what, Subject = subject, Details = details });
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The name of the caller's account or API key; "anonymous" without one.</summary>
    public static string CallerName(ClaimsPrincipal user) => user.Identity?.Name ?? "anonymous";
}

/// <summary>
/// One action, for example: admin@titanic.local (<see cref="Who"/>), alias moved (<see cref="What"/>), champion (<see cref="Subject"/>),
/// version 3 to 4 (<see cref="Details"/>).
/// </summary>
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
