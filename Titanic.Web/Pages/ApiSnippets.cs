using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>
/// Code that sends the inputs of the Predict page to the API. Missing values are omitted, so the JSON is also a valid Python dictionary.
/// </summary>
/// <param name="Curl">For a POSIX shell.</param>
/// <param name="CSharp">A complete .NET 10 program.</param>
/// <param name="Python">A complete program that uses the standard library only.</param>
public sealed record ApiSnippets(string Curl, string CSharp, string Python)
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <param name="baseUrl">The base URL of the current request, without a trailing slash: "http://localhost:5000".</param>
    public static ApiSnippets Of(string baseUrl, PredictionInput input)
    {
        var address = $"{baseUrl}/api/predictions";
        var json = JsonSerializer.Serialize(input, _json);
        return new ApiSnippets(
            $"""
            curl -X POST {QuoteForShell(address)} \
                 -H 'Content-Type: application/json' \
                 -d {QuoteForShell(json)}
            """,
            $$"""
            using System.Net.Http.Json;

            using var http = new HttpClient();
            using var response = await http.PostAsJsonAsync(
                "{{address}}",
                new { {{CSharpMembers(input)}} });
            Console.WriteLine(await response.Content.ReadAsStringAsync());
            """,
            $"""
            import json, urllib.request

            passenger = {json}
            request = urllib.request.Request(
                "{address}",
                json.dumps(passenger).encode(),
                {"{"}"Content-Type": "application/json"{"}"})
            with urllib.request.urlopen(request) as response:
                print(json.load(response))
            """);
    }

    private static string QuoteForShell(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>"pclass = 1, sex = "female", age = 29, fare = 7.25".</summary>
    private static string CSharpMembers(PredictionInput input)
    {
        (string Name, string? Value)[] members =
        [
            ("pclass", $"{input.Pclass}"), ("sex", $"\"{SexConverter.Format(input.Sex)}\""),
            ("age", input.Age?.ToString(CultureInfo.InvariantCulture)), ("fare", input.Fare?.ToString(CultureInfo.InvariantCulture)),
        ];
        return string.Join(", ", members.Where(member => member.Value is not null).Select(member => $"{member.Name} = {member.Value}"));
    }
}
