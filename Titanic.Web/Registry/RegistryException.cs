using Microsoft.AspNetCore.Http.HttpResults;

namespace Titanic.Web.Registry;

/// <summary>The registry rejected a request and changed nothing; the message states the value seen and the values allowed.</summary>
public sealed class RegistryException(RegistryErrorKind kind, string message) : Exception(message)
{
    public RegistryErrorKind Kind => kind;
}

public enum RegistryErrorKind
{
    /// <summary>A value of the request is invalid.</summary>
    Invalid,

    /// <summary>The version or the alias does not exist.</summary>
    NotFound,

    /// <summary>The request conflicts with the current state: the gate's verdict, or a concurrent change.</summary>
    Conflict,

    /// <summary>The version's artifact is corrupt, or its model cannot be served.</summary>
    NotServable,
}

/// <summary>Converts errors of the registry to problem details (RFC 9457).</summary>
internal static class RegistryProblems
{
    public static ProblemHttpResult Of(RegistryException error) => TypedResults.Problem(error.Message, statusCode: StatusOf(error.Kind));

    /// <summary>The HTTP status of an error.</summary>
    public static int StatusOf(RegistryErrorKind kind) => kind switch
    {
        RegistryErrorKind.Invalid => StatusCodes.Status400BadRequest,
        RegistryErrorKind.NotFound => StatusCodes.Status404NotFound,
        RegistryErrorKind.Conflict => StatusCodes.Status409Conflict,
        RegistryErrorKind.NotServable => StatusCodes.Status422UnprocessableEntity,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown error kind."),
    };
}

/// <summary>Validates text that users enter: it is stored trimmed and without control characters.</summary>
internal static class PlainText
{
    /// <summary>Returns the trimmed text.</summary>
    /// <param name="name">Name of the text in the error message.</param>
    /// <param name="minLength">Minimum length after trimming, in characters.</param>
    /// <param name="maxLength">Maximum length after trimming, in characters.</param>
    /// <param name="allowLineBreaks">Whether line breaks are allowed; default false.</param>
    /// <exception cref="RegistryException">The text is too short, too long, or has control characters.</exception>
    public static string Require(string name, string? text, int minLength, int maxLength, bool allowLineBreaks = false)
    {
        var normalized = Normalize(text);
        return Problem(name, normalized, minLength, maxLength, allowLineBreaks) is { } problem
            ? throw new RegistryException(RegistryErrorKind.Invalid, problem)
            : normalized;
    }

    /// <summary>The trimmed text with LF line breaks; empty for null.</summary>
    public static string Normalize(string? text) => (text ?? "").ReplaceLineEndings("\n").Trim();

    /// <summary>The first validation error of a <see cref="Normalize"/> text as a message; null for a valid text.</summary>
    public static string? Problem(string name, string normalized, int minLength, int maxLength, bool allowLineBreaks = false)
    {
        if (normalized.Length == 0 && minLength > 0)
            return $"The {name} is missing; it must have {ErrorText.Number(minLength)} to {ErrorText.Number(maxLength)} characters.";
        if (normalized.Length < minLength || normalized.Length > maxLength)
            return $"The {name} has {Quantity.Of(normalized.Length, "character")}; it must have {ErrorText.Number(minLength)} to {ErrorText.Number(maxLength)}.";
        foreach (var character in normalized)
        {
            if (char.IsControl(character) && !(allowLineBreaks && character == '\n'))
                return $"The {name} has the control character U+{(int)character:X4}; it must be plain text.";
        }
        return null;
    }
}
