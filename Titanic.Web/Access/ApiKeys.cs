using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
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
