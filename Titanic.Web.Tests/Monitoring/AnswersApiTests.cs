using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Tests.Pages;

namespace Titanic.Web.Tests.Monitoring;

[Collection<OneFullSite>]
public sealed class AnswersApiTests(FullSite full)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tells_who_asked_as_the_rows_do()
    {
        using var asked = await full.Client.PostAsJsonAsync("/api/predictions", new { pclass = 1, sex = "female" }, Cancelled);
        asked.EnsureSuccessStatusCode();

        var answer = await full.Client.GetFromJsonAsync<JsonElement>("/api/monitoring/answers", Cancelled);

        foreach (var told in answer.GetProperty("sources").EnumerateArray())
        {
            var source = told.GetProperty("source").GetString();
            Assert.Equal(
                await full.Database.Ask<string>($"""select concat_ws(' ', count(*), count(*) filter (where survived), round(avg(probability)::numeric, 9)) as "Value" from predictions where source = {source}"""),
                string.Join(' ', told.GetProperty("answers").GetInt64(), told.GetProperty("surviving").GetInt64(), Mean(told)).Trim());
        }
        Assert.Equal(["batch", "ui", "api"], answer.GetProperty("sources").EnumerateArray().Select(source => source.GetProperty("source").GetString()));
        Assert.Equal(30, answer.GetProperty("days").EnumerateArray().Select(day => day.GetProperty("answers")).Where(day => day.GetProperty("source").GetString() == "batch").Sum(day => day.GetProperty("answers").GetInt64()));

        static string Mean(JsonElement told) => told.GetProperty("meanProbability") is { ValueKind: JsonValueKind.Number } mean
            ? mean.GetDouble().ToString("0.000000000", System.Globalization.CultureInfo.InvariantCulture)
            : "";
    }
}
