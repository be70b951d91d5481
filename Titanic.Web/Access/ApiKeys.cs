using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>Creates, finds and revokes API keys.</summary>
public sealed class ApiKeys(TitanicDb db, AuditLog audit, TimeProvider clock)
{
    public const int MaximumNameLength = 100;
    private const string Prefix = "titanic_"; // identifies a leaked key to secret scanners and people
    private const int KeyBytes = 32;

    /// <summary>Creates a key and records it in the audit log. Only a hash of the key is stored.</summary>
    /// <param name="name">The unique name of the key, 1 to 100 characters without surrounding spaces.</param>
    /// <param name="by">The account or the command that creates the key, for the audit log.</param>
    /// <returns>The key, which cannot be read again.</returns>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    /// <exception cref="InvalidOperationException">A key with this name exists and is not revoked.</exception>
    public async Task<string> Create(string name, ApiKeyScope scope, string by, CancellationToken cancellationToken)
    {
        name = name.Trim();
        if (name.Length is 0 or > MaximumNameLength)
            throw new ArgumentException(
                $"The name of the key has {Quantity.Of(name.Length, "character")}; it must have 1 to {MaximumNameLength}.", nameof(name));

        var key = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));
        db.Add(new ApiKey
        {
            Name = name,
            Scope = scope,
            Sha256 = HashOf(key),
            LastFour = key[^4..],
            CreatedAt = clock.GetUtcNow(),
        });
        try
        {
            await audit.Record(by, "API key created", name, $"scope {scope.ToString().ToLowerInvariant()}", cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new InvalidOperationException($"An API key named \"{name}\" is in use; revoke it or choose another name.", e);
        }
        return key;
    }

    /// <summary>Revokes a key with immediate effect and records it in the audit log.</summary>
    /// <returns>False if there is no key with this name that is not revoked.</returns>
    public async Task<bool> Revoke(string name, string by, CancellationToken cancellationToken)
    {
        var key = await db.Set<ApiKey>().SingleOrDefaultAsync(k => k.Name == name && k.RevokedAt == null, cancellationToken);
        if (key is null) return false;
        key.RevokedAt = clock.GetUtcNow();
        await audit.Record(by, "API key revoked", name, null, cancellationToken);
        return true;
    }

    /// <summary>
    /// Finds a key that is not revoked. The lookup is by hash, whose bytes a client cannot choose individually, and the final comparison
    /// takes constant time: response times reveal nothing about a key.
    /// </summary>
    /// <param name="key">The key that the client sent.</param>
    /// <returns>The stored key; null if it is unknown or revoked.</returns>
    public async Task<ApiKey?> Find(string key, CancellationToken cancellationToken)
    {
        var hash = HashOf(key);
        var found = await db.Set<ApiKey>().AsNoTracking()
            .SingleOrDefaultAsync(k => k.Sha256 == hash && k.RevokedAt == null, cancellationToken);
        return found is not null && CryptographicOperations.FixedTimeEquals(found.Sha256, hash) ? found : null;
    }

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

/// <summary>
/// The permission of an API key. Reading and predicting are public: <c>Predict</c> grants no permission, it identifies the client and gives
/// it a rate limit of its own.
/// </summary>
public enum ApiKeyScope { Ingest, Predict, Operate }

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

    public DateTimeOffset? RevokedAt { get; set; }
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
