using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Tests.Serving.Protocols;

namespace Titanic.Web.Tests.Monitoring;

[Collection<FullSiteCollection>]
public sealed class PredictionListApiTests(FullSite site)
{
    private const string Header = "id,survived,probability,survivors,neighbors,modelVersion,pclass,sex,age,fare,source,live,outcome,day,runId,createdAt";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lists_the_newest_predictions_first_with_the_values_of_the_receipt()
    {
        var made = (await site.PostOk("/api/predictions", """[{"pclass": 1, "sex": "female", "age": 29, "fare": 100}, {"pclass": 3, "sex": "male"}]"""))
            .EnumerateArray().Select(prediction => prediction.GetProperty("id").GetInt64()).ToList();

        var page = await Get($"?source=api&before={made[1] + 1}&limit=2");

        var listed = page.GetProperty("predictions").EnumerateArray().ToList();
        Assert.Equal([made[1], made[0]], listed.Select(Id));
        var receipt = await site.Receipt(made[0]);
        foreach (var name in (string[])["survived", "probability", "survivors", "neighbors", "modelVersion", "pclass", "sex", "age", "fare", "source", "createdAt"])
            Assert.Equal(receipt.GetProperty(name).GetRawText(), listed[1].GetProperty(name).GetRawText());
        Assert.All((string[])["live", "outcome", "runId"], name => Assert.Equal(JsonValueKind.Null, listed[1].GetProperty(name).ValueKind));
    }

    [Theory]
    [InlineData("source=batch", "source", "batch")]
    [InlineData("live=true", "live", "true")]
    [InlineData("survived=true", "survived", "true")]
    [InlineData("survived=false&source=batch", "survived", "false")]
    [InlineData("version=1", "modelVersion", "1")]
    public async Task Filters(string query, string name, string value)
    {
        var page = await Get($"?{query}&limit=50");

        var values = page.GetProperty("predictions").EnumerateArray().Select(prediction => prediction.GetProperty(name).ToString().ToLowerInvariant()).ToList();
        Assert.NotEmpty(values);
        Assert.All(values, found => Assert.Equal(value, found));
    }

    [Fact]
    public async Task Filters_by_day_and_run()
    {
        var first = (await Get("?source=batch&limit=1")).GetProperty("predictions")[0];
        var (day, run) = (first.Text("day"), first.GetProperty("runId").GetInt64());

        var page = await Get($"?from={day}&to={day}&run={run}");

        Assert.All(page.GetProperty("predictions").EnumerateArray(), prediction => Assert.Equal((day, run), (prediction.Text("day"), prediction.GetProperty("runId").GetInt64())));
        Assert.Empty((await Get("?to=1900-01-01")).GetProperty("predictions").EnumerateArray());
    }

    [Fact]
    public async Task The_pages_have_every_prediction_once()
    {
        var all = (await Get("?source=batch&limit=1000")).GetProperty("predictions").EnumerateArray().Select(Id).ToList();
        var paged = new List<long>();
        for (var next = "/api/predictions?source=batch&limit=7"; next is not null;)
        {
            var page = await site.Client.GetFromJsonAsync<JsonElement>(next, Cancellation);
            paged.AddRange(page.GetProperty("predictions").EnumerateArray().Select(Id));
            next = page.GetProperty("next").GetString();
        }

        Assert.Equal(all, paged);
        Assert.Equal(all.OrderDescending(), all);
    }

    [Theory]
    [InlineData("format=csv", null)]
    [InlineData("", "text/csv")]
    [InlineData("", "application/json;q=0.5, text/csv")]
    public async Task Returns_CSV_with_the_values_of_JSON_and_a_link_to_the_next_page(string format, string? accept)
    {
        var query = $"?source=batch&limit=3{(format.Length == 0 ? "" : "&")}{format}";
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/predictions" + query);
        if (accept is not null)
            request.Headers.Accept.ParseAdd(accept);
        using var response = await site.Client.SendAsync(request, Cancellation);
        var lines = (await response.Content.ReadAsStringAsync(Cancellation)).Split("\r\n");

        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(Header, lines[0]);
        var json = (await Get("?source=batch&limit=3")).GetProperty("predictions").EnumerateArray().ToList();
        Assert.Equal(json.Select(prediction => string.Join(',', Header.Split(',').Select(name => Cell(prediction.GetProperty(name))))), lines[1..^1]);
        Assert.Equal($"</api/predictions{query}&before={Id(json[2])}>; rel=\"next\"", Assert.Single(response.Headers.GetValues("Link")));
    }

    [Theory]
    [InlineData("source=web", "The parameter source is \"web\"; it must be batch, ui or api.")]
    [InlineData("format=xml", "The parameter format is \"xml\"; it must be json or csv.")]
    [InlineData("limit=0", "The parameter limit is \"0\"; it must be a whole number between 1 and 1,000.")]
    [InlineData("version=0", "The parameter version is \"0\"; it must be a whole number between 1 and 2,147,483,647.")]
    [InlineData("live=maybe", "The parameter live is \"maybe\"; it must be true or false.")]
    [InlineData("from=2026-11-24&to=2026-11-23", "The last day 2026-11-23 is before the first day 2026-11-24.")]
    [InlineData("run=abc", "The parameter run is \"abc\"; it must be a whole number of at least 1.")]
    [InlineData("run=0", "The parameter run is \"0\"; it must be a whole number of at least 1.")]
    [InlineData("from=23.11.2026", "The parameter from is \"23.11.2026\"; it must be a date such as 2026-11-23.")]
    [InlineData("sauce=api", "There is no query parameter \"sauce\"; there are ")]
    public async Task Returns_400_for_an_invalid_parameter(string query, string detail)
    {
        using var response = await site.Client.GetAsync($"/api/predictions?{query}", Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(detail, JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation)).Text("detail"), StringComparison.Ordinal);
    }

    private Task<JsonElement> Get(string query) => site.Client.GetFromJsonAsync<JsonElement>("/api/predictions" + query, Cancellation);

    private static long Id(JsonElement prediction) => prediction.GetProperty("id").GetInt64();

    private static string Cell(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.ValueKind == JsonValueKind.Null ? "" : value.GetRawText();
}
