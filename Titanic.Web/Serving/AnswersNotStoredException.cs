namespace Titanic.Web.Serving;

/// <summary>The answers are known but could not be stored in time, so they are not given. Whether their rows were stored is not known.</summary>
public sealed class AnswersNotStoredException(string reason, Exception? cause = null)
    : Exception($"The question was not answered, because an answer is given only when it is stored: {reason} Try again in a moment.", cause)
{
    /// <summary>What a caller is asked to wait before trying again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
}
