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
    public async Task Five_wrong_passwords_lock_the_account_for_the_lockout_time()
    {
        const string Email = "officer@titanic.local", Password = "women and children first";
        await CreateAdministrator(Email, Password);
        for (var attempt = 1; attempt <= 4; attempt++)
            Assert.StartsWith("The email address", await MessageAfter(Email, "iceberg, right ahead"), StringComparison.Ordinal);
        Assert.StartsWith("This account is locked", await MessageAfter(Email, "iceberg, right ahead"), StringComparison.Ordinal);
        Assert.StartsWith("This account is locked", await MessageAfter(Email, Password), StringComparison.Ordinal);

        var lockedFor = await site.App.InScope<TitanicDb, TimeSpan>(async db =>
        {
            var user = await db.Users.SingleAsync(u => u.Email == Email, Visitor.Cancelled);
            var end = user.LockoutEnd!.Value;
            user.LockoutEnd = end.AddMinutes(-6); // as if six minutes had passed
            await db.SaveChangesAsync(Visitor.Cancelled);
            return end - TimeProvider.System.GetUtcNow();
        });
        Assert.InRange(lockedFor, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.SignIn(Email, Password)).StatusCode);
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
        await CreateAdministrator(Email, Password);
        await visitor.SignIn(Email, Password);
        await visitor.PostWithToken("/logout");

        var entries = await site.App.InScope<TitanicDb, List<string>>(db => db.Set<AuditEntry>()
            .Where(e => e.Subject == Email).OrderBy(e => e.Id).Select(e => $"{e.Who}: {e.What}").ToListAsync(Visitor.Cancelled));
        Assert.Equal(["command line: administrator created", $"{Email}: signed in", $"{Email}: signed out"], entries);
    }

    [Fact]
    public async Task Returns_403_to_an_account_without_the_administrator_role()
    {
        await site.App.InScope<UserManager<IdentityUser>, IdentityResult>(users =>
            users.CreateAsync(new IdentityUser("stoker@titanic.local"), "shovelling coal all day"));
        await visitor.SignIn("stoker@titanic.local", "shovelling coal all day");

        Assert.Equal(HttpStatusCode.Forbidden, (await visitor.Get("/bridge")).StatusCode);
    }

    private Task<string?> CreateAdministrator(string email, string password) =>
        site.App.InScope<AdminAccount, string?>(admin => admin.Create(email, password, Visitor.Cancelled));

    private async Task<string?> MessageAfter(string email, string password) => await Visitor.Message(await visitor.SignIn(email, password));
}
