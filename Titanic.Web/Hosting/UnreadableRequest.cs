using System.Text.Json;
using System.Text.RegularExpressions;
using Titanic.Web.Passengers;

namespace Titanic.Web.Hosting;

/// <summary>
/// What the framework could not read of a request, in the caller's words: the framework's own sentences name types of ours, which mean
/// nothing to whoever sent it. A sentence that it words in another way some day is told as it stands.
/// </summary>
internal static partial class UnreadableRequest
{
    public static string Sentence(BadHttpRequestException refused) => refused.InnerException switch
    {
        JsonException misfit when Unknown().Match(misfit.Message) is { Success: true } member => UnknownMember(member),
        JsonException misfit when Required().Match(misfit.Message) is { Success: true } member =>
            $"The body lacks {member.Groups["names"].Value.Replace("'", "", StringComparison.Ordinal)}, which must be told.",
        JsonException misfit when Misfit().Match(misfit.Message) is { Success: true } kind =>
            $"The body has a value at {Excerpt.Truncate(misfit.Path ?? "$")} that is of another kind than belongs there; it must be {Words(TypeAt(misfit.Path, kind.Groups["type"].Value))}.",
        JsonException broken => $"The body is not valid JSON: {broken.Message}",
        _ when refused.Message.StartsWith("Implicit body inferred", StringComparison.Ordinal) => "The body is empty; it must be JSON.",
        _ when Bound().Match(refused.Message) is { Success: true } parameter =>
            $"{parameter.Groups["name"].Value} is \"{Excerpt.Truncate(parameter.Groups["value"].Value)}\"; it must be {Words(parameter.Groups["type"].Value)}.",
        _ when Missing().Match(refused.Message) is { Success: true } parameter => $"{parameter.Groups["name"].Value} is missing; it must be {Words(parameter.Groups["type"].Value)}.",
        _ => refused.Message,
    };

    /// <summary>The framework names now the member's type, now that of the object around it.</summary>
    private static string TypeAt(string? path, string named)
    {
        var member = path?[(path.LastIndexOf('.') + 1)..];
        var type = typeof(UnreadableRequest).Assembly.GetType(named)?.GetProperties()
            .FirstOrDefault(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name) == member)?.PropertyType;
        return type is null ? named : (Nullable.GetUnderlyingType(type) ?? type).FullName!;
    }

    private static string UnknownMember(Match member)
    {
        var known = typeof(UnreadableRequest).Assembly.GetType(member.Groups["type"].Value)?.GetProperties()
            .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).ToList() ?? [];
        return $"The body has a member {Excerpt.Truncate(member.Groups["name"].Value)} that does not exist" + (known.Count == 0 ? "." : $"; there are {string.Join(", ", known)}.");
    }

    /// <summary>A type, as the framework writes it, and as people name its values.</summary>
    private static string Words(string type) => BareName(type) switch
    {
        "int" or "long" or "short" or "Int32" or "Int64" or "Int16" => "a whole number",
        "double" or "decimal" or "float" or "Double" => "a number",
        "string" or "String" => "a text",
        "bool" or "Boolean" => "true or false",
        "DateOnly" => "a day such as 2026-11-23",
        "DateTimeOffset" => "an instant such as 2026-11-23T18:00:00Z",
        "IReadOnlyList" => "an array",
        _ => "an object",
    };

    /// <summary>"Int32" of "System.Nullable`1[System.Int32]", "long" of "Nullable&lt;long&gt;", "IReadOnlyList" of "System.Collections.Generic.IReadOnlyList`1[System.String]".</summary>
    private static string BareName(string type)
    {
        var prefix = ((string[])["System.Nullable`1[", "Nullable<"]).FirstOrDefault(prefix => type.StartsWith(prefix, StringComparison.Ordinal)) ?? "";
        var name = type[prefix.Length..].Split('`', '[', ']', '?', '<', '>')[0];
        return name[(name.LastIndexOf('.') + 1)..];
    }

    [GeneratedRegex(@"^Failed to bind parameter ""(?<type>\S+) (?<name>\w+)"" from ""(?<value>.*)""\.$", RegexOptions.Singleline)]
    private static partial Regex Bound();

    [GeneratedRegex(@"^Required parameter ""(?<type>\S+) (?<name>\w+)"" was not provided")]
    private static partial Regex Missing();

    [GeneratedRegex(@"^The JSON value could not be converted to (?<type>\S+)\. ")]
    private static partial Regex Misfit();

    [GeneratedRegex(@"^The JSON property '(?<name>.*)' could not be mapped to any \.NET member contained in type '(?<type>[^']+)'", RegexOptions.Singleline)]
    private static partial Regex Unknown();

    [GeneratedRegex(@"was missing required properties including: (?<names>[^.]+)\.")]
    private static partial Regex Required();
}
