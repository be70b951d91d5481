using System.Net;
using System.Text.Json;

namespace Titanic.Web.Tests.Pages.Models;

/// <summary>The comparison of two versions on the page and in the API.</summary>
[Collection(SharedSites.Name)]
public sealed class CompareTests(FullSite full, EmptySite empty)
{
    [Fact]
    public async Task Page_and_API_return_the_same_comparison()
    {
        var page = await full.Get("/models/compare?a=1&b=champion");
        using var json = JsonDocument.Parse(await full.Client.GetStringAsync("/api/models/compare?a=1&b=champion", TestContext.Current.CancellationToken));

        var predictions = json.RootElement.GetProperty("answers");
        Assert.Equal(predictions.GetProperty("sentence").GetString(), page.Text("#flip-summary"));
        Assert.Equal(predictions.GetProperty("changedFates").GetInt32(), page.QuerySelectorAll(".heat-map td.heat-to-survived, .heat-map td.heat-to-died").Length);
        Assert.Equal(predictions.GetProperty("fates").GetArrayLength(), page.QuerySelectorAll("#flips tbody tr").Length);
        Assert.Equal(396, page.QuerySelectorAll(".heat-map td").Length);
        Assert.Equal(6, page.QuerySelectorAll(".heat-map caption").Length);
        Assert.All(page.QuerySelectorAll(".heat-map td"), cell => Assert.NotEmpty(cell.GetAttribute("title")!));
        Assert.Equal(
            json.RootElement.GetProperty("metrics").GetProperty("metrics").EnumerateArray().Select(metric => metric.GetProperty("name").GetString()),
            page.Rows("#compared-metrics").Select(row => row[0]));
        Assert.Contains("only in the first: 0; only in the second: 30", page.Text("#data-difference"), StringComparison.Ordinal);
        await using var db = full.Database.NewContext();
        var (first, second) = (await KOf(1), await KOf(2));
        Assert.Equal(["k", first, second, first == second ? "no" : "yes"], page.Rows("#compared-options").Single(row => row[0] == "k"));

        async Task<string> KOf(int version) =>
            (await db.ModelVersions.FindAsync([Web.Registry.ModelRegistry.ModelName, version], TestContext.Current.CancellationToken))!.Hyperparameters["k"];
    }

    [Theory]
    [InlineData("a=1&b=17", HttpStatusCode.NotFound, "b", "There is no version 17")]
    [InlineData("a=%3Cscript%3E&b=1", HttpStatusCode.NotFound, "a", "There is no version or alias \"<script>\"")]
    [InlineData("a=&b=1", HttpStatusCode.BadRequest, "a", "The version is missing")]
    [InlineData("b=1", HttpStatusCode.BadRequest, "a", "The version is missing")]
    public async Task Shows_an_error_at_the_field_of_an_unknown_version(string query, HttpStatusCode status, string field, string message)
    {
        var page = await full.Get($"/models/compare?{query}", status);
        var response = await full.Client.GetAsync($"/api/models/compare?{query}", TestContext.Current.CancellationToken);

        Assert.StartsWith(message, page.Text($"#compare-{field}-error"), StringComparison.Ordinal);
        Assert.Equal("true", page.QuerySelector($"#compare-{field}")!.GetAttribute("aria-invalid"));
        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task Shows_the_form_with_defaults_and_an_error_without_models()
    {
        Assert.Equal("champion", (await full.Get("/models/compare")).QuerySelector("#compare-b")!.GetAttribute("value"));
        var page = await empty.Get("/models/compare?a=1&b=champion", HttpStatusCode.NotFound);
        Assert.StartsWith("There is no version 1 of titanic_knn; the page /models and GET /api/models list the versions.", page.Text("#compare-a-error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_and_every_version_link_to_the_comparison()
    {
        Assert.NotNull((await full.Get("/models")).QuerySelector("form[action='/models/compare'] input[name=a]"));
        var version = await full.Get("/models/2");
        Assert.NotNull(version.QuerySelector("a[href='/models/compare?a=champion&b=2']"));
        Assert.NotNull(version.QuerySelector("a[href='/models/compare?a=1&b=2']"));
    }
}
