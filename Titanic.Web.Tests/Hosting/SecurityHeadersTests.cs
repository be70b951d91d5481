using System.Net;
using Titanic.Web.Tests.Access;

namespace Titanic.Web.Tests.Hosting;

public sealed class SecurityHeadersTests(AccessSite site) : IClassFixture<AccessSite>, IDisposable
{
    private readonly Visitor visitor = site.App.NewVisitor();

    public void Dispose() => visitor.Dispose();

    [Theory]
    [InlineData("/")]
    [InlineData("/login")]
    [InlineData("/no/such/page")]
    [InlineData("/bridge")]
    [InlineData("/versions")]
    [InlineData("/apiary")]
    public async Task A_page_allows_scripts_only_from_this_site(string path)
    {
        var response = await visitor.Get(path);

        var csp = Csp(response);
        Assert.Equal("'self'", csp["default-src"]);
        Assert.Matches("^'self' 'nonce-[^']+'$", csp["script-src"]);
        Assert.Equal("'self' data:", csp["img-src"]);
        Assert.Equal("'none'", csp["object-src"]);
        Assert.Equal("'self'", csp["base-uri"]);
        Assert.Equal("'self'", csp["form-action"]);
        Assert.Equal("'none'", csp["frame-ancestors"]);
        Assert.DoesNotContain("unsafe", string.Join(' ', csp.Values), StringComparison.Ordinal);
        Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
        Assert.Equal("DENY", Header(response, "X-Frame-Options"));
        Assert.Equal("strict-origin-when-cross-origin", Header(response, "Referrer-Policy"));
        Assert.Equal("same-origin", Header(response, "Cross-Origin-Opener-Policy"));
        Assert.Contains("camera=()", Header(response, "Permissions-Policy"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/bridge", HttpStatusCode.Unauthorized)]
    [InlineData("/api/no/such/thing", HttpStatusCode.NotFound)]
    [InlineData("/API/bridge", HttpStatusCode.Unauthorized)]
    [InlineData("/health/live", HttpStatusCode.NotFound)]
    [InlineData("/v2/models", HttpStatusCode.NotFound)]
    [InlineData("/invocations", HttpStatusCode.NotFound)]
    public async Task An_API_response_denies_all_content(string path, HttpStatusCode status)
    {
        var response = await visitor.Get(path);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", Header(response, "Content-Security-Policy"));
        Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
        Assert.Equal("DENY", Header(response, "X-Frame-Options"));
        Assert.Equal("no-referrer", Header(response, "Referrer-Policy"));
    }

    [Fact]
    public async Task API_responses_to_a_signed_in_user_are_not_cached()
    {
        Assert.Null((await visitor.Get("/api/bridge")).Headers.CacheControl);
        await visitor.SignIn();

        var response = await visitor.Get("/api/bridge");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
    }

    [Fact]
    public async Task Every_response_has_another_nonce()
    {
        var first = await visitor.Get("/nonce");
        var second = await visitor.Get("/nonce");

        Assert.Contains(
            $"'nonce-{await first.Content.ReadAsStringAsync(Visitor.Cancelled)}'", Csp(first)["script-src"], StringComparison.Ordinal);
        Assert.NotEqual(Csp(first)["script-src"], Csp(second)["script-src"]);
    }

    [Fact]
    public async Task The_dashboard_can_use_inline_scripts_and_styles_but_cannot_be_framed()
    {
        var csp = Csp(await visitor.Get("/hangfire/stand-in"));

        Assert.Equal("'self' 'unsafe-inline'", csp["script-src"]);
        Assert.Equal("'self' 'unsafe-inline'", csp["style-src"]);
        Assert.Equal("'none'", csp["frame-ancestors"]);
    }

    [Fact]
    public async Task Returns_405_for_TRACE()
    {
        var response = await visitor.Send(HttpMethod.Trace, "/", null);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Contains("GET", response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Pages_for_a_signed_in_user_are_not_cached()
    {
        Assert.Null((await visitor.Get("/")).Headers.CacheControl);
        Assert.True((await visitor.Get("/login")).Headers.CacheControl?.NoStore);

        Assert.True((await visitor.SignIn()).Headers.CacheControl?.NoStore);
        Assert.True((await visitor.Get("/")).Headers.CacheControl?.NoStore);
    }

    private static Dictionary<string, string> Csp(HttpResponseMessage response) => Header(response, "Content-Security-Policy")
        .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(directive => directive.Split(' ', 2)).ToDictionary(parts => parts[0], parts => parts[1]);

    private static string Header(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));
}
