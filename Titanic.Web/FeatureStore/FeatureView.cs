using System.Globalization;
using System.Security.Cryptography;
using System.Text;
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

/// <summary>A feature view as the code has it. Its digest is stored with the view, so a changed encoder cannot pass for the old one.</summary>
/// <param name="Constants">Codes, edges and what stands in for missing values: one sentence each, made of the encoder's own values.</param>
public sealed record FeatureViewSchema(string Name, int Version, string EncoderId, IReadOnlyList<ViewFeature> Features, IReadOnlyList<string> Constants)
{
    public const string Label = "survived";

    public IReadOnlyList<string> FeatureNames { get; } = [.. Features.Select(feature => feature.Name)];

    /// <summary>One fact a line, in a fixed order, each line ended by LF.</summary>
    public string Canonical { get; } = string.Concat(((string[])
    [
        $"view {Name} v{Version}",
        $"feature group {FeatureGroup.Name} v{FeatureGroup.Version}",
        .. Features.Select(feature => $"feature {feature.Name} {feature.Type}"),
        $"label {Label} boolean",
        $"encoder {EncoderId}",
        .. Constants,
    ]).Select(line => line + "\n"));

    /// <summary>Of <see cref="Canonical"/> in UTF-8; lower-case hexadecimal.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical)));

    public override string ToString() => $"{Name} v{Version}";

    internal static string List(IEnumerable<double?> edges) =>
        string.Join(", ", edges.Select(edge => edge?.ToString(CultureInfo.InvariantCulture) ?? "open"));
}

/// <param name="Type"><see cref="Integer"/> or <see cref="Double"/>.</param>
public sealed record ViewFeature(string Name, string Type)
{
    public const string Integer = "integer";
    public const string Double = "double";
}
