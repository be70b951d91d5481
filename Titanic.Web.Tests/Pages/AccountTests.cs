using System.Net;
using AngleSharp.Dom;
using Titanic.Web.Access;
using Titanic.Web.Tests.Access;

namespace Titanic.Web.Tests.Pages;

/// <summary>The page of the own account, and the sign-in with a second factor.</summary>
[Collection<AccountsSiteCollection>]
public sealed class AccountTests(AccountsSite site)
{
    private const string NewPassword = "valuables in the safe";

    [Fact]
    public async Task A_changed_password_ends_the_other_sessions_and_keeps_this_one()
    {
        var email = await site.AddAccount(AccountRoles.Viewer);
        using var client = await site.NewSignedInClient(email, AccountsSite.Password);
        using var other = await site.NewSignedInClient(email, AccountsSite.Password);

        var changed = await ChangePassword(client, AccountsSite.Password, NewPassword);

        Assert.Contains("The password was changed.", (await client.FollowRedirect(changed)).Body!.TextContent, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await AccountsSite.StatusOfAccountPage(client));
        Assert.Equal(HttpStatusCode.Redirect, await AccountsSite.StatusOfAccountPage(other));
        Assert.Equal("The email address or the password is wrong.", (await (await SignIn(other, email, AccountsSite.Password)).ReadPage()).Text("#login-message"));
        Assert.Equal(HttpStatusCode.Redirect, (await SignIn(other, email, NewPassword)).StatusCode);
    }

    [Theory]
    [InlineData("iceberg, right ahead", NewPassword, "The current password is wrong.")]
    [InlineData(AccountsSite.Password, "qwertyuiop123456", "The new password is easy to guess, because it consists of common passwords, words, names, dates or sequences; it must be longer or less common, such as five random words.")]
    [InlineData(AccountsSite.Password, "short", "The new password has 5 characters, 5 of them distinct; it must have 12 to 128 characters, at least 5 of them distinct.")]
    public async Task Refuses_a_new_password_with_the_reason(string current, string replacement, string reason)
    {
        var email = await site.AddAccount(AccountRoles.Viewer);
        using var client = await site.NewSignedInClient(email, AccountsSite.Password);

        Assert.Equal(reason, (await (await ChangePassword(client, current, replacement)).ReadPage(HttpStatusCode.BadRequest)).Text("#password-problem"));

        using var other = await site.NewSignedInClient(email, AccountsSite.Password);
    }

    [Fact]
    public async Task Signs_out_everywhere()
    {
        var email = await site.AddAccount(AccountRoles.Viewer);
        using var client = await site.NewSignedInClient(email, AccountsSite.Password);
        using var other = await site.NewSignedInClient(email, AccountsSite.Password);

        await client.SubmitForm(await client.GetPage("/account"), "#sign-out-everywhere");

        Assert.Equal(HttpStatusCode.Redirect, await AccountsSite.StatusOfAccountPage(client));
        Assert.Equal(HttpStatusCode.Redirect, await AccountsSite.StatusOfAccountPage(other));
    }

    [Fact]
    public async Task A_sign_in_with_a_second_factor_requires_a_code_that_was_not_used()
    {
        var email = await site.AddAccount(AccountRoles.Viewer);
        using var client = await site.NewSignedInClient(email, AccountsSite.Password);
        using var session = await site.NewSignedInClient(email, AccountsSite.Password);
        var (key, used, _) = await EnableSecondFactor(client);
        Assert.Equal(HttpStatusCode.OK, await AccountsSite.StatusOfAccountPage(client));
        Assert.Equal(HttpStatusCode.Redirect, await AccountsSite.StatusOfAccountPage(session)); // the others have ended

        using var visitor = site.NewClient();
        var step = await EnterPassword(visitor, email);
        Assert.Equal(HttpStatusCode.Redirect, await AccountsSite.StatusOfAccountPage(visitor)); // the password alone does not sign in
        var wrong = await visitor.SubmitForm(step, "main form", ("code", "000000"));
        step = await wrong.ReadPage();
        Assert.Equal("The code is wrong or was used before.", step.Text("#login-message"));
        Assert.Equal("/account", (await visitor.SubmitForm(step, "main form", ("code", AccountsSite.CodeOf(key)))).Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.OK, await AccountsSite.StatusOfAccountPage(visitor));

        using var eavesdropper = site.NewClient();
        step = await EnterPassword(eavesdropper, email);
        Assert.Equal("The code is wrong or was used before.", (await (await eavesdropper.SubmitForm(step, "main form", ("code", used))).ReadPage()).Text("#login-message"));
    }

    [Fact]
    public async Task A_recovery_code_signs_in_once()
    {
        var email = await site.AddAccount(AccountRoles.Viewer);
        using var client = await site.NewSignedInClient(email, AccountsSite.Password);
        var (_, _, codes) = await EnableSecondFactor(client);
        Assert.Equal(10, codes.Distinct().Count());

        using var first = site.NewClient();
        Assert.Equal(HttpStatusCode.Redirect, (await first.SubmitForm(await EnterPassword(first, email), "main form", ("code", codes[0].ToLowerInvariant()))).StatusCode);
        Assert.Contains("9 recovery codes left", (await first.GetPage("/account")).Text("#factor-state"), StringComparison.Ordinal);
        using var second = site.NewClient();
        var refused = await second.SubmitForm(await EnterPassword(second, email), "main form", ("code", codes[0]));
        Assert.Equal("The code is wrong or was used before.", (await refused.ReadPage()).Text("#login-message"));
    }

    [Fact]
    public async Task The_second_factor_is_turned_off_and_recovery_codes_are_replaced_with_the_password_only()
    {
        var email = await site.AddAccount(AccountRoles.Viewer);
        using var client = await site.NewSignedInClient(email, AccountsSite.Password);
        var (_, _, codes) = await EnableSecondFactor(client);

        var refused = await client.SubmitForm(await client.GetPage("/account"), "#disable-factor form", ("password", "iceberg, right ahead"));
        Assert.Equal("The current password is wrong.", (await refused.ReadPage(HttpStatusCode.BadRequest)).Text("#factor-problem"));
        var replaced = RecoveryCodes(await (await client.SubmitForm(await client.GetPage("/account"), "#replace-codes form", ("password", AccountsSite.Password))).ReadPage());
        Assert.Empty(codes.Intersect(replaced));
        await client.SubmitForm(await client.GetPage("/account"), "#disable-factor form", ("password", AccountsSite.Password));

        Assert.StartsWith("Off.", (await client.GetPage("/account")).Text("#factor-state"), StringComparison.Ordinal);
        using var other = await site.NewSignedInClient(email, AccountsSite.Password);
        Assert.Equal(HttpStatusCode.OK, await AccountsSite.StatusOfAccountPage(other));
    }

    [Fact]
    public async Task A_key_of_the_app_has_no_effect_until_a_code_confirms_it()
    {
        var email = await site.AddAccount(AccountRoles.Viewer);
        using var client = await site.NewSignedInClient(email, AccountsSite.Password);
        var setup = await (await client.SubmitForm(await client.GetPage("/account"), "#start-factor", ("password", AccountsSite.Password))).ReadPage();
        Assert.NotNull(setup.QuerySelector(".qr-code svg path"));

        var refused = await client.SubmitForm(setup, "#enable-factor", ("code", "000000"));

        Assert.StartsWith("The code is wrong.", (await refused.ReadPage(HttpStatusCode.BadRequest)).Text("#factor-problem"), StringComparison.Ordinal);
        using var other = await site.NewSignedInClient(email, AccountsSite.Password);
        Assert.Equal(HttpStatusCode.OK, await AccountsSite.StatusOfAccountPage(other));
    }

    private static async Task<HttpResponseMessage> ChangePassword(HttpClient client, string current, string replacement) => await client.SubmitForm(
        await client.GetPage("/account"), "#change-password", ("current", current), ("replacement", replacement), ("repeated", replacement));

    /// <summary>Enables the second factor with the code before the current one, so that the current one is not used yet.</summary>
    private static async Task<(string Key, string UsedCode, IReadOnlyList<string> RecoveryCodes)> EnableSecondFactor(HttpClient client)
    {
        var setup = await (await client.SubmitForm(await client.GetPage("/account"), "#start-factor", ("password", AccountsSite.Password))).ReadPage();
        var key = setup.Text("#authenticator-key");
        var code = AccountsSite.CodeOf(key, step: -1);
        return (key, code, RecoveryCodes(await (await client.SubmitForm(setup, "#enable-factor", ("code", code))).ReadPage()));
    }

    private static IReadOnlyList<string> RecoveryCodes(IParentNode page) => [.. page.QuerySelectorAll("#recovery li").Select(PageReading.NormalizedText)];

    private static async Task<HttpResponseMessage> SignIn(HttpClient client, string email, string password) =>
        await client.SubmitForm(await client.GetPage("/login?returnUrl=/account"), "main form", ("Email", email), ("Password", password));

    /// <returns>The page that asks for the code.</returns>
    private static async Task<IDocument> EnterPassword(HttpClient client, string email) =>
        await client.FollowRedirect(await SignIn(client, email, AccountsSite.Password));
}
