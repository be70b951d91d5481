using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Access;

/// <summary>The end of sessions, with a clock that the tests set.</summary>
public sealed class SessionTests(TestPostgres postgres)
{
    private const string Email = "officer@titanic.local", Password = "women and children first";
    private readonly FakeTimeProvider clock = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task A_session_ends_at_its_lifetime_also_with_requests()
    {
        await using var app = await StartApp();
        using var visitor = app.NewVisitor();
        await visitor.SignIn();
        for (var hour = 6; hour < 24; hour += 6)
        {
            clock.Advance(TimeSpan.FromHours(6));
            Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/bridge")).StatusCode);
        }

        clock.Advance(TimeSpan.FromHours(6));

        Assert.Equal(HttpStatusCode.Redirect, (await visitor.Get("/bridge")).StatusCode);
        await visitor.SignIn();
        Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/bridge")).StatusCode);
    }

    [Fact]
    public async Task A_session_ends_after_the_session_time_without_requests()
    {
        await using var app = await StartApp();
        using var visitor = app.NewVisitor();
        await visitor.SignIn();

        clock.Advance(TimeSpan.FromHours(8) + TimeSpan.FromSeconds(1));

        Assert.Equal(HttpStatusCode.Redirect, (await visitor.Get("/bridge")).StatusCode);
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("sign out everywhere")]
    [InlineData("reset password")]
    [InlineData("role")]
    [InlineData("reset second factor")]
    public async Task The_next_request_after_an_administrators_change_of_the_account_is_not_signed_in(string change)
    {
        await using var app = await StartApp();
        await app.AddAccount(Email, AccountRoles.Operator, Password);
        using var first = app.NewVisitor();
        using var second = app.NewVisitor();
        foreach (var session in (Visitor[])[first, second])
        {
            await session.SignIn(Email, Password);
            Assert.Equal(HttpStatusCode.OK, (await session.Get("/bridge")).StatusCode);
        }

        await app.InScope<Accounts, bool>(async accounts =>
        {
            await (change switch
            {
                "disable" => accounts.Disable(Email, "test", Visitor.Cancelled),
                "sign out everywhere" => accounts.SignOutEverywhere(Email, "test", Visitor.Cancelled),
                "reset password" => accounts.ResetPassword(Email, null, "test", Visitor.Cancelled),
                "role" => accounts.SetRole(Email, AccountRoles.Viewer, "test", Visitor.Cancelled),
                _ => accounts.ResetSecondFactor(Email, "test", Visitor.Cancelled),
            });
            return true;
        });

        Assert.Equal(HttpStatusCode.Redirect, (await first.Get("/bridge")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await second.Get("/bridge")).StatusCode);
    }

    private Task<AccessApp> StartApp() => AccessApp.Start(
        postgres, add: services => services.AddSingleton<TimeProvider>(clock), settings: [("Access:SessionLifetime", "1.00:00:00"), ("Access:SignInAttempts", "1000")]);
}
