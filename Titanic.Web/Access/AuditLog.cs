using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>The permanent record of administrative actions.</summary>
public sealed class AuditLog(TitanicDb db, TimeProvider clock)
{
    /// <summary>The name of a caller without account and key.</summary>
    internal const string Anonymous = "anonymous";

    internal DateTimeOffset Now => clock.GetUtcNow();

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
        db.Add(new AuditEntry { At = Now, Who = who, What = what, Subject = subject, Details = details });
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The name of the caller's account or API key; <see cref="Anonymous"/> without one.</summary>
    public static string CallerName(ClaimsPrincipal user) => user.Identity?.Name ?? Anonymous;

    /// <summary>Entries, newest first.</summary>
    public async Task<IReadOnlyList<AuditEntry>> List(AuditFilter filter, int limit, CancellationToken cancellationToken)
    {
        var entries = db.Set<AuditEntry>().AsNoTracking();
        if (filter.Who is { Length: > 0 } who)
            entries = entries.Where(entry => entry.Who == who);
        if (filter.What is { Length: > 0 } what)
            entries = entries.Where(entry => entry.What == what);
        if (filter.From is { } from)
            entries = entries.Where(entry => entry.At >= StartOf(from));
        if (filter.To is { } to)
            entries = entries.Where(entry => entry.At < StartOf(to.AddDays(1)));
        if (filter.Text is { Length: > 0 } text)
        {
            var pattern = LikePattern.Containing(text);
            entries = entries.Where(entry => EF.Functions.ILike(entry.Subject, pattern, LikePattern.Escape)
                || (entry.Details != null && EF.Functions.ILike(entry.Details, pattern, LikePattern.Escape)));
        }
        if (filter.Before is { } before)
            entries = entries.Where(entry => entry.Id < before);
        return await entries.OrderByDescending(entry => entry.Id).Take(limit).ToListAsync(cancellationToken);
    }

    /// <summary>The different actions that are recorded, by name.</summary>
    public async Task<IReadOnlyList<string>> ListActions(CancellationToken cancellationToken) =>
        await db.Set<AuditEntry>().Select(entry => entry.What).Distinct().OrderBy(what => what).ToListAsync(cancellationToken);

    /// <summary>The begin of a day in UTC.</summary>
    internal static DateTimeOffset StartOf(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}

/// <summary>Which entries of the audit log are listed; null: all.</summary>
/// <param name="Who">The exact name.</param>
/// <param name="What">The exact action.</param>
/// <param name="From">The first day, in UTC.</param>
/// <param name="To">The last day, in UTC.</param>
/// <param name="Text">A part of the subject or the details, in any case.</param>
public sealed record AuditFilter(string? Who, string? What, DateOnly? From, DateOnly? To, string? Text)
{
    /// <summary>Only entries with a smaller id.</summary>
    public long? Before { get; init; }
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
        entry.ToTable("audit_log", "access"); // a trigger of the migration refuses changes and deletions of rows
        entry.HasIndex(e => e.At);
    }
}
