using System.CommandLine;
using System.CommandLine.Parsing;
using Titanic.Web.Passengers;

namespace Titanic.Web.Hosting;

/// <summary>The errors of the command line, in the form of <see cref="ErrorText"/> instead of that of the parser library.</summary>
internal static class ArgumentErrors
{
    /// <summary>The settings of the host, as documented for ASP.NET Core, that have no section.</summary>
    private static readonly string[] _hostSettings =
    [
        "urls", "environment", "contentRoot", "webRoot", "applicationName", "http_ports", "https_ports", "allowedHosts",
        "shutdownTimeoutSeconds", "captureStartupErrors", "detailedErrors", "hostingStartupAssemblies", "hostingStartupExcludeAssemblies",
        "preventHostingStartup", "preferHostingUrls", "startupAssembly", "suppressStatusMessages",
    ];

    /// <summary>The configuration sections: those of <c>docs/configuration.md</c>, then those of ASP.NET Core.</summary>
    private static readonly string[] _sections = [.. SettingNames.Sections, "Kestrel", "Logging", "hostBuilder"];

    /// <summary>The errors of the arguments of a command; empty if they are valid.</summary>
    public static IReadOnlyList<string> Find(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0)
            return [];
        string[] structural = [.. FindUnknown(parsed) is { } unknown ? [unknown] : FindMissing(parsed.CommandResult)];
        return structural.Length > 0 ? structural : [.. parsed.Errors.Select(error => error.Message).Distinct()];
    }

    /// <summary>The error of the first argument that is neither an option nor a setting; null if there is none.</summary>
    /// <param name="arguments">The arguments of <c>serve</c> that the parser does not know.</param>
    /// <param name="options">The names of the options of <c>serve</c>.</param>
    public static string? FindInvalidSetting(IReadOnlyList<string> arguments, IEnumerable<string> options)
    {
        for (var at = 0; at < arguments.Count; at++)
        {
            var argument = arguments[at];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
                return ErrorText.Invalid("An argument", argument, "a setting of the form --Section:Name=value");
            var name = argument[2..].Split('=')[0];
            if (!IsSetting(name))
            {
                return ErrorText.UnknownName("option", $"--{name}",
                [
                    .. options, .. _hostSettings.Take(3).Select(setting => $"--{setting}"),
                    $"settings --Section:Name=value of the sections {string.Join(", ", SettingNames.Sections)}",
                ]);
            }
            if (argument.Contains('=', StringComparison.Ordinal))
                continue;
            at++; // the value is the next argument
            if (at == arguments.Count)
                return ErrorText.Invalid($"The value of --{name}", null, "given as the next argument or after =");
        }
        return null;
    }

    /// <summary>A section without a name is accepted: the test host of ASP.NET Core also passes --Section= for each section.</summary>
    private static bool IsSetting(string name) =>
        _sections.Contains(name.Split(':')[0], StringComparer.OrdinalIgnoreCase)
        || _hostSettings.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static string? FindUnknown(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        // The parser also assigns an unknown option to an argument: run --dat 2026-11-23.
        var values = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value);
        if (values.Concat(parsed.UnmatchedTokens).FirstOrDefault(value => value.StartsWith("--", StringComparison.Ordinal)) is { } option)
            return ErrorText.UnknownName("option", option.Split('=')[0], [.. command.Options.Select(known => known.Name), "--help"]);
        if (parsed.UnmatchedTokens is not [var surplus, ..])
            return null;
        return command.Subcommands.Count > 0
            ? ErrorText.UnknownName("command", surplus, [.. command.Subcommands.Select(known => known.Name)])
            : $"The argument \"{Excerpt.Truncate(surplus)}\" is one too many; "
                + $"{command.Name} must have {Quantity.Of(command.Arguments.Count, "argument")}.";
    }

    private static IEnumerable<string> FindMissing(CommandResult result)
    {
        if (result.Command is { Action: null, Subcommands: { Count: > 0 } subcommands })
        {
            var names = subcommands.Select(known => known.Name).ToList();
            yield return ErrorText.Invalid($"The command after {result.Command.Name}", null, ErrorText.OneOf(names));
        }
        foreach (var argument in result.Command.Arguments)
        {
            if (argument.Arity.MinimumNumberOfValues > 0 && result.GetResult(argument) is not { Tokens.Count: > 0 })
                yield return $"The argument {argument.Name} is missing. {argument.Description}";
        }
        foreach (var option in result.Command.Options)
        {
            var given = result.GetResult(option);
            if (option.Required && (given is null || given.Implicit))
                yield return $"{option.Name} is missing. {option.Description}";
            else if (given is { Implicit: false, Tokens.Count: 0 } && option.Arity.MinimumNumberOfValues > 0)
                yield return $"{option.Name} has no value. {option.Description}";
            else if (given is { IdentifierTokenCount: > 1 } && option.Arity.MaximumNumberOfValues == 1)
                yield return $"{option.Name} is given {given.IdentifierTokenCount} times; it must be given once.";
        }
    }
}
