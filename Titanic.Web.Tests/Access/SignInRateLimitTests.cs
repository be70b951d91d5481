using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Access;

public sealed class SignInRateLimitTests(TestPostgres postgres)
{
    [Fact]
    public async Task An_attempt_over_the_limit_returns_429_with_the_time_to_wait()
    {
        await using var app = await AccessApp.Start(postgres, settings: ("Access:SignInAttempts", "3"));
        using var visitor = app.NewVisitor();
        for (var attempt = 1; attempt <= 3; attempt++)
            Assert.Equal(HttpStatusCode.OK, (await visitor.SignIn(password: "iceberg, right ahead")).StatusCode);

        var response = await visitor.SignIn();

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        var wait = response.Headers.RetryAfter?.Delta;
        Assert.NotNull(wait);
        Assert.InRange(wait.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.Equal(
            $"Too many sign-in attempts. Try again in {wait.Value.TotalSeconds:0} seconds.",
            await Visitor.Message(response));
        Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/login")).StatusCode);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", true)]
    public void Addresses_of_one_subscriber_share_their_attempts(string first, string second, bool secondIsAllowed)
    {
        using var limit = new SignInRateLimit(Options.Create(new AccessOptions { SignInAttempts = 1 }));

        Assert.True(limit.TryAcquire(From(first), out _));
        Assert.Equal(secondIsAllowed, limit.TryAcquire(From(second), out _));
    }

    private static DefaultHttpContext From(string address) => new() { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
}
