using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.FeatureStore;

/// <summary>What a model sees of the feature group: named features, a label and the one encoder. Versions never change.</summary>
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
}

internal sealed class FeatureViewTable : IEntityTypeConfiguration<FeatureView>
{
    public void Configure(EntityTypeBuilder<FeatureView> views)
    {
        views.ToTable("feature_views");
        views.HasKey(v => new { v.Name, v.Version });
        views.HasData(new FeatureView
        {
            Name = BinnedEncoder.ViewName,
            Version = BinnedEncoder.ViewVersion,
            FeatureGroup = FeatureStore.FeatureGroup.Name,
            FeatureGroupVersion = FeatureStore.FeatureGroup.Version,
            Features = [.. BinnedEncoder.FeatureNames],
            Label = "survived",
            EncoderId = BinnedEncoder.Id,
            Description = "The original's four codes: class, sex, age group and fare band; 396 possible inputs.",
        });
    }
}
