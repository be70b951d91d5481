using System.Net.Sockets;
using Npgsql;

namespace Titanic.Web.Hosting;

/// <summary>Patience with a database that starts at the same time as we do.</summary>
internal static partial class DatabaseWait
{
    private static readonly TimeSpan _longestWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    /// <summary>A database that is still starting is waited for, up to a minute; a wrong password or name is not.</summary>
    /// <exception cref="NpgsqlException">It refuses us, or has not come.</exception>
    public static async Task UntilReachable(string connectionString, TimeProvider clock, ILogger log, CancellationToken cancellation)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        var giveUpAt = clock.GetUtcNow() + _longestWait;
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync(cancellation);
                return;
            }
            catch (NpgsqlException away) when (IsAway(away) && clock.GetUtcNow() < giveUpAt)
            {
                LogWaiting(log, address.Host, address.Port, away.Message);
                await Task.Delay(_pause, clock, cancellation);
            }
        }
    }

    private static bool IsAway(NpgsqlException trouble) =>
        trouble.InnerException is SocketException or TimeoutException or IOException || trouble.SqlState == PostgresErrorCodes.CannotConnectNow;

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for PostgreSQL at {Host}:{Port}: {Reason}")]
    private static partial void LogWaiting(ILogger log, string? host, int port, string reason);
}
