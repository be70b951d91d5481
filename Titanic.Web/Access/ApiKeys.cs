using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>Creates, lists, finds, expires and revokes API keys.</summary>
public sealed class ApiKeys(TitanicDb db, AuditLog audit, TimeProvider clock)
{
    public const int MaximumNameLength = 100;
    private const string Prefix = "titanic_"; // identifies a leaked key to secret scanners and people
    private const int KeyBytes = 32;

    /// <summary>Creates a key that does not expire.</summary>
    /// <inheritdoc cref="Create(string, ApiKeyScope, DateOnly?, string, CancellationToken)"/>
    public Task<string> Create(string name, ApiKeyScope scope, string by, CancellationToken cancellationToken) =>
        Create(name, scope, expires: null, by, cancellationToken);

    /// <summary>Creates a key and records it in the audit log. Only a hash of the key is stored.</summary>
    /// <param name="name">The unique name of the key, 1 to 100 characters without surrounding spaces.</param>
    /// <param name="expires">The day, in UTC, from whose begin on the key is refused; null: never.</param>
    /// <param name="by">The account or the command that creates the key, for the audit log.</param>
    /// <returns>The key, which cannot be read again.</returns>
    /// <exception cref="AccountException">The name is empty, too long or in use by a key that is not revoked, or the day is not after today.</exception>
    public async Task<string> Create(string name, ApiKeyScope scope, DateOnly? expires, string by, CancellationToken cancellationToken)
    {
        name = name.Trim();
        if (name.Length is 0 or > MaximumNameLength)
            throw new AccountException($"The name of the key has {Quantity.Of(name.Length, "character")}; it must have 1 to {MaximumNameLength}.");

        var key = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));
        db.Add(new ApiKey
        {
            Name = name,
            Scope = scope,
            Sha256 = HashOf(key),
            LastFour = key[^4..],
            CreatedAt = clock.GetUtcNow(),
            CreatedBy = by,
            ExpiresAt = RequireFuture(expires),
        });
        try
        {
            await audit.Record(by, "API key created", name, $"scope {scope.ToString().ToLowerInvariant()}, {DescribeExpiry(expires)}", cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new AccountException($"An API key named \"{name}\" is in use; revoke it or choose another name.");
        }
        return key;
    }

    /// <summary>All keys: those that are not revoked by name, then the revoked ones, newest first.</summary>
    public async Task<IReadOnlyList<ApiKeySummary>> List(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var found = await db.Set<ApiKey>().AsNoTracking()
            .OrderBy(key => key.RevokedAt != null).ThenByDescending(key => key.RevokedAt).ThenBy(key => key.Name)
            .Select(key => new { Key = key, IsDisabled = DisabledAccounts.Contains(key.CreatedBy) }).ToListAsync(cancellationToken);
        return [.. found.Select(row => new ApiKeySummary(
            row.Key, row.Key.RevokedAt is not null ? "revoked" : row.Key.IsExpired(now) ? "expired" : row.IsDisabled ? "account disabled" : ApiKeySummary.Valid))];
    }

    /// <summary>Changes when a key expires, also for an expired key.</summary>
    /// <param name="expires">The day, in UTC, from whose begin on the key is refused; null: never.</param>
    /// <exception cref="AccountException">There is no such key that is not revoked, or the day is not after today.</exception>
    public async Task SetExpiry(string name, DateOnly? expires, string by, CancellationToken cancellationToken)
    {
        var key = await FindByName(name, cancellationToken);
        key.ExpiresAt = RequireFuture(expires);
        await audit.Record(by, "API key expiry set", key.Name, DescribeExpiry(expires), cancellationToken);
    }

    /// <summary>Revokes a key for good, with immediate effect, and records it in the audit log.</summary>
    /// <exception cref="AccountException">There is no such key that is not revoked.</exception>
    public async Task Revoke(string name, string by, CancellationToken cancellationToken)
    {
        var key = await FindByName(name, cancellationToken);
        key.RevokedAt = clock.GetUtcNow();
        await audit.Record(by, "API key revoked", key.Name, null, cancellationToken);
    }

    /// <summary>
    /// Finds a key that is neither revoked nor created by an account that is disabled; it can be expired. The lookup is by hash, whose bytes a
    /// client cannot choose individually, and the final comparison takes constant time: response times reveal nothing about a key.
    /// </summary>
    /// <param name="key">The key that the client sent.</param>
    /// <returns>The stored key; null if there is none.</returns>
    public async Task<ApiKey?> Find(string key, CancellationToken cancellationToken)
    {
        var hash = HashOf(key);
        var found = await db.Set<ApiKey>().AsNoTracking()
            .SingleOrDefaultAsync(k => k.Sha256 == hash && k.RevokedAt == null && !DisabledAccounts.Contains(k.CreatedBy), cancellationToken);
        return found is not null && CryptographicOperations.FixedTimeEquals(found.Sha256, hash) ? found : null;
    }

    private IQueryable<string?> DisabledAccounts => db.Users.Where(user => user.LockoutEnd != null).Select(user => user.UserName);

    private async Task<ApiKey> FindByName(string name, CancellationToken cancellationToken) =>
        await db.Set<ApiKey>().SingleOrDefaultAsync(key => key.Name == name.Trim() && key.RevokedAt == null, cancellationToken)
        ?? throw new AccountException($"There is no API key \"{name.Trim()}\" that is not revoked; the page /access/keys and the command api-key list list the keys.");

    private DateTimeOffset? RequireFuture(DateOnly? expires)
    {
        if (expires is not { } day)
            return null;
        var instant = AuditLog.StartOf(day);
        return instant > clock.GetUtcNow() ? instant : throw new AccountException($"The expiry is {Format.Date(day)}; it must be after today, {Format.Date(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime))}.");
    }

    private static string DescribeExpiry(DateOnly? expires) => expires is null ? "never expires" : $"expires {Format.Date(expires)}";

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

/// <summary>
/// The permission of an API key. Reading and predicting are public: <c>Predict</c> grants no permission, it identifies the client and gives
/// it a rate limit of its own.
/// </summary>
public enum ApiKeyScope { Ingest, Predict, Operate }

/// <summary>An API key in a list.</summary>
/// <param name="State">"revoked", "expired", "account disabled" or <see cref="Valid"/>.</param>
public sealed record ApiKeySummary(ApiKey Key, string State)
{
    public const string Valid = "valid";
}

/// <summary>An API key. The key itself is shown once and not stored.</summary>
public sealed class ApiKey
{
    public int Id { get; private set; }

    public required string Name { get; init; }

    public required ApiKeyScope Scope { get; init; }

    /// <summary>SHA-256 of the key's UTF-8 bytes. A key has 256 random bits, so a slow password hash would not add security.</summary>
    public required byte[] Sha256 { get; init; }

    /// <summary>The last four characters of the key, which identify it in a list.</summary>
    public required string LastFour { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The account, or "command line". While the account is disabled, its keys are refused, because its owner may know them.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>From this time on the key is refused; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>The last use, see <see cref="ApiKeyUse"/>; null: not used yet.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    public DateTimeOffset? RevokedAt { get; set; }

    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;
}

internal sealed class ApiKeyConfiguration : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> key)
    {
        key.ToTable("api_keys", "access", table =>
            table.HasCheckConstraint("ck_api_keys_scope", "scope in ('ingest', 'predict', 'operate')"));
        key.Property(k => k.Name).HasMaxLength(ApiKeys.MaximumNameLength);
        key.Property(k => k.Scope).HasMaxLength(16)
            .HasConversion(scope => scope.ToString().ToLowerInvariant(), text => Enum.Parse<ApiKeyScope>(text, true));
        key.Property(k => k.LastFour).HasMaxLength(4);
        key.HasIndex(k => k.Sha256).IsUnique();
        // A revoked key frees its name, so that a replacement can have the same name.
        key.HasIndex(k => k.Name).IsUnique().HasFilter("revoked_at is null");
    }
}
