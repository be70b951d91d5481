using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>The server's port on 127.0.0.1: chosen by the operating system at first, then kept as long as nobody else takes it.</summary>
internal static class LoopbackPort
{
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <returns>Null when nothing usable was remembered.</returns>
    public static int? Remembered(string file) =>
        File.Exists(file) && int.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= IPEndPoint.MaxPort
            ? port
            : null;

    public static void Remember(string file, int port) => File.WriteAllText(file, port.ToString(CultureInfo.InvariantCulture));
}
