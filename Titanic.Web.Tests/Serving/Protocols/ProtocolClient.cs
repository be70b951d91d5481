using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>Sends request bodies unchanged and reads responses as JSON.</summary>
internal static class ProtocolClient
{
    public const string Json = "application/json", Csv = "text/csv";

    /// <summary>The maximum body size of a prediction request.</summary>
    public const int MaximumBytes = 4 * 1024 * 1024;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<HttpResponseMessage> Send(this TitanicSite site, string path, string body, string? contentType = Json)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        return await site.Client.SendAsync(request, Cancellation);
    }

    /// <summary>Posts a valid request and returns the response body.</summary>
    public static async Task<JsonElement> PostOk(this TitanicSite site, string path, string body, string? contentType = Json)
    {
        var response = await site.Send(path, body, contentType);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode}: {text}");
        Assert.Equal(Json, response.Content.Headers.ContentType?.MediaType);
        return JsonElement.Parse(text);
    }

    /// <summary>The JSON body of a response with the expected status.</summary>
    public static async Task<JsonElement> ReadJson(this HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal((status, Json), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    /// <summary>The predictions of the API for the same inputs.</summary>
    public static async Task<IReadOnlyList<ComparablePrediction>> PredictByApi(this TitanicSite site, string inputs) =>
        [.. (await site.PostOk("/api/predictions", inputs)).EnumerateArray().Select(ComparablePrediction.Of)];

    public static async Task<JsonElement> Receipt(this TitanicSite site, long id) =>
        await site.Client.GetFromJsonAsync<JsonElement>($"/api/predictions/{id}", Cancellation);

    public static string Text(this JsonElement json, string name) => json.GetProperty(name).GetString()!;
}

/// <summary>The values of a prediction that depend only on its input: without id and timestamp.</summary>
internal sealed record ComparablePrediction(bool Survived, double Probability, int Survivors, int Neighbors)
{
    public static ComparablePrediction Of(JsonElement prediction) => new(
        prediction.GetProperty("survived").GetBoolean(), prediction.GetProperty("probability").GetDouble(),
        prediction.GetProperty("survivors").GetInt32(), prediction.GetProperty("neighbors").GetInt32());
}
