using System.Net;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>A site without a model, in each protocol's own words.</summary>
[Collection<OneEmptySite>]
public sealed class NobodyCanAnswerTests(EmptySite site)
{
    private const string Sentence = "No model is in service yet. Train one first";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MLflow_is_told_that_it_is_for_the_time_being()
    {
        HttpResponseMessage[] answers =
        [
            await site.Send("/invocations", """{"inputs": {"pclass": [1], "sex": ["male"]}}"""),
            await site.Client.GetAsync("/ping", Cancellation), await site.Client.GetAsync("/health", Cancellation),
        ];

        foreach (var answer in answers)
        {
            var error = await answer.Read(HttpStatusCode.ServiceUnavailable);
            Assert.Equal("TEMPORARILY_UNAVAILABLE", error.Text("error_code"));
            Assert.Contains(Sentence, error.Text("message"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_client_of_Open_Inference_is_told_why()
    {
        const string one = """{"inputs": [{"name": "pclass", "shape": [1], "datatype": "INT64", "data": [1]}, {"name": "sex", "shape": [1], "datatype": "BYTES", "data": ["male"]}]}""";
        HttpResponseMessage[] answers =
        [
            await site.Send("/v2/models/titanic_knn/infer", one), await site.Send("/v2/models/titanic_knn/versions/1/explain", one),
            await site.Client.GetAsync("/v2/models/titanic_knn", Cancellation),
        ];

        foreach (var answer in answers)
            Assert.Contains(Sentence, (await answer.Read(HttpStatusCode.ServiceUnavailable)).Text("error"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v2/health/live", HttpStatusCode.OK, """{"live":true}""")]
    [InlineData("/v2/health/ready", HttpStatusCode.ServiceUnavailable, """{"live":true,"ready":false}""")]
    [InlineData("/v2/models/titanic_knn/ready", HttpStatusCode.ServiceUnavailable, """{"name":"titanic_knn","ready":false}""")]
    [InlineData("/v2/models/titanic_knn/versions/1/ready", HttpStatusCode.ServiceUnavailable, """{"name":"titanic_knn","ready":false}""")]
    [InlineData("/v2/models/other/ready", HttpStatusCode.NotFound, """{"error":"There is no model \"other\"; the model is titanic_knn."}""")]
    public async Task A_probe_sees_a_process_that_lives_and_is_not_ready(string path, HttpStatusCode status, string json)
    {
        var answer = await (await site.Client.GetAsync(path, Cancellation)).Read(status);

        Assert.Equal(json, answer.GetRawText());
    }
}
