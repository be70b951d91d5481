using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Hosting;

/// <summary>Describes a setting of the wrong type in the form of <see cref="ErrorText"/> instead of that of the configuration binder.</summary>
internal static partial class SettingErrors
{
    /// <summary>Whether the configuration binder threw the exception.</summary>
    public static bool IsOfBinder(Exception failure) =>
        failure is InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" };

    /// <summary>The message of an exception; for the binder's, the setting, its value and the values allowed.</summary>
    public static string Describe(Exception failure)
    {
        if (failure is OptionsValidationException invalid)
            return string.Join(' ', invalid.Failures);
        return IsOfBinder(failure) && FailedConversion().Match(failure.Message) is { Success: true } match
            ? ErrorText.Invalid(match.Groups["setting"].Value, match.Groups["value"].Value, DescribeAllowed(match.Groups["type"].Value))
            : FailureText.Describe(failure);
    }

    private static string DescribeAllowed(string typeName) => Type.GetType(typeName) switch
    {
        { IsEnum: true } names => ErrorText.OneOf(Enum.GetNames(names)),
        { } type when type == typeof(TimeSpan) => "a duration such as 00:00:30",
        { } type => RequestParameters.DescribeAllowed(type),
        null => $"a value of the type {typeName}",
    };

    [GeneratedRegex(@"'(?<value>.*)' at '(?<setting>[^']+)' to type '(?<type>[^']+)'", RegexOptions.Singleline)]
    private static partial Regex FailedConversion();
}
