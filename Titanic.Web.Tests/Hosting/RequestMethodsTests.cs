using System.Net;

namespace Titanic.Web.Tests.Hosting;

[Collection<ModelSiteCollection>]
public sealed class RequestMethodsTests(ModelSite site)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/models")]
    [InlineData("/css/site.css")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/scalar")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    [InlineData("/ping")]
    [InlineData("/version")]
    [InlineData("/v2")]
    [InlineData("/v2/models/titanic_knn/ready")]
    [InlineData("/api/models")]
    [InlineData("/api/models/1")]
    [InlineData("/api/predictions")]
    [InlineData("/api/passengers?limit=3")]
    [InlineData("/api/passengers?limit=0")]
    [InlineData("/api/no/such/thing")]
    [InlineData("/api/feedback")]
    public async Task HEAD_returns_the_status_and_headers_of_GET_without_a_body(string path)
    {
        using var get = await site.Client.GetAsync(path, Cancellation);
        using var head = await Send("HEAD", path);

        Assert.Equal(
            (get.StatusCode, get.Content.Headers.ContentType?.ToString()), (head.StatusCode, head.Content.Headers.ContentType?.ToString()));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Theory]
    [InlineData("GET", "/invocations", "POST")]
    [InlineData("HEAD", "/invocations", "POST")]
    [InlineData("DELETE", "/invocations", "POST")]
    [InlineData("DELETE", "/api/predictions", "GET, HEAD, POST")]
    [InlineData("PATCH", "/api/predictions/1", "GET, HEAD")]
    [InlineData("POST", "/api/models", "GET, HEAD")]
    [InlineData("GET", "/api/models/aliases/champion/rollback", "POST")]
    [InlineData("POST", "/api/passengers/titanic3/1", "DELETE, GET, HEAD")]
    [InlineData("GET", "/v2/models/titanic_knn/infer", "POST")]
    [InlineData("PUT", "/ping", "GET, HEAD")]
    [InlineData("POST", "/metrics", "GET, HEAD")]
    [InlineData("GET", "/logout", "POST")]
    public async Task Allow_names_the_methods_of_the_path(string method, string path, string allowed)
    {
        using var response = await Send(method, path);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow));
    }

    [Theory]
    [InlineData("GET", "/api/predictions/x")]
    [InlineData("POST", "/api/predictions/x")]
    [InlineData("DELETE", "/api/no/such/thing")]
    [InlineData("POST", "/no/such/page")]
    public async Task Returns_404_without_Allow_where_no_method_is_allowed(string method, string path)
    {
        using var response = await Send(method, path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Empty(response.Content.Headers.Allow);
    }

    private async Task<HttpResponseMessage> Send(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        return await site.Client.SendAsync(request, Cancellation);
    }
}
