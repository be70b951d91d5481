using System.Net;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Tests.Access;

public sealed class AccountsTests(TestPostgres postgres)
{
    private const string Email = "officer@titanic.local", Password = "women and children first";

    [Fact]
    public async Task The_last_enabled_administrator_cannot_be_disabled_or_lose_the_role()
    {
        await using var app = await AccessApp.Start(postgres);
        await app.AddAccount(Email, AccountRoles.Admin, Password);
        await Change(app, accounts => accounts.Disable(Email, "test", Visitor.Cancelled));

        foreach (var change in (Func<Accounts, Task>[])[
            accounts => accounts.Disable(AccessApp.Email, "test", Visitor.Cancelled),
            accounts => accounts.SetRole(AccessApp.Email, AccountRoles.Operator, "test", Visitor.Cancelled)])
        {
            var refused = await Assert.ThrowsAsync<AccountException>(() => Change(app, change));
            Assert.StartsWith("captain@titanic.local is the last enabled administrator; ", refused.Message, StringComparison.Ordinal);
        }
        using var visitor = app.NewVisitor();
        await visitor.SignIn();
        Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/bridge")).StatusCode);
    }

    [Fact]
    public async Task Of_two_administrators_who_disable_each_other_at_the_same_time_one_remains()
    {
        await using var app = await AccessApp.Start(postgres);
        await app.AddAccount(Email, AccountRoles.Admin, Password);

        var results = await Task.WhenAll(((string[])[AccessApp.Email, Email]).Select(email => Task.Run(async () =>
        {
            try
            {
                await Change(app, accounts => accounts.Disable(email, "test", Visitor.Cancelled));
                return true;
            }
            catch (AccountException)
            {
                return false;
            }
        })));

        Assert.Single(results, isDisabled => isDisabled);
        Assert.Equal(1, await app.InScope<TitanicDb, int>(db => db.Users.CountAsync(user => user.LockoutEnd == null, Visitor.Cancelled)));
    }

    [Fact]
    public async Task Keys_that_a_disabled_account_created_are_rejected_until_it_is_enabled()
    {
        await using var app = await AccessApp.Start(postgres);
        await app.AddAccount(Email, AccountRoles.Admin, Password);
        var key = await app.InScope<ApiKeys, string>(keys => keys.Create("robot", ApiKeyScope.Operate, Email, Visitor.Cancelled));
        using var robot = app.NewVisitor();
        Assert.Equal(HttpStatusCode.OK, (await robot.Post("/api/operate", (ApiKeyAuthentication.Header, key))).StatusCode);

        await Change(app, accounts => accounts.Disable(Email, "test", Visitor.Cancelled));
        var rejected = await robot.Post("/api/operate", (ApiKeyAuthentication.Header, key));
        Assert.Equal(HttpStatusCode.Unauthorized, rejected.StatusCode);
        Assert.Contains("the account that created it is disabled", await rejected.Content.ReadAsStringAsync(Visitor.Cancelled), StringComparison.Ordinal);
        Assert.Equal("account disabled", Assert.Single(await app.InScope<ApiKeys, IReadOnlyList<ApiKeySummary>>(keys => keys.List(Visitor.Cancelled))).State);

        await Change(app, accounts => accounts.Enable(Email, "test", Visitor.Cancelled));
        Assert.Equal(HttpStatusCode.OK, (await robot.Post("/api/operate", (ApiKeyAuthentication.Header, key))).StatusCode);
    }

    [Theory]
    [InlineData("captain@titanic.local", AccountRoles.Viewer, Password, "An account with the address captain@titanic.local exists; use another address.")]
    [InlineData("officer", AccountRoles.Viewer, Password, "The address is \"officer\"; it must be an email address.")]
    [InlineData(Email, "stoker", Password, "There is no role \"stoker\"; there are viewer, operator, admin.")]
    [InlineData(Email, AccountRoles.Viewer, "short", "The password has 5 characters, 5 of them distinct; it must have 12 to 128 characters, at least 5 of them distinct.")]
    [InlineData(Email, AccountRoles.Viewer, "password1234", "The password is easy to guess, because it consists of common passwords, words, names, dates or sequences;")]
    [InlineData(Email, AccountRoles.Viewer, "Summer2026!!", "The password is easy to guess")]
    [InlineData(Email, AccountRoles.Viewer, "the officer on the deck", "The password contains the address of the account; it must not.")]
    public async Task Refuses_an_account_with_the_reason_and_adds_nothing(string email, string role, string password, string reason)
    {
        await using var app = await AccessApp.Start(postgres);

        var refused = await Assert.ThrowsAsync<AccountException>(() => app.AddAccount(email, role, password));

        Assert.StartsWith(reason, refused.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1), await app.InScope<TitanicDb, (int, int)>(
            async db => (await db.Users.CountAsync(Visitor.Cancelled), await db.Set<AuditEntry>().CountAsync(Visitor.Cancelled))));
    }

    private static Task Change(AccessApp app, Func<Accounts, Task> change) => app.InScope<Accounts, bool>(async accounts =>
    {
        await change(accounts);
        return true;
    });
}
