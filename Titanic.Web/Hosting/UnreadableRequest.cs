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
        JsonException misfit when misfit.Message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal) =>
            $"The body has a value at {Excerpt.OfCell(misfit.Path ?? "$")} that is of another kind than belongs there.",
        JsonException broken => $"The body is not valid JSON: {broken.Message}",
        _ when refused.Message.StartsWith("Implicit body inferred", StringComparison.Ordinal) => "The body is empty; it must be JSON.",
        _ when Bound().Match(refused.Message) is { Success: true } parameter =>
            $"{parameter.Groups["name"].Value} is \"{Excerpt.OfCell(parameter.Groups["value"].Value)}\"; it must be {Words(parameter.Groups["type"].Value)}.",
        _ when Missing().Match(refused.Message) is { Success: true } parameter => $"{parameter.Groups["name"].Value} is missing; it must be {Words(parameter.Groups["type"].Value)}.",
        _ => refused.Message,
    };

    /// <summary>A type of a parameter, as the framework writes it, and as people name its values.</summary>
    private static string Words(string type) => type.TrimEnd('?') switch
    {
        "int" or "long" or "short" => "a whole number",
        "double" or "decimal" or "float" => "a number",
        "string" => "a text",
        "bool" => "true or false",
        "DateOnly" => "a day such as 2026-11-23",
        "DateTimeOffset" => "an instant such as 2026-11-23T18:00:00Z",
        _ => "of another kind",
    };

    [GeneratedRegex(@"^Failed to bind parameter ""(?<type>\S+) (?<name>\w+)"" from ""(?<value>.*)""\.$", RegexOptions.Singleline)]
    private static partial Regex Bound();

    [GeneratedRegex(@"^Required parameter ""(?<type>\S+) (?<name>\w+)"" was not provided")]
    private static partial Regex Missing();
}
