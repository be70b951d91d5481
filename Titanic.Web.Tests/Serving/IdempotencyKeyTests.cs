using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Tests.Serving;

[Collection<OneModelSite>]
public sealed class IdempotencyKeyTests(ModelSite site, TestPostgres postgres)
{
    private const string Question = """{"pclass": 1, "sex": "female", "age": 29, "fare": 100}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Question, "")]
    [InlineData($"[{Question}, {Question}]", "")]
    [InlineData(Question, "?explain=true")]
    public async Task The_same_request_under_a_key_has_the_same_answer_and_its_rows_once(string body, string query)
    {
        var (key, before) = (NewKey(), await Rows());

        var first = await Answer(key, body, query);
        var again = await Answer(key, body, query);
        var without = await Answer(null, body, query);

        Assert.Equal(first, again);
        Assert.NotEqual(first, without);
        var rows = body[0] == '[' ? 2 : 1;
        Assert.Equal(before + 2 * rows, await Rows());
        using var json = JsonDocument.Parse(first);
        Assert.Equal(rows, json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement.GetArrayLength() : 1);
    }

    [Fact]
    public async Task Requests_under_one_key_at_once_share_one_answer()
    {
        var (key, before) = (NewKey(), await Rows());

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Answer(key, Question)));

        Assert.Single(answers.Distinct());
        Assert.Equal(before + 1, await Rows());
    }

    [Theory]
    [InlineData("""{"pclass": 2, "sex": "female", "age": 29, "fare": 100}""", "")]
    [InlineData(Question, "?explain=true")]
    public async Task Another_request_under_a_key_is_a_mistake(string other, string query)
    {
        var key = NewKey();
        await Answer(key, Question);
        var before = await Rows();

        var refused = await Send(key, other, query);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
        Assert.Contains(key[..10], await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(before, await Rows());
    }

    [Fact]
    public async Task Callers_do_not_see_each_others_keys()
    {
        var (key, apiKey) = (NewKey(), await NewApiKey());

        var nameless = await Answer(key, Question);
        var named = await Answer(key, Question, apiKey: apiKey);

        Assert.NotEqual(nameless, named);
        Assert.Equal(named, await Answer(key, Question, apiKey: apiKey));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("longest")]
    public async Task A_key_that_cannot_be_one_is_refused(string key)
    {
        var refused = await Send(key == "longest" ? new string('k', 256) : key, Question);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("1 to 255 visible ASCII characters", (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_refused_leaves_its_key_free()
    {
        var key = NewKey();

        Assert.Equal(HttpStatusCode.BadRequest, (await Send(key, "[]")).StatusCode);

        await Answer(key, Question);
    }

    [Fact]
    public async Task Processes_share_keys_until_their_time_is_over()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        var clock = TestClock.On(TestWorkflow.FirstDay);
        await using var one = new TestWorkflow(database, clock);
        await using var other = new TestWorkflow(database, clock, ("Serving:Log", "off"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => StoreOnce(i % 2 == 0 ? one : other, "key", $"answer {i}")));
        Assert.Single(answers.Distinct());
        await StoreOnce(one, "old", "answer");

        clock.Advance(TimeSpan.FromHours(25));

        Assert.Equal("a new answer", await StoreOnce(other, "key", "a new answer"));
        Assert.Equal(1, await one.Count("keyed_answers"));
    }

    private static async Task<string> StoreOnce(TestWorkflow workflow, string key, string answer)
    {
        var log = workflow.The<PredictionLog>();
        var stored = await log.StoreIdempotent(
            new IdempotencyRecord { Caller = "", Key = key, RequestSha256 = [1], Answer = Encoding.UTF8.GetBytes(answer), CreatedAt = workflow.Now }, [], log.NewDeadline());
        return Encoding.UTF8.GetString(stored.Answer);
    }

    private async Task<string> Answer(string? key, string body, string query = "", string? apiKey = null)
    {
        var answer = await Send(key, body, query, apiKey);
        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    private async Task<HttpResponseMessage> Send(string? key, string body, string query = "", string? apiKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/predictions" + query) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
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
