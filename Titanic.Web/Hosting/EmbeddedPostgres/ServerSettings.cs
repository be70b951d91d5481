using System.Globalization;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>
/// The settings in which the server differs from PostgreSQL's defaults; given at each start, so a new release can change them.
/// </summary>
internal static class ServerSettings
{
    public static IEnumerable<(string Name, string Value)> For(EmbeddedServerOptions options, StateFolder state, int port)
    {
        yield return ("port", port.ToString(CultureInfo.InvariantCulture));
        yield return ("listen_addresses", options.UnixSocketOnly ? "" : "127.0.0.1");
        yield return ("unix_socket_directories", options.UnixSocketOnly ? state.Sockets : "");
        yield return ("max_connections", options.MaxConnections.ToString(CultureInfo.InvariantCulture));
        yield return ("shared_buffers", "256MB");
        // An import of a million rows writes a gigabyte of log: it should neither wait for room in memory nor force checkpoints.
        yield return ("wal_buffers", "16MB");
        yield return ("max_wal_size", "4GB");
        // Dates and times mean the same on every machine.
        yield return ("timezone", "UTC");
        yield return ("log_timezone", "UTC");

        if (options.Durable)
            yield break;
        yield return ("fsync", "off");
        yield return ("synchronous_commit", "off");
        yield return ("full_page_writes", "off");
    }
}
