using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Titanic.Web.Tests.Pages;

namespace Titanic.Web.Tests.Hosting;

[Collection(SharedSites.Name)]
public sealed class RequestLimitsTests(EmptySite site)
{
    private const int MuchTooLong = 20_000_000;

    /// <summary>Far more than fits into what the network holds on its way, so that a server that stopped reading would break the connection.</summary>
    [Theory]
    [InlineData("/api/predictions", "detail")]
    [InlineData("/api/predictions/1/feedback", "detail")]
    [InlineData("/invocations", "message")]
    [InlineData("/v2/models/titanic_knn/infer", "error")]
    public async Task Who_sends_too_much_without_asking_is_told_so(string path, string member)
    {
        using var client = site.NewClient();
        for (var i = 0; i < 3; i++)
        {
            using var body = new ByteArrayContent(new byte[MuchTooLong]);
            body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await client.PostAsync(path, body, TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
            var told = await answer.Content.ReadFromJsonAsync<Dictionary<string, object>>(TestContext.Current.CancellationToken);
            Assert.Equal("The body has 20000000 bytes; it must have at most 4194304 bytes. Nothing was done.", $"{told![member]}");
        }
    }

    [Fact]
    public async Task Who_sends_too_much_of_the_wrong_kind_is_told_the_kind()
    {
        using var client = site.NewClient();
        using var body = new ByteArrayContent(new byte[MuchTooLong]);
        body.Headers.ContentType = new MediaTypeHeaderValue("text/plain");

        using var answer = await client.PostAsync("/api/predictions", body, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }
}
