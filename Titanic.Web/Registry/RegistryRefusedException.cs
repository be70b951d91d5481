using Microsoft.AspNetCore.Http.HttpResults;

namespace Titanic.Web.Registry;

/// <summary>The registry did not do what was asked, and changed nothing; the message says what was seen and what is allowed.</summary>
public sealed class RegistryRefusedException(RefusalKind kind, string message) : Exception(message)
{
    public RefusalKind Kind => kind;
}

public enum RefusalKind
{
    /// <summary>What was asked cannot be understood.</summary>
    Unclear,

    /// <summary>There is no such version, or no such alias.</summary>
    Missing,

    /// <summary>It does not go with how things stand: the gate's verdict, or what somebody else has changed meanwhile.</summary>
    Conflict,

    /// <summary>The version's bytes cannot serve.</summary>
    Unfit,
}

/// <summary>What the registry refuses, as problems (RFC 9457).</summary>
internal static class RegistryProblems
{
    public static ProblemHttpResult Of(RegistryRefusedException refused) => TypedResults.Problem(refused.Message, statusCode: StatusOf(refused.Kind));

    /// <summary>For pages as well.</summary>
    public static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Unclear => StatusCodes.Status400BadRequest,
        RefusalKind.Missing => StatusCodes.Status404NotFound,
        RefusalKind.Conflict => StatusCodes.Status409Conflict,
        RefusalKind.Unfit => StatusCodes.Status422UnprocessableEntity,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such refusal."),
    };
}

/// <summary>Text from people, as it is kept: without blanks around it, and without characters that nobody can see.</summary>
internal static class PlainText
{
    /// <param name="what">How the text is called in a refusal.</param>
    /// <param name="hasLines">Whether it may have several lines.</param>
    /// <exception cref="RegistryRefusedException">It is too short, too long or has control characters.</exception>
    public static string Require(string what, string? text, int shortest, int longest, bool hasLines = false)
    {
        var kept = Kept(text);
        return Problem(what, kept, shortest, longest, hasLines) is { } problem ? throw new RegistryRefusedException(RefusalKind.Unclear, problem) : kept;
    }

    /// <summary>The text without blanks around it; empty where there is none.</summary>
    public static string Kept(string? text) => (text ?? "").ReplaceLineEndings("\n").Trim();

    /// <summary>A sentence that says what is wrong with a <see cref="Kept"/> text; null where nothing is.</summary>
    public static string? Problem(string what, string kept, int shortest, int longest, bool hasLines = false)
    {
        if (kept.Length == 0 && shortest > 0)
            return $"The {what} is missing; it must have {shortest} to {longest} characters.";
        if (kept.Length < shortest || kept.Length > longest)
            return $"The {what} has {kept.Length} characters; it must have {shortest} to {longest}.";
        foreach (var letter in kept)
        {
            if (char.IsControl(letter) && !(hasLines && letter == '\n'))
                return $"The {what} has the control character U+{(int)letter:X4}; it must be plain text.";
        }
        return null;
    }
}
