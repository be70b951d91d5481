namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>
/// The embedded server cannot be used. The message is a sentence for the person who starts the app: what was seen, what is allowed
/// and what to do about it.
/// </summary>
public sealed class EmbeddedServerException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Ends every message that a PostgreSQL of one's own would settle.</summary>
    internal const string OwnServerAdvice =
        "To use a PostgreSQL server of your own instead, set ConnectionStrings__Titanic " +
        "(for example \"Host=localhost;Database=titanic;Username=titanic;Password=...\").";
}
