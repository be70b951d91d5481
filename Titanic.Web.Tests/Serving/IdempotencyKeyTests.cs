using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Tests.Serving;

[Collection<ModelSiteCollection>]
public sealed class IdempotencyKeyTests(ModelSite site, TestPostgres postgres)
{
    private const string Input = """{"pclass": 1, "sex": "female", "age": 29, "fare": 100}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Input, "")]
    [InlineData($"[{Input}, {Input}]", "")]
    [InlineData(Input, "?explain=true")]
    public async Task A_retry_with_the_same_key_returns_the_same_response_and_stores_no_second_row(string body, string query)
    {
        var (key, before) = (NewKey(), await Rows());

        var first = await Predict(key, body, query);
        var retry = await Predict(key, body, query);
        var withoutKey = await Predict(null, body, query);

        Assert.Equal(first, retry);
        Assert.NotEqual(first, withoutKey);
        var rows = body[0] == '[' ? 2 : 1;
        Assert.Equal(before + 2 * rows, await Rows());
        using var json = JsonDocument.Parse(first);
        Assert.Equal(rows, json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement.GetArrayLength() : 1);
    }

    [Fact]
    public async Task Concurrent_requests_with_one_key_get_one_response()
    {
        var (key, before) = (NewKey(), await Rows());

        var responses = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Predict(key, Input)));

        Assert.Single(responses.Distinct());
        Assert.Equal(before + 1, await Rows());
    }

    [Theory]
    [InlineData("""{"pclass": 2, "sex": "female", "age": 29, "fare": 100}""", "")]
    [InlineData(Input, "?explain=true")]
    public async Task Returns_422_for_another_request_with_the_same_key(string other, string query)
    {
        var key = NewKey();
        await Predict(key, Input);
        var before = await Rows();

        var rejected = await Send(key, other, query);

        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, "application/problem+json"), (rejected.StatusCode, rejected.Content.Headers.ContentType?.MediaType));
        Assert.Contains(key[..10], await rejected.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(before, await Rows());
    }

    [Fact]
    public async Task Different_callers_can_use_the_same_key()
    {
        var (key, apiKey) = (NewKey(), await NewApiKey());

        var anonymous = await Predict(key, Input);
        var named = await Predict(key, Input, apiKey: apiKey);

        Assert.NotEqual(anonymous, named);
        Assert.Equal(named, await Predict(key, Input, apiKey: apiKey));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("too long")]
    public async Task Returns_400_for_an_invalid_key(string key)
    {
        var rejected = await Send(key == "too long" ? new string('k', 256) : key, Input);

        Assert.Equal(HttpStatusCode.BadRequest, rejected.StatusCode);
        Assert.Contains(
            "1 to 255 visible ASCII characters",
            (await rejected.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejected_request_does_not_use_up_its_key()
    {
        var key = NewKey();

        Assert.Equal(HttpStatusCode.BadRequest, (await Send(key, "[]")).StatusCode);

        await Predict(key, Input);
    }

    [Fact]
    public async Task Processes_share_keys_until_they_expire()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        var clock = TestClock.CreateAt(TestWorkflow.FirstDay);
        await using var one = new TestWorkflow(database, clock);
        await using var other = new TestWorkflow(database, clock, ("Serving:Log", "off"));
        var responses = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => StoreIdempotent(i % 2 == 0 ? one : other, "key", $"response {i}")));
        Assert.Single(responses.Distinct());
        await StoreIdempotent(one, "old", "response");

        clock.Advance(TimeSpan.FromHours(25));

        Assert.Equal("a new response", await StoreIdempotent(other, "key", "a new response"));
        Assert.Equal(1, await one.Count("keyed_answers"));
    }

    private static async Task<string> StoreIdempotent(TestWorkflow workflow, string key, string response)
    {
        var log = workflow.GetRequired<PredictionLog>();
        var stored = await log.StoreIdempotent(
            new IdempotencyRecord { Caller = "", Key = key, RequestSha256 = [1], ResponseBody = Encoding.UTF8.GetBytes(response), CreatedAt = workflow.Now },
            [], log.NewDeadline());
        return Encoding.UTF8.GetString(stored.ResponseBody);
    }

    private async Task<string> Predict(string? key, string body, string query = "", string? apiKey = null)
    {
        var response = await Send(key, body, query, apiKey);
        Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return await response.Content.ReadAsStringAsync(Cancellation);
    }

    private async Task<HttpResponseMessage> Send(string? key, string body, string query = "", string? apiKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/predictions" + query)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (apiKey is not null)
            request.Headers.Add(ApiKeyAuthentication.Header, apiKey);
        return await site.Client.SendAsync(request, Cancellation);
    }

    private async Task<string> NewApiKey()
    {
        await using var scope = site.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ApiKeys>().Create(NewKey(), ApiKeyScope.Ingest, "test", Cancellation);
    }

    private async Task<long> Rows()
    {
        await using var command = site.Database.DataSource.CreateCommand("select count(*) from predictions");
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static string NewKey() => Guid.NewGuid().ToString();
}
