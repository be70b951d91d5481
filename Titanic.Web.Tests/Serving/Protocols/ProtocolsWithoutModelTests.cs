using System.Net;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>The responses of both protocols on a site without a champion.</summary>
[Collection<EmptySiteCollection>]
public sealed class ProtocolsWithoutModelTests(EmptySite site)
{
    private const string Message = "There is no champion model yet. Run the training pipeline";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MLflow_endpoints_return_temporarily_unavailable()
    {
        HttpResponseMessage[] responses =
        [
            await site.Send("/invocations", """{"inputs": {"pclass": [1], "sex": ["male"]}}"""),
            await site.Client.GetAsync("/ping", Cancellation), await site.Client.GetAsync("/health", Cancellation),
        ];

        foreach (var response in responses)
        {
            var error = await response.ReadJson(HttpStatusCode.ServiceUnavailable);
            Assert.Equal("TEMPORARILY_UNAVAILABLE", error.Text("error_code"));
            Assert.Contains(Message, error.Text("message"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Open_Inference_endpoints_return_the_reason()
    {
        const string body = """{"inputs": [{"name": "pclass", "shape": [1], "datatype": "INT64", "data": [1]}, {"name": "sex", "shape": [1], "datatype": "BYTES", "data": ["male"]}]}""";
        HttpResponseMessage[] responses =
        [
            await site.Send("/v2/models/titanic_knn/infer", body), await site.Send("/v2/models/titanic_knn/versions/1/explain", body),
            await site.Client.GetAsync("/v2/models/titanic_knn", Cancellation),
        ];

        foreach (var response in responses)
            Assert.Contains(Message, (await response.ReadJson(HttpStatusCode.ServiceUnavailable)).Text("error"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v2/health/live", HttpStatusCode.OK, """{"live":true}""")]
    [InlineData("/v2/health/ready", HttpStatusCode.ServiceUnavailable, """{"live":true,"ready":false}""")]
    [InlineData("/v2/models/titanic_knn/ready", HttpStatusCode.ServiceUnavailable, """{"name":"titanic_knn","ready":false}""")]
    [InlineData("/v2/models/titanic_knn/versions/1/ready", HttpStatusCode.ServiceUnavailable, """{"name":"titanic_knn","ready":false}""")]
    [InlineData("/v2/models/other/ready", HttpStatusCode.NotFound, """{"error":"There is no model \"other\"; there is only titanic_knn."}""")]
    public async Task Probes_report_a_live_process_that_is_not_ready(string path, HttpStatusCode status, string json)
    {
        var response = await (await site.Client.GetAsync(path, Cancellation)).ReadJson(status);

        Assert.Equal(json, response.GetRawText());
    }
}
