using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Access;

/// <summary>Sign-ins of strangers and of the owner, with a clock that the tests set.</summary>
public sealed class SignInThrottleTests(TestPostgres postgres)
{
    private const string Stranger = "198.51.100.1", OwnerAtHome = "203.0.113.5", OwnerElsewhere = "203.0.113.77";
    private readonly FakeTimeProvider clock = new(DateTimeOffset.UtcNow);

    [Theory]
    [InlineData(AccessApp.Email)]
    [InlineData("nobody@titanic.local")]
    public async Task The_delay_of_an_address_doubles_up_to_ten_minutes_for_existing_and_unknown_accounts(string email)
    {
        await using var app = await StartApp();
        using var stranger = app.NewVisitor(Stranger);
        for (var attempt = 1; attempt <= 3; attempt++)
            Assert.Equal(HttpStatusCode.OK, await Guess(stranger, email));

        var delays = new List<double>();
        for (var round = 1; round <= 12; round++)
            delays.Add((await GuessAfterDelay(stranger, email)).TotalSeconds);

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600], delays);
    }

    [Fact]
    public async Task The_owner_signs_in_from_another_address_while_a_stranger_is_delayed()
    {
        await using var app = await StartApp();
        using var stranger = app.NewVisitor(Stranger);
        using var owner = app.NewVisitor(OwnerAtHome);
        await GuessUntilDelayed(stranger);

        Assert.Equal(HttpStatusCode.Redirect, (await owner.SignIn()).StatusCode);
    }

    /// <summary>A guess is the worst moment for the owner: the delay of the account has just begun.</summary>
    [Fact]
    public async Task A_stranger_who_guesses_for_hours_delays_the_owner_at_an_unknown_device_by_at_most_a_minute_of_ten()
    {
        await using var app = await StartApp();
        using var stranger = app.NewVisitor(Stranger);
        using var owner = app.NewVisitor(OwnerElsewhere);
        var begin = clock.GetUtcNow();
        await GuessUntilDelayed(stranger);
        var delay = TimeSpan.Zero;
        while (clock.GetUtcNow() - begin < TimeSpan.FromHours(4))
            delay = await GuessAfterDelay(stranger);

        Assert.Equal(TimeSpan.FromMinutes(10), delay);
        var delayed = await owner.SignIn();
        Assert.Equal(HttpStatusCode.TooManyRequests, delayed.StatusCode);
        Assert.InRange(delayed.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        clock.Advance(delayed.Headers.RetryAfter.Delta.Value);
        Assert.Equal(HttpStatusCode.Redirect, (await owner.SignIn()).StatusCode);
    }

    [Fact]
    public async Task Strangers_at_many_addresses_cannot_delay_a_known_device()
    {
        await using var app = await StartApp();
        using var owner = app.NewVisitor(OwnerAtHome);
        await owner.SignIn();
        await owner.PostWithToken("/logout");
        for (var address = 1; address <= 30; address++)
        {
            using var stranger = app.NewVisitor($"198.51.100.{address}");
            await Guess(stranger);
        }
        using var unknownDevice = app.NewVisitor(OwnerElsewhere);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await unknownDevice.SignIn()).StatusCode); // the guesses of all addresses together are limited
        Assert.Equal(HttpStatusCode.Redirect, (await owner.SignIn()).StatusCode);
    }

    [Fact]
    public async Task A_known_device_is_delayed_by_its_own_wrong_passwords_and_is_known_to_its_account_only()
    {
        await using var app = await StartApp();
        await app.AddAccount("officer@titanic.local", AccountRoles.Viewer, "women and children first");
        using var owner = app.NewVisitor(OwnerAtHome);
        await owner.SignIn();
        await owner.PostWithToken("/logout");

        Assert.Equal(TimeSpan.FromSeconds(1), await GuessUntilDelayed(owner));
        Assert.Equal(TimeSpan.FromSeconds(1), await GuessUntilDelayed(owner, "officer@titanic.local"));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Redirect, (await owner.SignIn()).StatusCode);
    }

    [Fact]
    public async Task A_completed_sign_in_and_an_hour_without_attempts_end_the_delays()
    {
        await using var app = await StartApp();
        using var visitor = app.NewVisitor(OwnerAtHome);
        await GuessUntilDelayed(visitor);
        await GuessAfterDelay(visitor);
        await GuessAfterDelay(visitor);
        clock.Advance(SignInThrottle.PerAddress.LongestDelay);
        await visitor.SignIn();
        await visitor.PostWithToken("/logout");
        using var other = app.NewVisitor(OwnerAtHome); // without the cookie of the device
        Assert.Equal(TimeSpan.FromSeconds(1), await GuessUntilDelayed(other));
        await GuessAfterDelay(other);

        clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal(TimeSpan.FromSeconds(1), await GuessUntilDelayed(other));
    }

    private Task<AccessApp> StartApp() =>
        AccessApp.Start(postgres, add: services => services.AddSingleton<TimeProvider>(clock), settings: ("Access:SignInAttempts", "1000"));

    private static async Task<HttpStatusCode> Guess(Visitor visitor, string email = AccessApp.Email) =>
        (await visitor.SignIn(email, "iceberg, right ahead")).StatusCode;

    /// <returns>The first delay, of which no time has passed.</returns>
    private static async Task<TimeSpan> GuessUntilDelayed(Visitor visitor, string email = AccessApp.Email)
    {
        for (var attempt = 1; attempt <= 3; attempt++)
            Assert.Equal(HttpStatusCode.OK, await Guess(visitor, email));
        var delayed = await visitor.SignIn(email);
        Assert.Equal(HttpStatusCode.TooManyRequests, delayed.StatusCode);
        return delayed.Headers.RetryAfter!.Delta!.Value;
    }

    /// <summary>Waits as long as the site says, and guesses.</summary>
    /// <returns>The delay before the guess.</returns>
    private async Task<TimeSpan> GuessAfterDelay(Visitor visitor, string email = AccessApp.Email)
    {
        var total = TimeSpan.Zero;
        while (await visitor.SignIn(email, "iceberg, right ahead") is { StatusCode: HttpStatusCode.TooManyRequests } delayed)
        {
            clock.Advance(delayed.Headers.RetryAfter!.Delta!.Value);
            total += delayed.Headers.RetryAfter.Delta.Value;
        }
        return total;
    }
}
