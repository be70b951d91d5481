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

    /// <param name="site">The base URL of the current request, without a trailing slash: "http://localhost:5000".</param>
    public static ApiSnippets Of(string site, PredictionInput question)
    {
        var address = $"{site}/api/predictions";
        var json = JsonSerializer.Serialize(question, _json);
        return new ApiSnippets(
            $"""
            curl -X POST {InShell(address)} \
                 -H 'Content-Type: application/json' \
                 -d {InShell(json)}
            """,
            $$"""
            using System.Net.Http.Json;

            using var http = new HttpClient();
            using var response = await http.PostAsJsonAsync(
                "{{address}}",
                new { {{Members(question)}} });
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

    private static string InShell(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>"pclass = 1, sex = "female", age = 29, fare = 7.25".</summary>
    private static string Members(PredictionInput question)
    {
        (string Name, string? Value)[] members =
        [
            ("pclass", $"{question.Pclass}"), ("sex", $"\"{SexConverter.Format(question.Sex)}\""),
            ("age", question.Age?.ToString(CultureInfo.InvariantCulture)), ("fare", question.Fare?.ToString(CultureInfo.InvariantCulture)),
        ];
        return string.Join(", ", members.Where(member => member.Value is not null).Select(member => $"{member.Name} = {member.Value}"));
    }
}
