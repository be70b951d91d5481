using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>An HTTP client with its own API key that sends rows to a site.</summary>
internal sealed class IngestionClient : IDisposable
{
    public const string Header = "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n";

    private IngestionClient(HttpClient client) => Http = client;

    public HttpClient Http { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<IngestionClient> Create(TitanicSite site, ApiKeyScope scope = ApiKeyScope.Ingest)
    {
        await using var scoped = site.Services.CreateAsyncScope();
        var key = await scoped.ServiceProvider.GetRequiredService<ApiKeys>().Create($"a sender {Guid.NewGuid()}", scope, "a test", Cancellation);
        var client = site.NewClient();
        client.DefaultRequestHeaders.Add(ApiKeyAuthentication.Header, key);
        return new IngestionClient(client);
    }

    public Task<HttpResponseMessage> PostCsv(string path, string body) => Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "text/csv"), Cancellation);

    public Task<HttpResponseMessage> PostJson(string path, string body) => Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Cancellation);

    /// <summary>The body of the response, whose status must be 200.</summary>
    public static async Task<JsonElement> ReadAccepted(Task<HttpResponseMessage> request) => await Read(await request, HttpStatusCode.OK, "application/json");

    /// <summary>The problem details of the response, which must have the status.</summary>
    public static async Task<JsonElement> ReadProblem(Task<HttpResponseMessage> request, HttpStatusCode status) => await Read(await request, status, "application/problem+json");

    public static (int Inserted, int Updated, int Unchanged, int Rejected, int Outcomes) Counts(JsonElement response) =>
        (Number(response, "inserted"), Number(response, "updated"), Number(response, "unchanged"), Number(response, "rejected"), Number(response, "outcomes"));

    public static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    public static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    /// <summary>Line and reasons of every rejected row in a response.</summary>
    public static IEnumerable<(int Line, string Reasons)> Rejections(JsonElement response) => response.GetProperty("rejections").EnumerateArray()
        .Select(row => (Number(row, "line"), string.Join(" ", row.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()))));

    public void Dispose() => Http.Dispose();

    private static async Task<JsonElement> Read(HttpResponseMessage response, HttpStatusCode status, string type)
    {
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True((response.StatusCode, response.Content.Headers.ContentType?.MediaType) == (status, type), $"{response.StatusCode}: {body}");
        return JsonSerializer.Deserialize<JsonElement>(body);
    }
}
