using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Tests.Access;

public sealed class ApiKeysTests(AccessSite site) : IClassFixture<AccessSite>, IDisposable
{
    private readonly Visitor visitor = site.App.NewVisitor();

    public void Dispose() => visitor.Dispose();

    [Theory]
    [InlineData(ApiKeyScope.Ingest, HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData(ApiKeyScope.Predict, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData(ApiKeyScope.Operate, HttpStatusCode.Forbidden, HttpStatusCode.OK)]
    public async Task A_key_grants_only_the_permission_of_its_scope(ApiKeyScope scope, HttpStatusCode ingest, HttpStatusCode operate)
    {
        var key = await Create($"{scope} key", scope);

        Assert.Equal(ingest, (await PostWithKey(key, "/api/ingest")).StatusCode);
        Assert.Equal(operate, (await PostWithKey(key, "/api/operate")).StatusCode);
    }

    [Fact]
    public async Task A_wrong_scope_returns_a_problem()
    {
        var response = await PostWithKey(await Create("too small", ApiKeyScope.Predict), "/api/operate");

        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(
            "This request requires an API key of scope operate; the API key too small has scope predict.",
            await response.Content.ReadAsStringAsync(Visitor.Cancelled),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Returns_401_for_an_unknown_key_even_with_the_administrators_cookie()
    {
        await visitor.SignIn();

        var response = await PostWithKey("titanic_unknown", "/api/operate");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("ApiKey", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
    }

    [Fact]
    public async Task A_revoked_key_is_rejected_and_its_name_can_be_reused()
    {
        var old = await Create("replaced", ApiKeyScope.Operate);

        Assert.True(await site.App.InScope<ApiKeys, bool>(keys => keys.Revoke("replaced", "test", Visitor.Cancelled)));
        var replacement = await Create("replaced", ApiKeyScope.Operate);

        Assert.Equal(HttpStatusCode.Unauthorized, (await PostWithKey(old, "/api/operate")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostWithKey(replacement, "/api/operate")).StatusCode);
        Assert.False(await site.App.InScope<ApiKeys, bool>(keys => keys.Revoke("unknown", "test", Visitor.Cancelled)));
    }

    [Fact]
    public async Task Two_keys_in_use_cannot_share_a_name()
    {
        await Create("cron", ApiKeyScope.Operate);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => Create("cron", ApiKeyScope.Ingest));
        Assert.Contains("\"cron\" is in use", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public async Task A_name_has_1_to_100_characters(int length)
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => Create(new string('n', length), ApiKeyScope.Operate));
        Assert.Contains($"has {length} characters; it must have 1 to 100", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stores_only_the_hash_and_the_last_four_characters()
    {
        var key = await Create("stored", ApiKeyScope.Ingest);

        var row = await site.App.InScope<TitanicDb, ApiKey>(db => db.Set<ApiKey>().SingleAsync(k => k.Name == "stored", Visitor.Cancelled));
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(key)), row.Sha256);
        Assert.EndsWith(row.LastFour, key, StringComparison.Ordinal);
        Assert.Equal(4, row.LastFour.Length);
        var columns = await site.App.InScope<TitanicDb, string>(db => db.Database
            .SqlQuery<string>($"select to_jsonb(k)::text as \"Value\" from access.api_keys k where name = 'stored'").SingleAsync(Visitor.Cancelled));
        Assert.Contains("\"scope\": \"ingest\"", columns, StringComparison.Ordinal);
        Assert.DoesNotContain(key, columns, StringComparison.Ordinal);
    }

    private Task<string> Create(string name, ApiKeyScope scope) =>
        site.App.InScope<ApiKeys, string>(keys => keys.Create(name, scope, "test", Visitor.Cancelled));

    private Task<HttpResponseMessage> PostWithKey(string key, string path) => visitor.Post(path, (ApiKeyAuthentication.Header, key));
}
