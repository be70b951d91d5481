using System.Net;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Access;

public sealed class CookieAntiforgeryTests(AccessSite site) : IClassFixture<AccessSite>, IDisposable
{
    private readonly Visitor visitor = site.App.NewVisitor();

    public void Dispose() => visitor.Dispose();

    [Fact]
    public async Task Returns_400_for_a_write_by_cookie_without_a_token()
    {
        await visitor.SignIn();

        var forged = await visitor.Post("/api/operate");

        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        Assert.Equal("application/problem+json", forged.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.BadRequest, (await visitor.Post("/logout")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/bridge")).StatusCode); // still signed in
    }

    [Fact]
    public async Task Accepts_a_write_by_cookie_with_a_token()
    {
        await visitor.SignIn();

        Assert.Equal(HttpStatusCode.OK, (await visitor.PostWithToken("/api/operate")).StatusCode);
    }

    [Fact]
    public async Task Rejects_the_token_of_an_anonymous_user_for_the_administrator()
    {
        var anonymous = await (await visitor.Get("/token")).Content.ReadAsStringAsync(Visitor.Cancelled);
        await visitor.SignIn();

        Assert.Equal(HttpStatusCode.BadRequest, (await visitor.Post("/api/operate", (CookieAntiforgery.Header, anonymous))).StatusCode);
    }

    [Fact]
    public async Task A_key_requires_no_token_even_with_a_cookie()
    {
        await visitor.SignIn();
        var key = await site.App.InScope<ApiKeys, string>(keys => keys.Create("cron", ApiKeyScope.Operate, "test", Visitor.Cancelled));

        Assert.Equal(HttpStatusCode.OK, (await visitor.Post("/api/operate", (ApiKeyAuthentication.Header, key))).StatusCode);
    }
}
