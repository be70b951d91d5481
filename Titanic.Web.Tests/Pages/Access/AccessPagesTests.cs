using System.Net;
using System.Text;
using Titanic.Web.Access;
using Titanic.Web.Tests.Access;

namespace Titanic.Web.Tests.Pages.Access;

/// <summary>The pages for administrators: users, API keys and the audit log.</summary>
[Collection<AccountsSiteCollection>]
public sealed class AccessPagesTests(AccountsSite site)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Adds_a_user_with_a_generated_password_that_is_shown_once()
    {
        using var admin = await site.NewAdminClient();
        var email = $"{Guid.NewGuid():N}@titanic.local";

        var added = await (await admin.SubmitForm(await admin.GetPage("/access/users"), "#add-user", ("email", email), ("role", AccountRoles.Operator))).ReadPage();
        using var user = await site.NewSignedInClient(email, added.Text("#generated-password"));

        var listed = await admin.GetPage("/access/users");
        Assert.Null(listed.QuerySelector("#generated-password"));
        var row = Assert.Single(listed.Rows("#users"), row => row[0] == email);
        Assert.Equal(("operator", "off", "enabled"), (row[1], row[2], row[4]));
        Assert.NotEqual("–", row[3]); // the last sign-in
    }

    [Fact]
    public async Task Refuses_a_user_with_a_common_password_and_keeps_the_address()
    {
        using var admin = await site.NewAdminClient();

        var refused = await (await admin.SubmitForm(
            await admin.GetPage("/access/users"), "#add-user", ("email", "officer@titanic.local"), ("password", "password1234"))).ReadPage(HttpStatusCode.BadRequest);

        Assert.StartsWith("The password is easy to guess", refused.Text("#user-problem"), StringComparison.Ordinal);
        Assert.Equal("officer@titanic.local", refused.QuerySelector("#email")!.GetAttribute("value"));
    }

    [Fact]
    public async Task Changes_the_role_resets_the_password_and_disables_and_enables_a_user()
    {
        using var admin = await site.NewAdminClient();
        var email = await site.AddAccount(AccountRoles.Viewer);
        var path = $"/access/users/{email}";

        var changed = await admin.FollowRedirect(await admin.SubmitForm(await admin.GetPage(path), "#set-role", ("role", AccountRoles.Operator)));
        Assert.Equal("operator", changed.Text("#account dd"));
        var reset = await (await admin.SubmitForm(await admin.GetPage(path), "#reset-password")).ReadPage();
        using var user = await site.NewSignedInClient(email, reset.Text("#generated-password"));
        await admin.SubmitForm(await admin.GetPage(path), "#disable-user form");
        Assert.Equal(HttpStatusCode.Redirect, await AccountsSite.StatusOfAccountPage(user));
        await admin.SubmitForm(await admin.GetPage(path), "#enable-user");
        using var again = await site.NewSignedInClient(email, reset.Text("#generated-password"));
        await admin.SubmitForm(await admin.GetPage(path), "#sign-out-user");
        Assert.Equal(HttpStatusCode.Redirect, await AccountsSite.StatusOfAccountPage(again));

        var audit = await admin.GetPage($"/access/audit?text={email}");
        Assert.Equal(
            ["signed out everywhere", "signed in", "account enabled", "account disabled", "signed in", "password reset", "role changed", "account created"],
            audit.Rows("#audit").Select(row => row[2]));
        Assert.Equal((TitanicSite.AdminEmail, "viewer to operator"), audit.Rows("#audit")[^2] is { } change ? (change[1], change[4]) : default);
    }

    [Fact]
    public async Task Says_why_the_last_administrator_is_not_disabled()
    {
        using var admin = await site.NewAdminClient();
        await site.InScope<Accounts>(async accounts =>
        {
            foreach (var other in (await accounts.List(Cancellation)).Where(other => other.Role == AccountRoles.Admin && other.Email != TitanicSite.AdminEmail))
                await accounts.Disable(other.Email, "a test", Cancellation);
        });

        var refused = await (await admin.SubmitForm(await admin.GetPage($"/access/users/{TitanicSite.AdminEmail}"), "#disable-user form")).ReadPage(HttpStatusCode.Conflict);

        Assert.Equal("captain@titanic.local is the last enabled administrator; it cannot be disabled. Make another account an administrator first.", refused.Text("#user-problem"));
        Assert.Equal(HttpStatusCode.OK, await AccountsSite.StatusOfAccountPage(admin));
    }

    [Fact]
    public async Task Returns_404_for_an_unknown_user()
    {
        using var admin = await site.NewAdminClient();

        Assert.Contains("There is no account \"nobody\"", (await admin.GetPage("/access/users/nobody", HttpStatusCode.NotFound)).Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Creates_a_key_that_is_shown_once_and_changes_its_expiry_and_revokes_it()
    {
        using var admin = await site.NewAdminClient();
        var name = $"robot {Guid.NewGuid():N}";
        var expires = DateTime.UtcNow.AddDays(30).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

        var created = await (await admin.SubmitForm(
            await admin.GetPage("/access/keys"), "#create-key", ("name", name), ("scope", "Operate"), ("expires", expires))).ReadPage();
        var key = created.Text("#key");
        Assert.NotEqual(HttpStatusCode.Unauthorized, await Use(key));
        await Eventually.True(async () => (await Row())[6] != "–", "the last use is listed");
        var row = await Row();
        Assert.Equal(("operate", key[^4..], "valid"), (row[1], row[2], row[3]));
        Assert.EndsWith($"by {TitanicSite.AdminEmail}", row[4], StringComparison.Ordinal);
        Assert.StartsWith(expires, row[5], StringComparison.Ordinal);
        Assert.Null((await admin.GetPage("/access/keys")).QuerySelector("#key"));

        var page = await admin.GetPage("/access/keys");
        var form = $"form[action*=Expire]:has(input[value='{name}'])";
        await admin.SubmitForm(page, form, ("expires", ""));
        Assert.Equal("never", (await Row())[5]);
        await admin.SubmitForm(await admin.GetPage("/access/keys"), form.Replace("Expire", "Revoke", StringComparison.Ordinal));
        Assert.StartsWith("revoked", (await Row())[3], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await Use(key));
        Assert.Equal(["API key revoked", "API key expiry set", "API key created"], (await admin.GetPage($"/access/audit?text={Uri.EscapeDataString(name)}")).Rows("#audit").Select(entry => entry[2]));

        async Task<IReadOnlyList<string>> Row() => Assert.Single((await admin.GetPage("/access/keys")).Rows("#keys"), row => row[0] == name);

        async Task<HttpStatusCode> Use(string sent)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/runs/0/cancel") { Content = new StringContent("", Encoding.UTF8, "application/json") };
            request.Headers.Add(ApiKeyAuthentication.Header, sent);
            return (await site.Client.SendAsync(request, Cancellation)).StatusCode;
        }
    }

    [Fact]
    public async Task Refuses_a_key_that_expires_today_or_whose_name_is_in_use()
    {
        using var admin = await site.NewAdminClient();
        var name = $"robot {Guid.NewGuid():N}";
        await admin.SubmitForm(await admin.GetPage("/access/keys"), "#create-key", ("name", name));

        var inUse = await (await admin.SubmitForm(await admin.GetPage("/access/keys"), "#create-key", ("name", name))).ReadPage(HttpStatusCode.BadRequest);
        Assert.Equal($"An API key named \"{name}\" is in use; revoke it or choose another name.", inUse.Text("#key-problem"));
        var expired = await (await admin.SubmitForm(
            await admin.GetPage("/access/keys"), "#create-key", ("name", "late"), ("expires", "2020-01-01"))).ReadPage(HttpStatusCode.BadRequest);
        Assert.StartsWith("The expiry is 2020-01-01; it must be after today, ", expired.Text("#key-problem"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_audit_log_has_pages_of_50_entries_that_keep_the_filter()
    {
        using var admin = await site.NewAdminClient();
        var who = $"a test {Guid.NewGuid():N}";
        for (var i = 1; i <= 101; i++)
            await site.InScope<AuditLog>(audit => audit.Record(who, "tested", $"subject {i}", null, Cancellation));

        var page = await admin.GetPage($"/access/audit?who={Uri.EscapeDataString(who)}&what=tested");
        var subjects = new List<string>();
        var pages = 0;
        while (true)
        {
            pages++;
            subjects.AddRange(page.Rows("#audit").Select(row => row[3]));
            if (page.QuerySelector("nav[aria-label='Pages of the audit log'] a[rel=next]") is not { } next)
                break;
            page = await admin.GetPage(next.GetAttribute("href")!);
        }

        Assert.Equal(3, pages);
        Assert.Equal(Enumerable.Range(1, 101).Reverse().Select(i => $"subject {i}"), subjects);
    }

    [Theory]
    [InlineData("?from=yesterday", "The parameter from is \"yesterday\"; it must be a date such as 2026-11-23.")]
    [InlineData("?before=first", "The parameter before is \"first\"; it must be the id of an entry.")]
    public async Task Returns_400_for_an_invalid_filter_of_the_audit_log(string query, string problem)
    {
        using var admin = await site.NewAdminClient();

        Assert.Equal(problem, (await admin.GetPage($"/access/audit{query}", HttpStatusCode.BadRequest)).Text("#audit-problem"));
    }
}
