namespace Titanic.Web.Passengers;

/// <summary>
/// A whole file is refused and nothing of it may be kept. The message is written for the person who brought the file: what was seen,
/// where, what is allowed, and a hint.
/// </summary>
/// <param name="line">The physical line (the header is line 1), or null when the trouble has no line.</param>
public sealed class PassengerFileException(string message, long? line = null, Exception? cause = null) : Exception(message, cause)
{
    public long? Line { get; } = line;
}
