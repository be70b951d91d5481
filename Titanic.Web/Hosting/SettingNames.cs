using System.Reflection;
using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Hosting;

/// <summary>
/// The names of all settings: the properties of the options types, which have a constant <c>Section</c>, and the settings without one.
/// Other sections, such as Logging and Kestrel, belong to ASP.NET Core and are not checked.
/// </summary>
internal sealed class SettingNames
{
    private const string ConnectionStrings = "ConnectionStrings";

    public static IReadOnlyList<string> All { get; } =
    [
        .. ((string[])
            [AllowedHosts.Setting, $"{ConnectionStrings}:Titanic", "Titanic:DataDirectory", "Titanic:PathBase", ProcessRoles.Setting, "Titanic:SecretsDirectory"])
            .Concat(typeof(SettingNames).Assembly.GetTypes().SelectMany(OfOptions)).Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>The first parts of the names.</summary>
    public static IReadOnlyList<string> Sections { get; } = [.. All.Select(name => name.Split(':')[0]).Distinct()];

    /// <summary>One message for each setting of these sections that does not exist; empty if all exist.</summary>
    public static IEnumerable<string> FindUnknown(IConfiguration configuration) => Sections.Where(section => section != ConnectionStrings)
        .SelectMany(section => configuration.GetSection(section).AsEnumerable())
        .Where(setting => setting.Value is not null && setting.Key.Contains(':', StringComparison.Ordinal)) // "Stream" alone is no setting
        .Where(setting => !All.Contains(WithoutIndexes(setting.Key), StringComparer.OrdinalIgnoreCase) && !IsEmptySection(setting))
        .Select(setting => $"There is no setting \"{Excerpt.TruncateRecord(setting.Key)}\"; the nearest name is {Nearest(setting.Key)}.");

    /// <summary>The test host of ASP.NET Core passes --Access:RateLimits= for each section.</summary>
    private static bool IsEmptySection(KeyValuePair<string, string?> setting) =>
        setting.Value is "" && All.Any(name => name.StartsWith($"{WithoutIndexes(setting.Key)}:", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> OfOptions(Type type) =>
        type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() is string section ? OfProperties(type, section) : [];

    private static IEnumerable<string> OfProperties(Type type, string section) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite)
        .SelectMany(property => ItemType(property.PropertyType) is { IsClass: true } type && type != typeof(string)
            ? OfProperties(type, $"{section}:{NameOf(property)}")
            : [$"{section}:{NameOf(property)}"]);

    /// <summary>The type of the items of a list, otherwise the type itself.</summary>
    private static Type ItemType(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : type;

    /// <summary>"Alerts:Webhooks:Url" for "Alerts:Webhooks:0:Url".</summary>
    public static string WithoutIndexes(string key) => string.Join(':', key.Split(':').Where(part => !part.All(char.IsAsciiDigit)));

    private static string NameOf(PropertyInfo property) => property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? property.Name;

    private static string Nearest(string unknown) => All.MinBy(name => Distance(name.ToUpperInvariant(), unknown.ToUpperInvariant()))!;

    /// <summary>
    /// The number of inserted, deleted and replaced characters that changes one text into the other (Levenshtein, "Binary codes capable of
    /// correcting deletions, insertions, and reversals", 1966).
    /// </summary>
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }

    /// <summary>Refuses to start with a setting that does not exist: it is a typing error, and the default would apply silently.</summary>
    internal sealed class Validator(IConfiguration configuration) : IValidateOptions<SettingNames>
    {
        public ValidateOptionsResult Validate(string? name, SettingNames options) => FindUnknown(configuration).ToList() is { Count: > 0 } unknown
            ? ValidateOptionsResult.Fail(unknown)
            : ValidateOptionsResult.Success;
    }
}
