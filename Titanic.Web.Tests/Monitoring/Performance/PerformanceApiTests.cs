using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Tests.Pages;

namespace Titanic.Web.Tests.Monitoring.Performance;

[Collection<FullSiteCollection>]
public sealed class PerformanceApiTests(FullSite site)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Returns_the_performance_of_the_window()
    {
        var response = await Get("");

        var expected = await site.Database.QueryScalar<string>(
            $"""
            select concat_ws(' ', count(*) filter (where not o.survived and not p.survived), count(*) filter (where not o.survived and p.survived),
                                  count(*) filter (where o.survived and not p.survived), count(*) filter (where o.survived and p.survived)) as "Value"
            from predictions p join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
            where p.is_live
            """);
        var live = response.GetProperty("live");
        Assert.Equal(expected, string.Join(' ', live.GetProperty("evaluation").GetProperty("confusion").EnumerateObject().Select(cell => cell.Value.GetDouble())));
        Assert.Equal(["majority", "female survives"], live.GetProperty("baselines").EnumerateArray().Select(baseline => baseline.GetProperty("subject").GetString()));
        Assert.Equal(live.GetProperty("predictions").GetInt64(), live.GetProperty("estimatedAll").GetProperty("rows").GetInt64());
        Assert.Equal(JsonValueKind.Null, response.GetProperty("now").ValueKind);
        foreach (var groups in (string[])["byVersion", "byClass", "bySex"])
            Assert.Equal(live.GetProperty("predictions").GetInt64(), response.GetProperty(groups).EnumerateArray().Sum(group => group.GetProperty("predictions").GetInt64()));
    }

    [Fact]
    public async Task Estimates_the_accuracy_of_predictions_without_passenger()
    {
        using var prediction = await site.Client.PostAsJsonAsync("/api/predictions", new { pclass = 1, sex = "female" }, Cancellation);
        prediction.EnsureSuccessStatusCode();

        var response = await Get("?source=api");

        var api = Assert.Single(response.GetProperty("bySource").EnumerateArray());
        Assert.Equal("api", api.GetProperty("group").GetString());
        Assert.Equal(0, api.GetProperty("evaluation").GetProperty("rows").GetInt32());
        Assert.InRange(api.GetProperty("estimatedUnknown").GetProperty("accuracy").GetProperty("value").GetDouble(), 0.5, 1);
        Assert.Equal(0, response.GetProperty("live").GetProperty("predictions").GetInt64());
    }

    [Fact]
    public async Task Returns_what_is_known_now_beside_a_point_in_time()
    {
        var response = await Get("?asOf=1");

        Assert.Equal(0, response.GetProperty("live").GetProperty("predictions").GetInt64());
        Assert.NotEqual(0, response.GetProperty("now").GetProperty("live").GetProperty("predictions").GetInt64());
    }

    [Theory]
    [InlineData("?days=0", "The parameter days is \"0\"; it must be a whole number between 1 and 90.")]
    [InlineData("?days=all", "The parameter days is \"all\"; it must be a whole number between 1 and 90.")]
    [InlineData("?days=7&from=2026-11-01", "The parameter days is \"7\"; it must be absent if from or to is given.")]
    [InlineData("?from=2026-11-02&to=2026-11-01", "The last day 2026-11-01 is before the first day 2026-11-02.")]
    [InlineData("?from=2026-01-01&to=2026-12-31", "The number of days from from to to is 365; it must be between 1 and 90.")]
    [InlineData("?from=yesterday", "The parameter from is \"yesterday\"; it must be a date such as 2026-11-23.")]
    [InlineData("?version=0", "The parameter version is \"0\"; it must be a whole number between 1 and 2,147,483,647.")]
    [InlineData("?source=moon", "The parameter source is \"moon\"; it must be batch, ui or api.")]
    [InlineData("?segment=crew", "The parameter segment is \"crew\"; it must be class1, class2, class3, female, male, class1-female, class1-male, class2-female, class2-male, class3-female or class3-male.")]
    [InlineData("?asOf=soon", "The point in time is \"soon\"; it must be a commit such as 17, a date such as 2026-11-23, or an instant with an offset, such as 2026-11-23T18:00:00Z or 2026-11-23T19:00:00+01:00.")]
    [InlineData("?window=7", "There is no query parameter \"window\"; there are from, to, days, version, source, segment, asOf.")]
    public async Task Rejects_invalid_parameters(string query, string message)
    {
        using var response = await site.Client.GetAsync("/api/monitoring/performance" + query, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(message, (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("detail").GetString());
    }

    private async Task<JsonElement> Get(string query) => await site.Client.GetFromJsonAsync<JsonElement>("/api/monitoring/performance" + query, Cancellation);
}
