using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>Makes, finds and revokes the keys of programs.</summary>
public sealed class ApiKeys(TitanicDb db, AuditLog audit, TimeProvider clock)
{
    public const int MaximumNameLength = 100;
    private const string Prefix = "titanic_"; // lets secret scanners and people see what a leaked string opens
    private const int KeyBytes = 32;

    /// <summary>Makes a key and returns it; it cannot be shown again.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    /// <exception cref="InvalidOperationException">A key of this name is in use.</exception>
    public async Task<string> Create(string name, ApiKeyScope scope, string by, CancellationToken cancellationToken)
    {
        name = name.Trim();
        if (name.Length is 0 or > MaximumNameLength)
            throw new ArgumentException($"The key's name has {name.Length} characters; it must have 1 to {MaximumNameLength}.", nameof(name));

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
            throw new InvalidOperationException($"An API key named '{name}' is in use; revoke it or choose another name.", e);
        }
        return key;
    }

    /// <summary>Ends a key at once.</summary>
    /// <returns>False when no key of this name is in use.</returns>
    public async Task<bool> Revoke(string name, string by, CancellationToken cancellationToken)
    {
        var key = await db.Set<ApiKey>().SingleOrDefaultAsync(k => k.Name == name && k.RevokedAt == null, cancellationToken);
        if (key is null) return false;
        key.RevokedAt = clock.GetUtcNow();
        await audit.Record(by, "API key revoked", name, null, cancellationToken);
        return true;
    }

    /// <summary>
    /// The key in use that was shown as <paramref name="shown"/>, or null. The index is asked for a hash, whose bytes a caller cannot
    /// choose one by one, and the last comparison takes the same time wherever the bytes differ: timing tells nothing about a key.
    /// </summary>
    public async Task<ApiKey?> Find(string shown, CancellationToken cancellationToken)
    {
        var hash = HashOf(shown);
        var key = await db.Set<ApiKey>().AsNoTracking()
            .SingleOrDefaultAsync(k => k.Sha256 == hash && k.RevokedAt == null, cancellationToken);
        return key is not null && CryptographicOperations.FixedTimeEquals(key.Sha256, hash) ? key : null;
    }

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

/// <summary>What a key may do beyond reading. <c>Predict</c> opens nothing, since predicting is public: it gives the caller a name.</summary>
public enum ApiKeyScope { Ingest, Predict, Operate }

/// <summary>A program's key. The key itself is shown once and never stored.</summary>
public sealed class ApiKey
{
    public int Id { get; private set; }

    public required string Name { get; init; }

    public required ApiKeyScope Scope { get; init; }

    /// <summary>SHA-256 of the key's UTF-8 bytes. A key is 256 random bits, so a slow password hash would add nothing.</summary>
    public required byte[] Sha256 { get; init; }

    /// <summary>Lets people recognise a key in a list.</summary>
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
        // A revoked key frees its name, so that a key can be replaced without touching whoever is configured by name.
        key.HasIndex(k => k.Name).IsUnique().HasFilter("revoked_at is null");
    }
}
