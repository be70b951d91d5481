using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Titanic.Web.Pages;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Pages;

[Collection<FullSiteCollection>]
public sealed partial class ApiSnippetsTests(FullSite full)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("pclass=1&sex=female&age=29&fare=100")]
    [InlineData("pclass=3&sex=MALE&age=0.5&fare=7.225")]
    [InlineData("pclass=2&sex=male&age=&fare=")]
    public async Task The_curl_command_returns_the_prediction_of_the_page(string query)
    {
        var page = await full.Get("/?" + query);

        var curl = Curl().Match(page.QuerySelector("#snippet-0")!.TextContent);
        Assert.True(curl.Success, page.QuerySelector("#snippet-0")!.TextContent);
        using var body = new StringContent(curl.Groups["body"].Value, Encoding.UTF8, curl.Groups["type"].Value);
        var response = await full.Client.PostAsync(new Uri(curl.Groups["address"].Value), body, Cancellation);

        response.EnsureSuccessStatusCode();
        var prediction = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(page.QuerySelector("#prediction meter")!.GetAttribute("value"), prediction.GetProperty("probability").GetRawText());
        Assert.Equal(page.Text("#prediction h2") == "Prediction: survived", prediction.GetProperty("survived").GetBoolean());
    }

    [Fact]
    public void Omits_missing_values_and_formats_numbers_for_each_language()
    {
        var snippets = ApiSnippets.Of("https://titanic.example:8443", new PredictionInput(3, Sex.Female, null, 7.225));

        Assert.EndsWith("""-d '{"pclass":3,"sex":"female","fare":7.225}'""", snippets.Curl, StringComparison.Ordinal);
        Assert.Contains("\"https://titanic.example:8443/api/predictions\",\n    new { pclass = 3, sex = \"female\", fare = 7.225 });", snippets.CSharp.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("""passenger = {"pclass":3,"sex":"female","fare":7.225}""", snippets.Python, StringComparison.Ordinal);
        Assert.Contains("""{"Content-Type": "application/json"})""", snippets.Python, StringComparison.Ordinal);
    }

    [Fact]
    public void Escapes_quotes_for_the_shell() => Assert.StartsWith(
        @"curl -X POST 'http://a'\''b/api/predictions' \", ApiSnippets.Of("http://a'b", new PredictionInput(1, Sex.Male)).Curl, StringComparison.Ordinal);

    [GeneratedRegex(@"^curl -X POST '(?<address>[^']+)' \\\s+-H 'Content-Type: (?<type>[^']+)' \\\s+-d '(?<body>[^']+)'$")]
    private static partial Regex Curl();
}
