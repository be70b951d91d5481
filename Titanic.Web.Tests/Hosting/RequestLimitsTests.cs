using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Titanic.Web.Tests.Pages;

namespace Titanic.Web.Tests.Hosting;

[Collection(SharedSites.Name)]
public sealed class RequestLimitsTests(EmptySite site)
{
    private const int OversizedBytes = 20_000_000;

    /// <summary>The body is much larger than the network buffers, so a server that stops reading would break the connection.</summary>
    [Theory]
    [InlineData("/api/predictions", "detail")]
    [InlineData("/api/predictions/1/feedback", "detail")]
    [InlineData("/invocations", "message")]
    [InlineData("/v2/models/titanic_knn/infer", "error")]
    public async Task Returns_413_for_an_oversized_body(string path, string member)
    {
        using var client = site.NewClient();
        for (var i = 0; i < 3; i++)
        {
            using var body = new ByteArrayContent(new byte[OversizedBytes]);
            body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await client.PostAsync(path, body, TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            var error = await response.Content.ReadFromJsonAsync<Dictionary<string, object>>(TestContext.Current.CancellationToken);
            Assert.Equal("The body has 20,000,000 bytes; it must have at most 4,194,304 bytes. Nothing was done.", $"{error![member]}");
        }
    }

    [Fact]
    public async Task Returns_415_for_an_oversized_body_with_an_unsupported_content_type()
    {
        using var client = site.NewClient();
        using var body = new ByteArrayContent(new byte[OversizedBytes]);
        body.Headers.ContentType = new MediaTypeHeaderValue("text/plain");

        using var response = await client.PostAsync("/api/predictions", body, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }
}
