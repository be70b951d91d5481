using System.Net;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Access;

public sealed class CrossOriginTests(CrossOriginTests.CrossOriginSite site) : IClassFixture<CrossOriginTests.CrossOriginSite>
{
    private const string Allowed = "https://notebook.example", AllowedToo = "http://localhost:3000";

    /// <summary>A site that scripts of two origins may call.</summary>
    public sealed class CrossOriginSite(TestPostgres postgres)
        : TitanicSite(postgres, ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"), ("Access:Cors:Origins", $"{Allowed}/, {AllowedToo}"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Allowed)]
    [InlineData(AllowedToo)]
    public async Task Allows_requests_of_the_configured_origins_without_credentials(string origin)
    {
        foreach (var (method, path) in ((string, string)[])[("GET", "/api/models"), ("POST", "/api/predictions"), ("POST", "/v2/models/titanic_knn/infer"), ("GET", "/ping")])
        {
            using var preflight = await Send("OPTIONS", path, origin, method);
            using var response = await Send(method, path, origin);

            Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
            Assert.Equal(origin, Header(preflight, "Access-Control-Allow-Origin"));
            Assert.Contains(method, Header(preflight, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
            Assert.Equal("x-api-key", Header(preflight, "Access-Control-Allow-Headers"));
            Assert.Equal(origin, Header(response, "Access-Control-Allow-Origin"));
            Assert.Null(Header(response, "Access-Control-Allow-Credentials"));
        }
    }

    [Theory]
    [InlineData("https://evil.example", "/api/models")]
    [InlineData("http://notebook.example", "/api/models")]
    [InlineData(Allowed, "/models")]
    [InlineData(Allowed, "/login")]
    public async Task Allows_no_other_origin_and_no_page(string origin, string path)
    {
        using var response = await Send("GET", path, origin);

        Assert.Null(Header(response, "Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("*", true)]
    [InlineData("https://a.example, http://localhost:3000/", true)]
    [InlineData("a.example", false)]
    [InlineData("https://a.example/path", false)]
    [InlineData("ftp://a.example", false)]
    [InlineData("https://*.example", false)]
    public void Validates_the_setting(string origins, bool isValid)
    {
        var result = new CrossOriginOptionsValidator().Validate(null, new CrossOriginOptions { Origins = origins });

        Assert.Equal(isValid, result.Succeeded);
        if (!isValid)
            Assert.Equal($"Access:Cors:Origins is \"{origins}\"; it must be a list of origins such as https://example.org, or *.", Assert.Single(result.Failures!));
    }

    private async Task<HttpResponseMessage> Send(string method, string path, string origin, string? requested = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Origin", origin);
        if (requested is not null)
        {
            request.Headers.Add("Access-Control-Request-Method", requested);
            request.Headers.Add("Access-Control-Request-Headers", "x-api-key");
        }
        return await site.Client.SendAsync(request, Cancellation);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}

/// <summary>The default: no cross-origin requests.</summary>
[Collection<EmptySiteCollection>]
public sealed class CrossOriginDefaultTests(EmptySite site)
{
    [Theory]
    [InlineData("GET")]
    [InlineData("OPTIONS")]
    public async Task Allows_no_origin_by_default(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/models");
        request.Headers.Add("Origin", "https://notebook.example");
        request.Headers.Add("Access-Control-Request-Method", "GET");

        using var response = await site.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }
}
