using System.Net;
using System.Text.Json;
using Titanic.Web.Access;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Hosting;

[Collection<OneEmptySite>]
public sealed class UnreadableRequestTests(EmptySite site)
{
    [Theory]
    [InlineData("/api/training-datasets", """{"sources": "upload"}""", "The body has a value at $.sources that is of another kind than belongs there; it must be an array.")]
    [InlineData("/api/training-datasets", """{"sources": [5]}""", "The body has a value at $.sources[0] that is of another kind than belongs there; it must be a text.")]
    [InlineData("/api/training-datasets", "", "The body is empty; it must be JSON.")]
    [InlineData("/api/training-datasets", "{", "The body is not valid JSON: ")]
    [InlineData("/api/pipelines/training/runs", """{"date": 5}""", "The body has a value at $.date that is of another kind than belongs there; it must be a text.")]
    public async Task A_body_that_does_not_fit_is_told_by_its_place_and_without_our_types(string path, string body, string sentence)
    {
        using var sender = await Sender.To(site, ApiKeyScope.Operate);

        Assert.StartsWith(sentence, await Detail(await sender.Json(path, body)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/predictions/1/feedback", "nosuch")]
    [InlineData("/api/predictions", "utf-16")]
    [InlineData("/api/training-datasets", "latin1")]
    [InlineData("/api/models/aliases/champion/rollback", "nosuch")]
    public async Task A_charset_other_than_UTF_8_is_refused_by_its_name(string path, string charset)
    {
        using var sender = await Sender.To(site, ApiKeyScope.Operate);
        using var body = new StringContent("{}");
        body.Headers.ContentType = new("application/json", charset);

        using var answer = await sender.Client.PostAsync(path, body, TestContext.Current.CancellationToken);

        Assert.Equal(
            $"The content type is \"application/json; charset={charset}\"; it must be application/json, in UTF-8.", await Detail(answer, HttpStatusCode.UnsupportedMediaType));
    }

    [Theory]
    [InlineData("/api/commits?before=", "before is \"\"; it must be a whole number.")]
    [InlineData("/api/commits?limit=abc", "limit is \"abc\"; it must be a whole number.")]
    [InlineData("/api/models?limit=0", "The limit is 0; it must be 1 to 200.")]
    [InlineData("/api/commits?limit=%3Cb%3E%00", "limit is \"<b>\\u0000\"; it must be a whole number.")]
    public async Task A_query_that_does_not_fit_is_told_by_its_name(string path, string sentence)
    {
        using var client = site.NewClient();

        Assert.Equal(sentence, await Detail(await client.GetAsync(path, TestContext.Current.CancellationToken)));
    }

    private static async Task<string> Detail(HttpResponseMessage answer, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Titanic.", text, StringComparison.Ordinal);
        return JsonDocument.Parse(text).RootElement.GetProperty("detail").GetString()!;
    }
}
