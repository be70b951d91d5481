using System.Net.Sockets;
using Npgsql;

namespace Titanic.Web.Pipelines;

/// <summary>Detects that a database connection was lost: the server was restarted, it crashed, or the network failed.</summary>
internal static class LostConnection
{
    /// <summary>
    /// Whether a lost connection is the exception or one of its inner exceptions. Entity Framework wraps Npgsql's exceptions in different
    /// ways.
    /// </summary>
    public static bool IsCauseOf(Exception? failure) => failure switch
    {
        null => false,
        PostgresException { SqlState: var state } => state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow,
        NpgsqlException { InnerException: IOException or SocketException } => true,
        _ => IsCauseOf(failure.InnerException),
    };

    /// <summary>
    /// Whether the database server had no space, memory or connections left (class 53 of the error codes): the work can succeed later.
    /// </summary>
    public static bool IsLackOfResources(Exception? failure) => failure switch
    {
        null => false,
        PostgresException postgres => postgres.SqlState.StartsWith("53", StringComparison.Ordinal),
        _ => IsLackOfResources(failure.InnerException),
    };

    /// <summary>
    /// The error of a run that continues after <see cref="IsLackOfResources"/>. Everyone reads the error of an interrupted run, so it does not contain that of the
    /// database; the log of the run has it for operators.
    /// </summary>
    public const string LackOfResourcesMessage = "The database server had no disk space, memory or connection left. The run continues by itself.";

    /// <summary>The error message of a run that does not continue by itself. A backfill is one transaction; other pipelines may have committed part of their work.</summary>
    public static string MessageFor(Run run) => run.Backfill is not null
        ? "The database connection was lost during the run. Nothing was stored. Run it again."
        : "The database connection was lost during the run. Work that was not committed was not stored. Run it again.";
}
