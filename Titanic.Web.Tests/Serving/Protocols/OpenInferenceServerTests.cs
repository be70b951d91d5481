using System.Net;
using System.Text;
using System.Text.Json;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>Metadata, health and everything that is no inference, by the Open Inference Protocol.</summary>
[Collection<OneModelSite>]
public sealed class OpenInferenceServerTests(ModelSite site)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v2", """{"name":"titanic","version":"0.1.0","extensions":["explain"]}""")]
    [InlineData("/v2/", """{"name":"titanic","version":"0.1.0","extensions":["explain"]}""")]
    [InlineData("/v2/health/live", """{"live":true}""")]
    [InlineData("/v2/health/ready", """{"live":true,"ready":true}""")]
    [InlineData("/v2/models/titanic_knn/ready", """{"name":"titanic_knn","ready":true}""")]
    [InlineData("/v2/models/titanic_knn/versions/1/ready", """{"name":"titanic_knn","ready":true}""")]
    [InlineData("/v2/models/titanic_knn", ModelMetadata)]
    [InlineData("/v2/models/titanic_knn/versions/1", ModelMetadata)]
    [InlineData("/v2/models/titanic_knn/versions/champion", ModelMetadata)]
    public async Task Server_and_model_tell_what_the_protocol_asks(string path, string json)
    {
        var answer = await (await site.Client.GetAsync(path, Cancellation)).Read(HttpStatusCode.OK);

        Assert.Equal(json.ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal), answer.GetRawText());
    }

    [Theory]
    [InlineData("titanic", "", "There is no model \"titanic\"; the model is titanic_knn.")]
    [InlineData("TITANIC_KNN", "", "There is no model \"TITANIC_KNN\"; the model is titanic_knn.")]
    [InlineData("titanic_knn", "/versions/2", "Version \"2\" of titanic_knn is not in service; version 1 is, and no other answers.")]
    [InlineData("titanic_knn", "/versions/01", "Version \"01\" of titanic_knn is not in service;")]
    [InlineData("titanic_knn", "/versions/previous", "Version \"previous\" of titanic_knn is not in service;")]
    public async Task Another_model_or_version_is_unknown(string name, string version, string message)
    {
        var one = """{"inputs": [{"name": "pclass", "shape": [1], "datatype": "INT64", "data": [1]}, {"name": "sex", "shape": [1], "datatype": "BYTES", "data": ["male"]}]}""";
        var model = $"/v2/models/{name}{version}";
        HttpResponseMessage[] answers =
        [
            await site.Client.GetAsync(model, Cancellation), await site.Client.GetAsync($"{model}/ready", Cancellation),
            await site.Send($"{model}/infer", one), await site.Send($"{model}/explain", one),
        ];

        foreach (var answer in answers)
            Assert.StartsWith(message, (await answer.Read(HttpStatusCode.NotFound)).Text("error"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v2/nothing")]
    [InlineData("GET", "/v2/models")]
    [InlineData("POST", "/v2/repository/index")]
    [InlineData("GET", "/v2/models/titanic_knn/infer")]
    [InlineData("DELETE", "/v2")]
    public async Task Whatever_else_is_asked_is_refused_in_the_same_shape(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Accept.ParseAdd("text/html,*/*"); // even for a browser

        using var answer = await site.Client.SendAsync(request, Cancellation);

        var sentence = answer.StatusCode == HttpStatusCode.NotFound
            ? $"{method} {path} is not part of the protocol, or of what this server has of it."
            : $"The method is {method}; it must be {string.Join(", ", answer.Content.Headers.Allow)}.";
        Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed, answer.StatusCode.ToString());
        Assert.Equal($$"""{"error":"{{sentence}}"}""", (await answer.Read(answer.StatusCode)).GetRawText());
    }

    [Theory]
    [InlineData("text/plain", "The content type is \"text/plain\"; it must be application/json.")]
    [InlineData("application/octet-stream", "The content type is \"application/octet-stream\"; it must be application/json.")]
    [InlineData("application/json; charset=utf-16", "The charset is \"utf-16\"; it must be utf-8.")]
    [InlineData(null, "The request has no content type; it must be application/json.")]
    public async Task Another_content_type_is_refused(string? contentType, string message)
    {
        var error = await (await site.Send("/v2/models/titanic_knn/infer", "{}", contentType)).Read(HttpStatusCode.UnsupportedMediaType);

        Assert.Equal(message, error.Text("error"));
    }

    [Fact]
    public async Task A_request_with_binary_tensors_is_told_that_they_are_not_taken()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/titanic_knn/infer") { Content = new StringContent("{}\u0001", Encoding.UTF8, "application/json") };
        request.Headers.Add("Inference-Header-Content-Length", "2");

        var error = await (await site.Client.SendAsync(request, Cancellation)).Read(HttpStatusCode.BadRequest);

        Assert.StartsWith("The request has the header Inference-Header-Content-Length; tensors are taken as JSON only", error.Text("error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_too_large_for_the_server_is_refused_in_the_same_shape()
    {
        var error = await (await site.Send("/v2/models/titanic_knn/infer", new string(' ', Caller.MostBytes + 1))).Read(HttpStatusCode.RequestEntityTooLarge);

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
