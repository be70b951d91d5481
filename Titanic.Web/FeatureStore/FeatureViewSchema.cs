using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Titanic.Web.FeatureStore;

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
