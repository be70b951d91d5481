using System.Net;
using System.Text.Json;
using Titanic.Web.Tests.Pages;

namespace Titanic.Web.Tests.FeatureStore;

[Collection(SharedSites.Name)]
public sealed class StatisticsApiTests(FullSite full, EmptySite empty)
{
    private const string Scopes = "there are titanic3, upload, synthetic, api, all.";

    /// <summary>500 of 1309 passengers survived; 263 ages and one fare are missing. See BundledDatasetTests.</summary>
    [Fact]
    public async Task Returns_the_known_statistics_of_the_bundled_dataset()
    {
        var response = await Get(full, "/api/statistics?scope=titanic3");

        Assert.Equal(("titanic_passengers", 1, "titanic3"), (response.GetProperty("featureGroup").GetString(), response.GetProperty("version").GetInt32(), response.GetProperty("scope").GetString()));
        var (pclass, sex, age, fare, survived) = (Feature(response, "pclass"), Feature(response, "sex"), Feature(response, "age"), Feature(response, "fare"), Feature(response, "survived"));
        Assert.Equal((1309, 263, 1046), (Number(age, "count"), Number(age, "numNullValues"), Number(age, "numNonNullValues")));
        Assert.Equal(1046 / 1309.0, Number(age, "completeness"));
        Assert.Equal(
            ("double precision", 0.1667, 80), (age.GetProperty("featureType").GetString(), Number(age, "min"), Number(age, "max")));
        Assert.Equal((1, 512.3292), (Number(fare, "numNullValues"), Number(fare, "max")));
        Assert.Equal("""{"rank":50,"value":28}""", age.GetProperty("percentiles")[3].GetRawText());
        Assert.Equal(2.294881588999236, Number(pclass, "mean"), 12);
        Assert.Equal(0.8375159287888329, Number(pclass, "stdDev"), 12);
        Assert.Equal((0.3559969442322384, 0.4788142854276048), (Math.Round(Number(sex, "mean"), 12), Math.Round(Number(sex, "stdDev"), 12)), CloseTo);
        Assert.Equal(JsonValueKind.Null, sex.GetProperty("percentiles").ValueKind);
        Assert.Equal("""[{"value":0,"name":"died","count":809},{"value":1,"name":"survived","count":500}]""", survived.GetProperty("histogram").GetRawText());
        Assert.Equal("""{"value":3,"count":709}""", pclass.GetProperty("topValues")[0].GetRawText()); // 216 women and 493 men in class 3
        Assert.Equal((3, 3 / 1309.0), (Number(pclass, "approxNumDistinctValues"), Number(pclass, "distinctness")));
        Assert.Equal(JsonValueKind.Null, survived.GetProperty("correlationWithOutcome").ValueKind);
        // For two binary variables the Pearson correlation is the phi coefficient: 339 women survived, 127 died; 161 men survived, 682 died.
        Assert.Equal((339.0 * 682 - 127 * 161) / Math.Sqrt(466.0 * 843 * 500 * 809), Number(sex, "correlationWithOutcome"), 12);
        Assert.Equal("""{"low":0,"high":1,"count":12}""", age.GetProperty("histogram")[0].GetRawText()); // twelve infants
        Assert.Equal((120, 1046), (age.GetProperty("histogram").GetArrayLength(), age.GetProperty("histogram").EnumerateArray().Sum(bin => Number(bin, "count"))));
    }

    [Fact]
    public async Task Reads_as_of_a_commit_and_all_sources_by_default()
    {
        var then = await Get(full, "/api/statistics?asOf=1");
        var now = await Get(full, "/api/statistics");

        Assert.Equal(
            ("all", 1, 1309), (then.GetProperty("scope").GetString(), Number(then, "asOfCommitId"), Number(Feature(then, "age"), "count")));
        Assert.Equal(1339, Number(Feature(now, "age"), "count")); // plus ten passengers of the stream on each of three days
        Assert.Empty((await Get(full, "/api/statistics?asOf=1&scope=synthetic")).GetProperty("features").EnumerateArray());
    }

    [Theory]
    [InlineData("asOf=yesterday", "The point in time is \"yesterday\"; it must be a commit such as 17")]
    [InlineData("asOf=99999", "There is no commit 99999; commits go from 1 (")]
    [InlineData("scope=kaggle", "There is no scope \"kaggle\"; " + Scopes)]
    public async Task Returns_400_with_the_allowed_values_for_an_invalid_parameter(string query, string message) =>
        Assert.StartsWith(message, (await Get(full, $"/api/statistics?{query}", HttpStatusCode.BadRequest)).GetProperty("detail").GetString(), StringComparison.Ordinal);

    [Fact]
    public async Task Returns_404_for_an_empty_store() =>
        Assert.Equal("There is no commit; the store is empty.", (await Get(empty, "/api/statistics", HttpStatusCode.NotFound)).GetProperty("detail").GetString());

    [Fact]
    public async Task Returns_feature_views_with_a_schema_that_matches_the_digest()
    {
        var views = (await Get(empty, "/api/feature-views")).EnumerateArray().ToList();

        Assert.Equal(["titanic_binned", "titanic_numeric"], views.Select(view => view.GetProperty("name").GetString()));
        foreach (var view in views)
        {
            var lines = string.Concat(view.GetProperty("schema").EnumerateArray().Select(line => line.GetString() + "\n"));
            Assert.Equal(
                Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(lines))),
                view.GetProperty("schemaSha256").GetString());
        }
        var one = await Get(empty, "/api/feature-views/titanic_binned/1");
        Assert.Equal(views[0].GetRawText(), one.GetRawText());
        Assert.Equal("""["pclass","sex","age_group","fare_band"]""", one.GetProperty("features").GetRawText());
        Assert.Equal("survived", one.GetProperty("label").GetString());
        Assert.Equal(
            "There is no feature view \"titanic_binned v9\"; there are titanic_binned v1, titanic_numeric v1.",
            (await Get(empty, "/api/feature-views/titanic_binned/9", HttpStatusCode.NotFound)).GetProperty("detail").GetString());
    }

    private static bool CloseTo((double, double) expected, (double, double) found) =>
        Math.Abs(expected.Item1 - found.Item1) < 1e-11 && Math.Abs(expected.Item2 - found.Item2) < 1e-11;

    private static JsonElement Feature(JsonElement response, string name) =>
        response.GetProperty("features").EnumerateArray().Single(feature => feature.GetProperty("featureName").GetString() == name);

    private static double Number(JsonElement json, string name) => json.GetProperty(name).GetDouble();

    private static async Task<JsonElement> Get(TitanicSite site, string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        var response = await site.Client.GetAsync(path, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {body}");
        return JsonSerializer.Deserialize<JsonElement>(body);
    }
}
