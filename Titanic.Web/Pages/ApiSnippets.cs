using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>The question of the Predict page as other programs ask it. Unknown values are left out, so the JSON is a Python dictionary as well.</summary>
/// <param name="Curl">For a POSIX shell.</param>
/// <param name="CSharp">A whole program of .NET 10.</param>
/// <param name="Python">A whole program; nothing but its standard library.</param>
public sealed record ApiSnippets(string Curl, string CSharp, string Python)
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <param name="site">Where this site is, as the visitor calls it: "http://localhost:5000".</param>
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
            using var answer = await http.PostAsJsonAsync(
                "{{address}}",
                new { {{Members(question)}} });
            Console.WriteLine(await answer.Content.ReadAsStringAsync());
            """,
            $"""
            import json, urllib.request

            question = {json}
            request = urllib.request.Request(
                "{address}",
                json.dumps(question).encode(),
                {"{"}"Content-Type": "application/json"{"}"})
            with urllib.request.urlopen(request) as answer:
                print(json.load(answer))
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
