using System.CommandLine.Parsing;
using System.Globalization;
using System.Net.Mail;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Hosting;

/// <summary>Parses the values of options and arguments. An invalid value adds an error in the form of <see cref="ErrorText"/>.</summary>
internal static class ArgumentParsers
{
    /// <summary>A whole number in a range.</summary>
    public static long WholeNumber(ArgumentResult result, long minimum, long maximum)
    {
        var text = Text(result);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= minimum && number <= maximum)
            return number;
        return Reject<long>(result, ErrorText.Invalid(SubjectOf(result), text, ErrorText.WholeNumber(minimum, maximum)));
    }

    /// <summary>The number of a model version.</summary>
    public static int VersionNumber(ArgumentResult result) => (int)WholeNumber(result, 1, int.MaxValue);

    /// <summary>A name of an enumeration, in any case.</summary>
    /// <param name="displayed">The names in messages; null: the names in lower case.</param>
    public static T EnumName<T>(ArgumentResult result, IReadOnlyList<string>? displayed = null)
        where T : struct, Enum
    {
        var text = Text(result);
        var names = displayed ?? [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
        return names.Contains(text, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(text, ignoreCase: true)
            : Reject<T>(result, ErrorText.Invalid(SubjectOf(result), text, ErrorText.OneOf(names)));
    }

    /// <summary>One of several names.</summary>
    /// <param name="kind">What the names are names of.</param>
    public static string? Name(ArgumentResult result, string kind, IReadOnlyList<string> names)
    {
        var text = Text(result);
        return names.Contains(text) ? text : Reject<string>(result, ErrorText.UnknownName(kind, text, names));
    }

    /// <summary>A day to simulate, which can be after today.</summary>
    public static DateOnly? Day(ArgumentResult result) =>
        RunRules.ParseDate(Text(result), DateOnly.MaxValue, out var error) ?? Reject<DateOnly?>(result, error!);

    /// <summary>The logical date of a run, not after today; its errors are those of the API.</summary>
    public static DateOnly? LogicalDate(ArgumentResult result)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        return RunRules.ParseDate(Text(result), today, out var error) ?? Reject<DateOnly?>(result, error!);
    }

    /// <summary>An http or https address.</summary>
    public static Uri? Address(ArgumentResult result) =>
        Uri.TryCreate(Text(result), UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : Reject<Uri>(result, ErrorText.Invalid(SubjectOf(result), Text(result), "an address that begins with http:// or https://"));

    /// <summary>An email address.</summary>
    public static string? EmailAddress(ArgumentResult result) =>
        MailAddress.TryCreate(Text(result), out _)
            ? Text(result)
            : Reject<string>(result, ErrorText.Invalid(SubjectOf(result), Text(result), "an email address"));

    private static string Text(ArgumentResult result) => result.Tokens is [var token, ..] ? token.Value : "";

    private static string SubjectOf(ArgumentResult result) =>
        result.Parent is OptionResult option ? option.Option.Name : $"The argument {result.Argument.Name}";

    private static T? Reject<T>(ArgumentResult result, string error)
    {
        result.AddError(error);
        return default;
    }
}
