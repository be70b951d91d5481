using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>An HTTP client with its own API key that sends rows to a site.</summary>
internal sealed class Sender : IDisposable
{
    public const string Header = "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n";

    private Sender(HttpClient client) => Client = client;

    public HttpClient Client { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Sender> To(TitanicSite site, ApiKeyScope scope = ApiKeyScope.Ingest)
    {
        await using var scoped = site.Services.CreateAsyncScope();
        var key = await scoped.ServiceProvider.GetRequiredService<ApiKeys>().Create($"a sender {Guid.NewGuid()}", scope, "a test", Cancellation);
        var client = site.NewClient();
        client.DefaultRequestHeaders.Add(ApiKeyAuthentication.Header, key);
        return new Sender(client);
    }

    public Task<HttpResponseMessage> Csv(string path, string body) => Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "text/csv"), Cancellation);

    public Task<HttpResponseMessage> Json(string path, string body) => Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Cancellation);

    /// <summary>The body of the response, whose status must be 200.</summary>
    public static async Task<JsonElement> Taken(Task<HttpResponseMessage> sending) => await Read(await sending, HttpStatusCode.OK, "application/json");

    /// <summary>The problem details of the response, which must have the status.</summary>
    public static async Task<JsonElement> Problem(Task<HttpResponseMessage> sending, HttpStatusCode status) => await Read(await sending, status, "application/problem+json");

    public static (int Inserted, int Updated, int Unchanged, int Rejected, int Outcomes) Counts(JsonElement answer) =>
        (Number(answer, "inserted"), Number(answer, "updated"), Number(answer, "unchanged"), Number(answer, "rejected"), Number(answer, "outcomes"));

    public static int Number(JsonElement answer, string name) => answer.GetProperty(name).GetInt32();

    public static string Text(JsonElement answer, string name) => answer.GetProperty(name).GetString()!;

    /// <summary>Line and reasons of every rejected row in a response.</summary>
    public static IEnumerable<(int Line, string Reasons)> Rejections(JsonElement answer) => answer.GetProperty("rejections").EnumerateArray()
        .Select(row => (Number(row, "line"), string.Join(" ", row.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()))));

    public void Dispose() => Client.Dispose();

    private static async Task<JsonElement> Read(HttpResponseMessage answer, HttpStatusCode status, string type)
    {
        var body = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True((answer.StatusCode, answer.Content.Headers.ContentType?.MediaType) == (status, type), $"{answer.StatusCode}: {body}");
        return JsonSerializer.Deserialize<JsonElement>(body);
    }
}
