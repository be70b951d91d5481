namespace Titanic.Web.Registry;

/// <summary>Text from people, as the registry keeps it: without blanks around it, and without characters that nobody can see.</summary>
internal static class PlainText
{
    /// <param name="what">How the text is called in a refusal.</param>
    /// <param name="hasLines">Whether it may have several lines.</param>
    /// <exception cref="RegistryRefusedException">It is too short, too long or has control characters.</exception>
    public static string Require(string what, string? text, int shortest, int longest, bool hasLines = false)
    {
        var kept = (text ?? "").ReplaceLineEndings("\n").Trim();
        if (kept.Length == 0 && shortest > 0)
            throw new RegistryRefusedException(RefusalKind.Unclear, $"The {what} is missing; it must have {shortest} to {longest} characters.");
        if (kept.Length < shortest || kept.Length > longest)
            throw new RegistryRefusedException(RefusalKind.Unclear, $"The {what} has {kept.Length} characters; it must have {shortest} to {longest}.");
        foreach (var letter in kept)
        {
            if (char.IsControl(letter) && !(hasLines && letter == '\n'))
                throw new RegistryRefusedException(RefusalKind.Unclear, $"The {what} has the control character U+{(int)letter:X4}; it must be plain text.");
        }
        return kept;
    }
}
