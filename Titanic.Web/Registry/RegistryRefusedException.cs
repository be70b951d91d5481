using Microsoft.AspNetCore.Http.HttpResults;

namespace Titanic.Web.Registry;

/// <summary>The registry rejected a request and changed nothing; the message states the value seen and the values allowed.</summary>
public sealed class RegistryRefusedException(RefusalKind kind, string message) : Exception(message)
{
    public RefusalKind Kind => kind;
}

public enum RefusalKind
{
    /// <summary>A value of the request is invalid.</summary>
    Unclear,

    /// <summary>The version or the alias does not exist.</summary>
    Missing,

    /// <summary>The request conflicts with the current state: the gate's verdict, or a concurrent change.</summary>
    Conflict,

    /// <summary>The version's artifact is corrupt, or its model cannot be served.</summary>
    Unfit,
}

/// <summary>Converts errors of the registry to problem details (RFC 9457).</summary>
internal static class RegistryProblems
{
    public static ProblemHttpResult Of(RegistryRefusedException error) => TypedResults.Problem(error.Message, statusCode: StatusOf(error.Kind));

    /// <summary>The HTTP status of an error.</summary>
    public static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Unclear => StatusCodes.Status400BadRequest,
        RefusalKind.Missing => StatusCodes.Status404NotFound,
        RefusalKind.Conflict => StatusCodes.Status409Conflict,
        RefusalKind.Unfit => StatusCodes.Status422UnprocessableEntity,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown error kind."),
    };
}

/// <summary>Validates text that users enter: it is stored trimmed and without control characters.</summary>
internal static class PlainText
{
    /// <summary>Returns the trimmed text.</summary>
    /// <param name="what">Name of the text in the error message.</param>
    /// <param name="shortest">Minimum length after trimming, in characters.</param>
    /// <param name="longest">Maximum length after trimming, in characters.</param>
    /// <param name="hasLines">Whether line breaks are allowed; default false.</param>
    /// <exception cref="RegistryRefusedException">The text is too short, too long, or has control characters.</exception>
    public static string Require(string what, string? text, int shortest, int longest, bool hasLines = false)
    {
        var normalized = Kept(text);
        return Problem(what, normalized, shortest, longest, hasLines) is { } problem
            ? throw new RegistryRefusedException(RefusalKind.Unclear, problem)
            : normalized;
    }

    /// <summary>The trimmed text with LF line breaks; empty for null.</summary>
    public static string Kept(string? text) => (text ?? "").ReplaceLineEndings("\n").Trim();

    /// <summary>The first validation error of a <see cref="Kept"/> text as a message; null for a valid text.</summary>
    public static string? Problem(string what, string kept, int shortest, int longest, bool hasLines = false)
    {
        if (kept.Length == 0 && shortest > 0)
            return $"The {what} is missing; it must have {shortest} to {longest} characters.";
        if (kept.Length < shortest || kept.Length > longest)
            return $"The {what} has {kept.Length} characters; it must have {shortest} to {longest}.";
        foreach (var character in kept)
        {
            if (char.IsControl(character) && !(hasLines && character == '\n'))
                return $"The {what} has the control character U+{(int)character:X4}; it must be plain text.";
        }
        return null;
    }
}
