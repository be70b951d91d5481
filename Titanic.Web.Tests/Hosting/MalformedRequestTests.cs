using System.Net;
using System.Text.Json;
using Titanic.Web.Access;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Hosting;

[Collection<EmptySiteCollection>]
public sealed class MalformedRequestTests(EmptySite site)
{
    [Theory]
    [InlineData("/api/training-datasets", """{"sources": "upload"}""", "The value at $.sources of the body has the wrong type; it must be an array.")]
    [InlineData("/api/training-datasets", """{"sources": [5]}""", "The value at $.sources[0] of the body has the wrong type; it must be a string.")]
    [InlineData("/api/training-datasets", "", "The body is empty; it must be JSON.")]
    [InlineData("/api/training-datasets", "{", "Line 1, byte 2: the body is not valid JSON. ")]
    [InlineData("/api/pipelines/training/runs", """{"date": 5}""", "The value at $.date of the body has the wrong type; it must be a string.")]
    public async Task Reports_the_JSON_path_and_the_allowed_type_of_an_invalid_body(string path, string body, string message)
    {
        using var sender = await IngestionClient.Create(site, ApiKeyScope.Operate);

        Assert.StartsWith(message, await Detail(await sender.PostJson(path, body)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/predictions/1/feedback", "nosuch")]
    [InlineData("/api/predictions", "utf-16")]
    [InlineData("/api/training-datasets", "latin1")]
    [InlineData("/api/models/aliases/champion/rollback", "nosuch")]
    public async Task Returns_415_for_a_charset_other_than_UTF_8(string path, string charset)
    {
        using var sender = await IngestionClient.Create(site, ApiKeyScope.Operate);
        using var body = new StringContent("{}");
        body.Headers.ContentType = new("application/json", charset);

        using var response = await sender.Http.PostAsync(path, body, TestContext.Current.CancellationToken);

        Assert.Equal(
            $"The content type is \"application/json; charset={charset}\"; it must be application/json, in UTF-8.",
            await Detail(response, HttpStatusCode.UnsupportedMediaType));
    }

    [Theory]
    [InlineData("/api/commits?before=", "The parameter before is empty; it must be a whole number.")]
    [InlineData("/api/commits?limit=abc", "The parameter limit is \"abc\"; it must be a whole number between 1 and 1,000.")]
    [InlineData("/api/models?limit=0", "The parameter limit is \"0\"; it must be a whole number between 1 and 200.")]
    [InlineData("/api/commits?limit=1&limit=2", "The parameter limit is given 2 times; it must be given once.")]
    [InlineData("/api/commits?limt=5", "There is no query parameter \"limt\"; there are before, limit.")]
    [InlineData("/api/commits/1?limt=5", "There is no query parameter \"limt\"; this endpoint has no query parameters.")]
    [InlineData("/api/commits?limit=%3Cb%3E%00", "The parameter limit is \"<b>\\u0000\"; it must be a whole number between 1 and 1,000.")]
    public async Task Reports_the_name_of_an_invalid_query_parameter(string path, string message)
    {
        using var client = site.NewClient();

        Assert.Equal(message, await Detail(await client.GetAsync(path, TestContext.Current.CancellationToken)));
    }

    private static async Task<string> Detail(HttpResponseMessage response, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Titanic.", text, StringComparison.Ordinal);
        return JsonDocument.Parse(text).RootElement.GetProperty("detail").GetString()!;
    }
}
