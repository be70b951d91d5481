using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
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

        await InKeys(keys => keys.Revoke("replaced", "test", Visitor.Cancelled));
        var replacement = await Create("replaced", ApiKeyScope.Operate);

        Assert.Equal(HttpStatusCode.Unauthorized, (await PostWithKey(old, "/api/operate")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostWithKey(replacement, "/api/operate")).StatusCode);
        var unknown = await Assert.ThrowsAsync<AccountException>(() => InKeys(keys => keys.Revoke("unknown", "test", Visitor.Cancelled)));
        Assert.StartsWith("There is no API key \"unknown\" that is not revoked", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_keys_in_use_cannot_share_a_name()
    {
        await Create("cron", ApiKeyScope.Operate);

        var exception = await Assert.ThrowsAsync<AccountException>(() => Create("cron", ApiKeyScope.Ingest));
        Assert.Contains("\"cron\" is in use", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public async Task A_name_has_1_to_100_characters(int length)
    {
        var exception = await Assert.ThrowsAsync<AccountException>(() => Create(new string('n', length), ApiKeyScope.Operate));
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

    [Fact]
    public async Task An_expired_key_is_rejected_with_the_reason_until_its_expiry_is_changed()
    {
        var key = await Create("passage", ApiKeyScope.Operate);
        await Expire("passage", TimeProvider.System.GetUtcNow().AddMinutes(-1));

        var expired = await PostWithKey(key, "/api/operate");
        Assert.Equal(HttpStatusCode.Unauthorized, expired.StatusCode);
        Assert.Contains("The API key passage expired at ", await expired.Content.ReadAsStringAsync(Visitor.Cancelled), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/", (ApiKeyAuthentication.Header, key))).StatusCode); // public

        await InKeys(keys => keys.SetExpiry("passage", null, "test", Visitor.Cancelled));
        Assert.Equal(HttpStatusCode.OK, (await PostWithKey(key, "/api/operate")).StatusCode);
    }

    [Fact]
    public async Task An_expiry_must_be_after_today()
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

        var refused = await Assert.ThrowsAsync<AccountException>(
            () => InKeys(keys => keys.Create("late", ApiKeyScope.Operate, today, "test", Visitor.Cancelled)));
        Assert.StartsWith("The expiry is ", refused.Message, StringComparison.Ordinal);
        await InKeys(keys => keys.Create("early", ApiKeyScope.Operate, today.AddDays(1), "test", Visitor.Cancelled));
    }

    /// <summary>One write per minute: the second use within a minute changes nothing, a use after it does.</summary>
    [Fact]
    public async Task The_last_use_is_stored_in_the_background_once_a_minute()
    {
        var key = await Create("used", ApiKeyScope.Operate);
        Assert.Null((await Find("used")).LastUsedAt);

        await PostWithKey(key, "/api/operate");
        await Eventually.True(async () => (await Find("used")).LastUsedAt is not null, "the use is stored");
        var first = (await Find("used")).LastUsedAt;
        await PostWithKey(key, "/api/operate");

        Assert.InRange(first!.Value, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow());
        Assert.Equal(first, (await Find("used")).LastUsedAt);
    }

    [Fact]
    public async Task Many_concurrent_uses_are_stored_once_and_a_use_a_minute_later_again()
    {
        var key = await Create("busy", ApiKeyScope.Operate);
        var stored = await Find("busy");
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var use = await site.App.InScope<IServiceScopeFactory, ApiKeyUse>(scopes => Task.FromResult(new ApiKeyUse(scopes, clock, NullLogger<ApiKeyUse>.Instance)));

        Parallel.For(0, 100, _ => use.Record(stored));
        await Eventually.True(async () => (await Find("busy")).LastUsedAt is not null, "the use is stored");
        var first = (await Find("busy")).LastUsedAt;
        clock.Advance(ApiKeyUse.Precision);
        use.Record(stored);
        await Eventually.True(async () => (await Find("busy")).LastUsedAt > first, "the later use is stored");

        Assert.NotEmpty(key);
    }

    private async Task Expire(string name, DateTimeOffset at) => await site.App.InScope<TitanicDb, int>(db => db.Set<ApiKey>().Where(key => key.Name == name)
        .ExecuteUpdateAsync(set => set.SetProperty(key => key.ExpiresAt, at), Visitor.Cancelled));

    private Task<ApiKey> Find(string name) =>
        site.App.InScope<TitanicDb, ApiKey>(db => db.Set<ApiKey>().AsNoTracking().SingleAsync(key => key.Name == name, Visitor.Cancelled));

    private Task InKeys(Func<ApiKeys, Task> work) => site.App.InScope<ApiKeys, bool>(async keys =>
    {
        await work(keys);
        return true;
    });

    private Task<string> Create(string name, ApiKeyScope scope) =>
        site.App.InScope<ApiKeys, string>(keys => keys.Create(name, scope, "test", Visitor.Cancelled));

    private Task<HttpResponseMessage> PostWithKey(string key, string path) => visitor.Post(path, (ApiKeyAuthentication.Header, key));
}
