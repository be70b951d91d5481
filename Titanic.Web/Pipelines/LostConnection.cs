using System.Net.Sockets;
using Npgsql;

namespace Titanic.Web.Pipelines;

/// <summary>How it shows that the database ended our connection: it was restarted, it crashed, or somebody pulled a cable.</summary>
internal static class LostConnection
{
    /// <summary>Entity Framework and others wrap what Npgsql throws, and not always in the same way.</summary>
    public static bool IsBehind(Exception? failure) => failure switch
    {
        null => false,
        PostgresException { SqlState: var state } => state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow,
        NpgsqlException { InnerException: IOException or SocketException } => true,
        _ => IsBehind(failure.InnerException),
    };

    /// <summary>For people. A backfill is one transaction; other pipelines may have committed a part of their work before.</summary>
    public static string SentenceFor(Run run) => run.Backfill is not null
        ? "The database ended the connection in the middle of the run; nothing of it was stored. Run it again."
        : "The database ended the connection in the middle of the run; what was not committed by then was not stored. Run it again.";
}
