using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.Access;

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
