using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Tests.Pages;

namespace Titanic.Web.Tests.Monitoring;

[Collection<FullSiteCollection>]
public sealed class PredictionVolumeApiTests(FullSite full)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_traffic_by_source_equals_counts_of_the_rows()
    {
        using var prediction = await full.Client.PostAsJsonAsync("/api/predictions", new { pclass = 1, sex = "female" }, Cancelled);
        prediction.EnsureSuccessStatusCode();

        var response = await full.Client.GetFromJsonAsync<JsonElement>("/api/monitoring/answers", Cancelled);

        foreach (var entry in response.GetProperty("sources").EnumerateArray())
        {
            var source = entry.GetProperty("source").GetString();
            Assert.Equal(
                await full.Database.QueryScalar<string>($"""select concat_ws(' ', count(*), count(*) filter (where survived), round(avg(probability)::numeric, 9)) as "Value" from predictions where source = {source}"""),
                string.Join(' ', entry.GetProperty("answers").GetInt64(), entry.GetProperty("surviving").GetInt64(), Mean(entry)).Trim());
        }
        Assert.Equal(["batch", "ui", "api"], response.GetProperty("sources").EnumerateArray().Select(source => source.GetProperty("source").GetString()));
        Assert.Equal(30, response.GetProperty("days").EnumerateArray().Select(day => day.GetProperty("answers")).Where(day => day.GetProperty("source").GetString() == "batch").Sum(day => day.GetProperty("answers").GetInt64()));

        static string Mean(JsonElement entry) => entry.GetProperty("meanProbability") is { ValueKind: JsonValueKind.Number } mean
            ? mean.GetDouble().ToString("0.000000000", System.Globalization.CultureInfo.InvariantCulture)
            : "";
    }
}
