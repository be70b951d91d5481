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
    public async Task Every_page_tells_the_browser_to_run_only_our_files(string path)
    {
        var answer = await visitor.Get(path);

        var csp = Csp(answer);
        Assert.Equal("'self'", csp["default-src"]);
        Assert.Matches("^'self' 'nonce-[^']+'$", csp["script-src"]);
        Assert.Equal("'self' data:", csp["img-src"]);
        Assert.Equal("'none'", csp["object-src"]);
        Assert.Equal("'self'", csp["base-uri"]);
        Assert.Equal("'self'", csp["form-action"]);
        Assert.Equal("'none'", csp["frame-ancestors"]);
        Assert.DoesNotContain("unsafe", string.Join(' ', csp.Values), StringComparison.Ordinal);
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("DENY", Header(answer, "X-Frame-Options"));
        Assert.Equal("strict-origin-when-cross-origin", Header(answer, "Referrer-Policy"));
        Assert.Contains("camera=()", Header(answer, "Permissions-Policy"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/bridge", HttpStatusCode.Unauthorized)]
    [InlineData("/api/no/such/thing", HttpStatusCode.NotFound)]
    [InlineData("/API/bridge", HttpStatusCode.Unauthorized)]
    [InlineData("/health/live", HttpStatusCode.NotFound)]
    [InlineData("/v2/models", HttpStatusCode.NotFound)]
    [InlineData("/invocations", HttpStatusCode.NotFound)]
    public async Task What_programs_ask_for_may_run_and_show_nothing_at_all(string path, HttpStatusCode status)
    {
        var answer = await visitor.Get(path);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", Header(answer, "Content-Security-Policy"));
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("DENY", Header(answer, "X-Frame-Options"));
        Assert.Equal("no-referrer", Header(answer, "Referrer-Policy"));
    }

    [Fact]
    public async Task What_a_program_of_a_signed_in_person_saw_is_kept_nowhere_either()
    {
        Assert.Null((await visitor.Get("/api/bridge")).Headers.CacheControl);
        await visitor.SignIn();

        var answer = await visitor.Get("/api/bridge");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
    }

    [Fact]
    public async Task A_nonce_serves_one_answer_only()
    {
        var first = await visitor.Get("/nonce");
        var second = await visitor.Get("/nonce");

        Assert.Contains($"'nonce-{await first.Content.ReadAsStringAsync(Visitor.Cancelled)}'", Csp(first)["script-src"], StringComparison.Ordinal);
        Assert.NotEqual(Csp(first)["script-src"], Csp(second)["script-src"]);
    }

    [Fact]
    public async Task The_dashboard_may_use_its_inline_scripts_and_styles_and_is_still_in_nobodys_frame()
    {
        var csp = Csp(await visitor.Get("/hangfire/stand-in"));

        Assert.Equal("'self' 'unsafe-inline'", csp["script-src"]);
        Assert.Equal("'self' 'unsafe-inline'", csp["style-src"]);
        Assert.Equal("'none'", csp["frame-ancestors"]);
    }

    [Fact]
    public async Task Trace_is_not_allowed()
    {
        var refused = await visitor.Send(HttpMethod.Trace, "/", null);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
        Assert.Contains("GET", refused.Content.Headers.Allow);
    }

    [Fact]
    public async Task What_a_signed_in_person_saw_is_kept_nowhere()
    {
        Assert.Null((await visitor.Get("/")).Headers.CacheControl);
        Assert.True((await visitor.Get("/login")).Headers.CacheControl?.NoStore);

        Assert.True((await visitor.SignIn()).Headers.CacheControl?.NoStore);
        Assert.True((await visitor.Get("/")).Headers.CacheControl?.NoStore);
    }

    private static Dictionary<string, string> Csp(HttpResponseMessage answer) => Header(answer, "Content-Security-Policy")
        .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(directive => directive.Split(' ', 2)).ToDictionary(parts => parts[0], parts => parts[1]);

    private static string Header(HttpResponseMessage answer, string name) => Assert.Single(answer.Headers.GetValues(name));
}
