using System.CommandLine;
using System.Globalization;
using Titanic.Web.Access;

namespace Titanic.Web.Hosting;

/// <summary>The commands that list and change accounts and API keys. They need no sign-in: a user who can run them can read the database.</summary>
internal sealed class AccountCommands(Func<WebApplication> app)
{
    /// <summary>Who the audit log names.</summary>
    private const string By = "command line";

    private const string Never = "never";

    public Command User() => new("user", "Lists, adds, changes and disables accounts.")
    {
        ListUsers(), AddUser(), SetRole(),
        OfAccount("disable", "Disables an account; its sessions end, and the API keys that it created are refused.",
            (accounts, email, cancellation) => accounts.Disable(email, By, cancellation), "disabled"),
        OfAccount("enable", "Enables a disabled account.", (accounts, email, cancellation) => accounts.Enable(email, By, cancellation), "enabled"),
        ResetPassword(),
        OfAccount("reset-second-factor", "Turns the second factor of an account off, if its owner lost it.",
            (accounts, email, cancellation) => accounts.ResetSecondFactor(email, By, cancellation), "second factor off"),
        OfAccount("sign-out", "Ends all sessions of an account.", (accounts, email, cancellation) => accounts.SignOutEverywhere(email, By, cancellation), "signed out everywhere"),
    };

    public Command ApiKey() => new("api-key", "Lists, creates, expires and revokes API keys.") { ListApiKeys(), CreateApiKey(), ExpireApiKey(), RevokeApiKey() };

    /// <summary>Writes a password to the console only: more people can read log files.</summary>
    public static void PrintPassword(string kind, string email, string password) => Console.WriteLine($"{kind}: {email}, password: {password} (shown only once).");

    private Command ListUsers() => WithAction(new Command("list", "Lists the accounts with role, second factor, last sign-in and state."), async (services, _, cancellation) =>
    {
        foreach (var user in await services.GetRequiredService<Accounts>().List(cancellation))
        {
            Console.WriteLine($"{user.Email}: {user.Role ?? "no role"}, {(user.IsDisabled ? "disabled" : "enabled")}, second factor {(user.HasSecondFactor ? "on" : "off")}, "
                + $"last sign-in {Format.UtcTime(user.LastSignInAt)}");
        }
    });

    private Command AddUser()
    {
        var (email, role) = (Email(), Role());
        return WithAction(new Command("add", "Adds an account and prints its generated password once.") { email, role }, async (services, parsed, cancellation) =>
        {
            var (address, name) = (parsed.GetRequiredValue(email), parsed.GetRequiredValue(role));
            PrintPassword(Format.Capitalized(name), address, (await services.GetRequiredService<Accounts>().Add(address, name, null, By, cancellation))!);
        });
    }

    private Command SetRole()
    {
        var (email, role) = (Email(), Role());
        return WithAction(new Command("set-role", "Gives an account another role; its sessions end.") { email, role }, async (services, parsed, cancellation) =>
        {
            var (address, name) = (parsed.GetRequiredValue(email), parsed.GetRequiredValue(role));
            await services.GetRequiredService<Accounts>().SetRole(address, name, By, cancellation);
            Console.WriteLine($"{address}: {name}");
        });
    }

    private Command ResetPassword()
    {
        var email = Email();
        return WithAction(new Command("reset-password", "Replaces the password of an account and prints the generated one once; its sessions end.") { email }, async (services, parsed, cancellation) =>
        {
            var address = parsed.GetRequiredValue(email);
            PrintPassword("Account", address, (await services.GetRequiredService<Accounts>().ResetPassword(address, null, By, cancellation))!);
        });
    }

    private Command OfAccount(string name, string description, Func<Accounts, string, CancellationToken, Task> change, string result)
    {
        var email = Email();
        return WithAction(new Command(name, description) { email }, async (services, parsed, cancellation) =>
        {
            var address = parsed.GetRequiredValue(email);
            await change(services.GetRequiredService<Accounts>(), address, cancellation);
            Console.WriteLine($"{address}: {result}");
        });
    }

    private Command CreateApiKey()
    {
        var name = KeyName();
        var scope = new Option<ApiKeyScope>("--scope")
        {
            Description = "The scope of the key: ingest, predict or operate.",
            HelpName = "ingest|predict|operate",
            Required = true,
            CustomParser = result => ArgumentParsers.EnumName<ApiKeyScope>(result),
        };
        var expires = new Option<DateOnly?>("--expires")
        {
            Description = "The day, for example 2027-01-31, from whose begin (UTC) the key is refused. Default: never.",
            HelpName = "DAY",
            CustomParser = ArgumentParsers.Day,
        };
        return WithAction(new Command("create", "Creates an API key and prints it once. Clients send it in the header X-Api-Key.") { name, scope, expires }, async (services, parsed, cancellation) =>
        {
            var (key, permission) = (parsed.GetRequiredValue(name), parsed.GetValue(scope));
            var created = await services.GetRequiredService<ApiKeys>().Create(key, permission, parsed.GetValue(expires), By, cancellation);
            Console.WriteLine(
                $"API key \"{key}\" with scope {permission.ToString().ToLowerInvariant()}: {created} (shown only once; send it in the header {ApiKeyAuthentication.Header}).");
        });
    }

    private Command ListApiKeys() => WithAction(new Command("list", "Lists the API keys with scope, last characters, times and state."), async (services, _, cancellation) =>
    {
        foreach (var (key, state) in await services.GetRequiredService<ApiKeys>().List(cancellation))
        {
            Console.WriteLine($"{key.Name}: {key.Scope.ToString().ToLowerInvariant()}, ends with {key.LastFour}, {state}, created {Format.UtcTime(key.CreatedAt)} by {key.CreatedBy}, "
                + $"expires {(key.ExpiresAt is null ? "never" : Format.UtcTime(key.ExpiresAt))}, last used {Format.UtcTime(key.LastUsedAt)}");
        }
    });

    private Command ExpireApiKey()
    {
        var name = KeyName();
        var on = new Option<string>("--on") // a text, because the option parser cannot return a day that is null
        {
            Description = "The day, for example 2027-01-31, from whose begin (UTC) the key is refused, or never.",
            HelpName = "DAY|never",
            Required = true,
            CustomParser = result => result.Tokens is [{ Value: Never }] || ArgumentParsers.Day(result) is not null ? result.Tokens[0].Value : null,
        };
        return WithAction(new Command("expire", "Sets the day on which an API key expires.") { name, on }, async (services, parsed, cancellation) =>
        {
            var (key, day) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(on));
            await services.GetRequiredService<ApiKeys>().SetExpiry(key, day == Never ? null : DateOnly.Parse(day, CultureInfo.InvariantCulture), By, cancellation);
            Console.WriteLine($"{key}: expires {day}");
        });
    }

    private Command RevokeApiKey()
    {
        var name = KeyName();
        return WithAction(new Command("revoke", "Revokes an API key for good, with immediate effect.") { name }, async (services, parsed, cancellation) =>
        {
            var key = parsed.GetRequiredValue(name);
            await services.GetRequiredService<ApiKeys>().Revoke(key, By, cancellation);
            Console.WriteLine($"{key}: revoked");
        });
    }

    private Command WithAction(Command command, Func<IServiceProvider, ParseResult, CancellationToken, Task> work)
    {
        command.SetAction((parsed, cancellation) => Commands.WithDatabase(app(), async services =>
        {
            await work(services, parsed, cancellation);
            return 0;
        }, cancellation));
        return command;
    }

    private static Option<string> Email() => new("--email")
    {
        Description = "The email address of the account, used to sign in.",
        HelpName = "ADDRESS",
        Required = true,
        CustomParser = ArgumentParsers.EmailAddress,
    };

    private static Option<string> Role() => new("--role")
    {
        Description = $"The role of the account: {ErrorText.OneOf(AccountRoles.All)}.",
        HelpName = string.Join('|', AccountRoles.All),
        Required = true,
        CustomParser = result => ArgumentParsers.Name(result, "role", AccountRoles.All),
    };

    private static Option<string> KeyName() => new("--name")
    {
        Description = "The name of the key, which identifies the client.",
        HelpName = "NAME",
        Required = true,
    };
}
