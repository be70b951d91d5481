namespace Titanic.Web.Registry;

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
