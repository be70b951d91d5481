using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.FeatureStore;

/// <summary>What a model sees of the feature group: named features, a label and the one encoder. The database lets no version change.</summary>
public sealed class FeatureView
{
    public required string Name { get; init; }
    public int Version { get; init; }
    public required string FeatureGroup { get; init; }
    public int FeatureGroupVersion { get; init; }
    public required string[] Features { get; init; }
    public required string Label { get; init; }

    /// <summary>The encoder that turns raw rows into <see cref="Features"/>, such as <see cref="BinnedEncoder.Id"/>.</summary>
    public required string EncoderId { get; init; }
    public required string Description { get; init; }

    /// <summary>Digest of the <see cref="FeatureViewSchema"/> that the view was made with; lower-case hexadecimal.</summary>
    public required string SchemaSha256 { get; init; }

    internal static FeatureView Of(FeatureViewSchema schema, string description) => new()
    {
        Name = schema.Name,
        Version = schema.Version,
        FeatureGroup = FeatureStore.FeatureGroup.Name,
        FeatureGroupVersion = FeatureStore.FeatureGroup.Version,
        Features = [.. schema.FeatureNames],
        Label = FeatureViewSchema.Label,
        EncoderId = schema.EncoderId,
        Description = description,
        SchemaSha256 = schema.Sha256,
    };
}

internal sealed class FeatureViewTable : IEntityTypeConfiguration<FeatureView>
{
    public void Configure(EntityTypeBuilder<FeatureView> views)
    {
        views.ToTable("feature_views");
        views.HasKey(v => new { v.Name, v.Version });
        views.Property(v => v.SchemaSha256).IsFixedLength().HasMaxLength(64);
        views.HasData(
            FeatureView.Of(BinnedEncoder.Schema, "The original's four codes: class, sex, age group and fare band; 396 possible inputs."),
            FeatureView.Of(NumericEncoder.Schema, "Class, sex, age in years and the logarithm of the fare; medians of history for what is missing."));
    }
}

/// <summary>The code's encoder is not the one that the stored view was made with: whatever it learned or answered would be something else.</summary>
public sealed class ChangedFeatureViewException(FeatureViewSchema schema, string? stored) : Exception(
    stored is null
        ? $"The feature view {schema} is not in the database; its migration is missing."
        : $"The feature view {schema} was stored with the schema SHA-256 {stored}, but this code's encoder has {schema.Sha256}. A view never changes: restore the encoder {schema.EncoderId}, or give the changed one a new version.");
