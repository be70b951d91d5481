namespace Titanic.Web.Lifecycle.Archives;

/// <summary>An archive that is not taken; the message says what was seen and what is allowed.</summary>
public sealed class ArchiveRefusedException(string sentence, bool isTooLarge = false) : Exception(sentence)
{
    public bool IsTooLarge => isTooLarge;

    public static ArchiveRefusedException TooLarge(long bytes) => new(
        FormattableString.Invariant($"The archive has {bytes} bytes or more; it may have {ArchiveLayout.MostBytes}."), isTooLarge: true);
}
