using System.Text.RegularExpressions;

namespace Titanic.Web.Tests.Hosting;

/// <summary>The commands <c>user</c> and <c>api-key</c>.</summary>
public sealed partial class AccountCommandsTests(TestPostgres postgres)
{
    [Fact]
    public async Task Lists_adds_changes_and_disables_users()
    {
        await using var database = await postgres.CreateDatabase();
        string[] captain = ["--email", "captain@titanic.local"], officer = ["--email", "officer@titanic.local"];

        Assert.Matches(@"^Admin: captain@titanic\.local, password: \w{24} \(shown only once\)\.$", await Run(database, ["user", "add", .. captain, "--role", "admin"]));
        Assert.StartsWith("Viewer: officer@titanic.local, password: ", await Run(database, ["user", "add", .. officer, "--role", "viewer"]), StringComparison.Ordinal);
        Assert.Equal("officer@titanic.local: operator", await Run(database, ["user", "set-role", .. officer, "--role", "operator"]));
        Assert.Equal("officer@titanic.local: disabled", await Run(database, ["user", "disable", .. officer]));
        Assert.Equal("officer@titanic.local: signed out everywhere", await Run(database, ["user", "sign-out", .. officer]));
        Assert.Equal("officer@titanic.local: second factor off", await Run(database, ["user", "reset-second-factor", .. officer]));
        Assert.StartsWith("Account: officer@titanic.local, password: ", await Run(database, ["user", "reset-password", .. officer]), StringComparison.Ordinal);

        Assert.Equal(
            "captain@titanic.local: admin, enabled, second factor off, last sign-in –\nofficer@titanic.local: operator, disabled, second factor off, last sign-in –",
            await Run(database, ["user", "list"]));
        Assert.Equal("officer@titanic.local: enabled", await Run(database, ["user", "enable", .. officer]));
    }

    [Theory]
    [InlineData("user|disable|--email|captain@titanic.local", "captain@titanic.local is the last enabled administrator; it cannot be disabled. Make another account an administrator first.")]
    [InlineData("user|enable|--email|nobody@titanic.local", "There is no account \"nobody@titanic.local\"; the page /access/users and the command user list list the accounts.")]
    [InlineData("user|add|--email|captain@titanic.local|--role|viewer", "An account with the address captain@titanic.local exists; use another address.")]
    [InlineData("api-key|revoke|--name|robot", "There is no API key \"robot\" that is not revoked; the page /access/keys and the command api-key list list the keys.")]
    [InlineData("api-key|create|--name|robot|--scope|ingest|--expires|2020-01-01", "The expiry is 2020-01-01; it must be after today, ")]
    public async Task Says_why_a_change_is_refused(string command, string reason)
    {
        await using var database = await postgres.CreateDatabase();
        await Run(database, ["user", "add", "--email", "captain@titanic.local", "--role", "admin"]);

        var (exitCode, output, errors) = await ProductInProcess.RunOn(database, command.Split('|'));

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(reason, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Creates_lists_expires_and_revokes_keys()
    {
        await using var database = await postgres.CreateDatabase();

        var created = await Run(database, ["api-key", "create", "--name", "robot", "--scope", "operate", "--expires", "2999-01-31"]);
        var key = Key().Match(created).Value;
        Assert.NotEmpty(key);
        Assert.Matches(
            $@"^robot: operate, ends with {Regex.Escape(key[^4..])}, valid, created .* by command line, expires 2999-01-31 00:00 UTC, last used –$", await Run(database, ["api-key", "list"]));
        Assert.Equal("robot: expires never", await Run(database, ["api-key", "expire", "--name", "robot", "--on", "never"]));
        Assert.Equal("robot: revoked", await Run(database, ["api-key", "revoke", "--name", "robot"]));
        Assert.Matches("^robot: operate, ends with .*, revoked, created .* expires never, last used –$", await Run(database, ["api-key", "list"]));
    }

    private static async Task<string> Run(TestDatabase database, string[] arguments)
    {
        var (exitCode, output, errors) = await ProductInProcess.RunOn(database, arguments);
        Assert.True(exitCode == 0, errors);
        return output;
    }

    [GeneratedRegex("titanic_[A-Za-z0-9_-]{43}")]
    private static partial Regex Key();
}
