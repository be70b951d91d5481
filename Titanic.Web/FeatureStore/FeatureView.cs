using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// A stored feature view: the features, the label and the encoder that a model uses. A version is immutable: a database trigger rejects
/// updates and deletions, and <see cref="SchemaSha256"/> detects a changed encoder.
/// </summary>
public sealed class FeatureView
{
    public required string Name { get; init; }
    public int Version { get; init; }
    public required string FeatureGroup { get; init; }
    public int FeatureGroupVersion { get; init; }
    /// <summary>Names of the encoded features, in the order of the feature vector.</summary>
    public required string[] Features { get; init; }
    /// <summary>Name of the label: "survived".</summary>
    public required string Label { get; init; }

    /// <summary>The encoder that converts raw values to <see cref="Features"/>, such as <see cref="BinnedEncoder.Id"/>.</summary>
    public required string EncoderId { get; init; }
    public required string Description { get; init; }

    /// <summary>SHA-256 of the <see cref="FeatureViewSchema"/> at creation; 64 lower-case hexadecimal digits.</summary>
    public required string SchemaSha256 { get; init; }

    internal static FeatureView FromSchema(FeatureViewSchema schema, string description) => new()
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
            FeatureView.FromSchema(BinnedEncoder.Schema, "The original's four codes: class, sex, age group and fare band; 396 possible inputs."),
            FeatureView.FromSchema(NumericEncoder.Schema, "Class, sex, age in years and the logarithm of the fare; medians of history for what is missing."));
    }
}

/// <summary>
/// The encoder of the running code differs from the encoder of the stored view, or the view is not stored. Training or prediction would
/// use other values than the stored models.
/// </summary>
public sealed class ChangedFeatureViewException(FeatureViewSchema schema, string? stored) : Exception(
    stored is null
        ? $"The feature view {schema} is not in the database. Apply the database migrations."
        : $"The feature view {schema} was stored with the schema SHA-256 {stored}, but this code's encoder has {schema.Sha256}. A stored view is immutable: restore the encoder {schema.EncoderId}, or give the changed encoder a new version.");

/// <summary>The definition of a feature view in code. Its digest is stored with the view, so that a changed encoder is detected.</summary>
/// <param name="Name">Name of the view.</param>
/// <param name="Version">Version of the view, from 1.</param>
/// <param name="EncoderId">Identifier of the encoder.</param>
/// <param name="Features">The encoded features, in the order of the feature vector.</param>
/// <param name="Constants">
/// Codes, bin edges and replacements of missing values, one line each, formatted from the constants of the encoder.
/// </param>
public sealed record FeatureViewSchema(string Name, int Version, string EncoderId, IReadOnlyList<ViewFeature> Features, IReadOnlyList<string> Constants)
{
    /// <summary>The label of all views, a boolean.</summary>
    public const string Label = "survived";

    /// <summary>The names of <see cref="Features"/>, in the same order.</summary>
    public IReadOnlyList<string> FeatureNames { get; } = [.. Features.Select(feature => feature.Name)];

    /// <summary>The schema as text: one property per line in a fixed order, each line ended by LF.</summary>
    public string Canonical { get; } = string.Concat(((string[])
    [
        $"view {Name} v{Version}",
        $"feature group {FeatureGroup.Name} v{FeatureGroup.Version}",
        .. Features.Select(feature => $"feature {feature.Name} {feature.Type}"),
        $"label {Label} boolean",
        $"encoder {EncoderId}",
        .. Constants,
    ]).Select(line => line + "\n"));

    /// <summary>SHA-256 of <see cref="Canonical"/> in UTF-8; 64 lower-case hexadecimal digits.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical)));

    /// <summary>Name and version, such as "titanic_binned v1".</summary>
    public override string ToString() => $"{Name} v{Version}";

    internal static string FormatEdges(IEnumerable<double?> edges) =>
        string.Join(", ", edges.Select(edge => edge?.ToString(CultureInfo.InvariantCulture) ?? "open"));
}

/// <summary>One encoded feature of a view.</summary>
/// <param name="Type"><see cref="Integer"/> or <see cref="Double"/>.</param>
public sealed record ViewFeature(string Name, string Type)
{
    public const string Integer = "integer";
    public const string Double = "double";
}
