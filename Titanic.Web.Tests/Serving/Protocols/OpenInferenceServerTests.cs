using System.Net;
using System.Text.Json;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>Tests metadata, health and errors of the Open Inference Protocol; all endpoints except inference.</summary>
[Collection<ModelSiteCollection>]
public sealed class OpenInferenceServerTests(ModelSite site)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v2", """{"name":"titanic","version":"0.1.0","extensions":["explain","binary_tensor_data"]}""")]
    [InlineData("/v2/", """{"name":"titanic","version":"0.1.0","extensions":["explain","binary_tensor_data"]}""")]
    [InlineData("/v2/health/live", """{"live":true}""")]
    [InlineData("/v2/health/ready", """{"live":true,"ready":true}""")]
    [InlineData("/v2/models/titanic_knn/ready", """{"name":"titanic_knn","ready":true}""")]
    [InlineData("/v2/models/titanic_knn/versions/1/ready", """{"name":"titanic_knn","ready":true}""")]
    [InlineData("/v2/models/titanic_knn", ModelMetadata)]
    [InlineData("/v2/models/titanic_knn/versions/1", ModelMetadata)]
    [InlineData("/v2/models/titanic_knn/versions/champion", ModelMetadata)]
    public async Task Returns_metadata_and_health_as_specified(string path, string json)
    {
        var body = await (await site.Client.GetAsync(path, Cancellation)).ReadJson(HttpStatusCode.OK);

        Assert.Equal(json.ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal), body.GetRawText());
    }

    [Theory]
    [InlineData("titanic", "", "There is no model \"titanic\"; there is only titanic_knn.")]
    [InlineData("TITANIC_KNN", "", "There is no model \"TITANIC_KNN\"; there is only titanic_knn.")]
    [InlineData("titanic_knn", "/versions/2", "The version is \"2\"; it must be 1, the loaded version of titanic_knn, or champion.")]
    [InlineData("titanic_knn", "/versions/01", "The version is \"01\"; it must be 1,")]
    [InlineData("titanic_knn", "/versions/previous", "The version is \"previous\"; it must be 1,")]
    public async Task Returns_404_for_another_model_or_version(string name, string version, string message)
    {
        var body = """{"inputs": [{"name": "pclass", "shape": [1], "datatype": "INT64", "data": [1]}, {"name": "sex", "shape": [1], "datatype": "BYTES", "data": ["male"]}]}""";
        var model = $"/v2/models/{name}{version}";
        HttpResponseMessage[] responses =
        [
            await site.Client.GetAsync(model, Cancellation), await site.Client.GetAsync($"{model}/ready", Cancellation),
            await site.Send($"{model}/infer", body), await site.Send($"{model}/explain", body),
        ];

        foreach (var response in responses)
            Assert.StartsWith(message, (await response.ReadJson(HttpStatusCode.NotFound)).Text("error"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v2/nothing")]
    [InlineData("GET", "/v2/models")]
    [InlineData("POST", "/v2/repository/index")]
    [InlineData("GET", "/v2/models/titanic_knn/infer")]
    [InlineData("DELETE", "/v2")]
    public async Task Rejects_other_requests_in_the_format_of_the_protocol(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Accept.ParseAdd("text/html,*/*"); // also for a browser

        using var response = await site.Client.SendAsync(request, Cancellation);

        var message = response.StatusCode == HttpStatusCode.NotFound
            ? $"There is no endpoint {method} {path}; check the method and the path."
            : $"The method is {method}; it must be {string.Join(" or ", response.Content.Headers.Allow)}.";
        Assert.True(response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed, response.StatusCode.ToString());
        Assert.Equal($$"""{"error":"{{message}}"}""", (await response.ReadJson(response.StatusCode)).GetRawText());
    }

    [Theory]
    [InlineData("text/plain", "The content type is \"text/plain\"; it must be application/json or application/octet-stream.")]
    [InlineData("application/json; charset=utf-16", "The charset is \"utf-16\"; it must be utf-8.")]
    public async Task Returns_415_for_another_content_type(string? contentType, string message)
    {
        var error = await (await site.Send("/v2/models/titanic_knn/infer", "{}", contentType)).ReadJson(HttpStatusCode.UnsupportedMediaType);

        Assert.Equal(message, error.Text("error"));
    }

    [Fact]
    public async Task Returns_413_in_the_format_of_the_protocol_for_an_oversized_body()
    {
        var error = await (await site.Send("/v2/models/titanic_knn/infer", new string(' ', ProtocolClient.MaximumBytes + 1))).ReadJson(HttpStatusCode.RequestEntityTooLarge);

        Assert.Equal(JsonValueKind.String, error.GetProperty("error").ValueKind);
    }

    private const string ModelMetadata =
        """
        {"name": "titanic_knn", "versions": ["1"], "platform": "mlnet_knn", "inputs": [
        {"name": "pclass", "datatype": "INT64", "shape": [-1]}, {"name": "sex", "datatype": "BYTES", "shape": [-1]},
        {"name": "age", "datatype": "FP64", "shape": [-1]}, {"name": "fare", "datatype": "FP64", "shape": [-1]}],
        "outputs": [
        {"name": "survived", "datatype": "BOOL", "shape": [-1]}, {"name": "probability", "datatype": "FP64", "shape": [-1]},
        {"name": "survivors", "datatype": "INT64", "shape": [-1]}, {"name": "neighbors", "datatype": "INT64", "shape": [-1]},
        {"name": "prediction_id", "datatype": "INT64", "shape": [-1]}]}
        """;
}
