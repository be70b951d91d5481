using System.Net;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Tests.Access;

public sealed class SignInTests(AccessSite site) : IClassFixture<AccessSite>, IDisposable
{
    private readonly Visitor visitor = site.App.NewVisitor();

    public void Dispose() => visitor.Dispose();

    [Fact]
    public async Task The_administrator_signs_in_and_is_authorized()
    {
        var signedIn = await visitor.SignIn(path: "/login?ReturnUrl=%2Fbridge");

        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        Assert.Equal("/bridge", signedIn.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/bridge")).StatusCode);
    }

    [Fact]
    public async Task The_cookie_is_HttpOnly_and_SameSite_Lax()
    {
        var cookie = Assert.Single((await visitor.SignIn()).Headers.GetValues("Set-Cookie"), c => c.StartsWith("titanic=", StringComparison.Ordinal));

        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_account_get_the_same_response()
    {
        var wrong = await visitor.SignIn(password: "iceberg, right ahead");
        var unknown = await visitor.SignIn(email: "nobody@titanic.local");

        Assert.Equal("The email address or the password is wrong.", await Visitor.Message(wrong));
        Assert.Equal(await Visitor.Message(wrong), await Visitor.Message(unknown));
        Assert.Equal(wrong.StatusCode, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.Get("/bridge")).StatusCode);
    }

    [Fact]
    public async Task The_page_retains_the_email_address_but_not_the_password()
    {
        var page = await Visitor.Page(await visitor.SignIn(password: "iceberg, right ahead"));

        Assert.Equal(AccessApp.Email, page.QuerySelector("input[name=Email]")?.GetAttribute("value"));
        Assert.Null(page.QuerySelector("input[name=Password]")?.GetAttribute("value"));
    }

    [Fact]
    public async Task An_empty_form_returns_a_message()
    {
        Assert.Equal("Enter your email address and your password.", await Visitor.Message(await visitor.SignIn("", "")));
    }

    [Fact]
    public async Task The_right_password_of_a_disabled_account_says_so_and_a_wrong_one_does_not()
    {
        const string Email = "officer@titanic.local", Password = "women and children first";
        await site.App.AddAccount(Email, AccountRoles.Admin, Password);
        await site.App.InScope<Accounts, bool>(async accounts =>
        {
            await accounts.Disable(Email, "test", Visitor.Cancelled);
            return true;
        });

        Assert.StartsWith("The email address or the password is wrong", await Visitor.Message(await visitor.SignIn(Email, "iceberg, right ahead")), StringComparison.Ordinal);
        Assert.StartsWith("This account is disabled", await Visitor.Message(await visitor.SignIn(Email, Password)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_of_the_cookie_is_not_valid_after_sign_out()
    {
        await visitor.SignIn();
        var copy = visitor.Cookies.GetCookies(visitor.Site)["titanic"]!.Value;
        using var thief = site.App.NewVisitor();
        thief.Cookies.Add(thief.Site, new Cookie("titanic", copy));
        Assert.Equal(HttpStatusCode.OK, (await thief.Get("/bridge")).StatusCode);
        thief.Cookies.GetCookies(thief.Site)["titanic"]!.Value = copy;

        var signedOut = await visitor.PostWithToken("/logout");

        Assert.Equal("/", signedOut.Headers.Location?.OriginalString);
        Assert.Null(visitor.Cookies.GetCookies(visitor.Site)["titanic"]);
        Assert.Equal(HttpStatusCode.Redirect, (await thief.Get("/bridge")).StatusCode);
    }

    [Theory]
    [InlineData("https://iceberg.example/")]
    [InlineData("//iceberg.example/")]
    [InlineData("/\\iceberg.example")]
    [InlineData("javascript:alert(1)")]
    public async Task Does_not_redirect_to_another_site(string returnUrl)
    {
        var signedIn = await visitor.SignIn(path: $"/login?ReturnUrl={Uri.EscapeDataString(returnUrl)}");

        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        Assert.Equal("/", signedIn.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Redirects_a_signed_in_user_from_the_sign_in_page()
    {
        await visitor.SignIn();

        Assert.Equal("/bridge", (await visitor.Get("/login?ReturnUrl=%2Fbridge")).Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Returns_400_for_a_form_without_its_token()
    {
        var forged = await visitor.Send(HttpMethod.Post, "/login", new FormUrlEncodedContent(
            [new("Email", AccessApp.Email), new("Password", AccessApp.Password)]));

        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
    }

    [Fact]
    public async Task Records_sign_in_and_sign_out_in_the_audit_log()
    {
        const string Email = "purser@titanic.local", Password = "valuables in the safe";
        await site.App.AddAccount(Email, AccountRoles.Admin, Password);
        await visitor.SignIn(Email, "iceberg, right ahead");
        await visitor.SignIn(Email, Password);
        await visitor.PostWithToken("/logout");

        var entries = await site.App.InScope<TitanicDb, List<string>>(db => db.Set<AuditEntry>()
            .Where(e => e.Subject == Email).OrderBy(e => e.Id).Select(e => $"{e.Who}: {e.What}, {e.Details}").ToListAsync(Visitor.Cancelled));
        Assert.Equal(
            ["test: administrator created, role admin", "anonymous: sign-in failed, wrong password, from 127.0.0.1", $"{Email}: signed in, from 127.0.0.1", $"{Email}: signed out, "], entries);
    }

    [Theory]
    [InlineData(AccountRoles.Viewer, HttpStatusCode.Forbidden)]
    [InlineData(AccountRoles.Operator, HttpStatusCode.OK)]
    public async Task Returns_403_with_the_roles_that_are_allowed(string role, HttpStatusCode status)
    {
        var email = $"{role}@titanic.local";
        await site.App.AddAccount(email, role, "shovelling coal all day");
        await visitor.SignIn(email, "shovelling coal all day");

        var response = await visitor.Get("/bridge");

        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.Forbidden)
        {
            Assert.Contains(
                "This request requires an account with the role operator or admin; your account has the role viewer.",
                await response.Content.ReadAsStringAsync(Visitor.Cancelled), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Returns_403_to_an_account_without_a_role()
    {
        await site.App.InScope<UserManager<IdentityUser>, IdentityResult>(users =>
            users.CreateAsync(new IdentityUser("stoker@titanic.local"), "shovelling coal all day"));
        await visitor.SignIn("stoker@titanic.local", "shovelling coal all day");

        Assert.Equal(HttpStatusCode.Forbidden, (await visitor.Get("/bridge")).StatusCode);
    }
}
