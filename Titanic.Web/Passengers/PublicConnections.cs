using System.Net;
using System.Net.Sockets;

namespace Titanic.Web.Passengers;

/// <summary>
/// Opens HTTP connections to public addresses only, for URLs that users or settings give. The address that is connected to is the one that was
/// checked, so a host name that resolves to another address later has no effect; each redirect is another connection or uses one that was checked.
/// </summary>
internal static class PublicConnections
{
    /// <summary>Addresses in the global unicast range of IPv6 that contain an IPv4 address, or are reserved.</summary>
    private static readonly IPNetwork[] _nonPublicIPv6 =
        [.. ((string[])["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]).Select(IPNetwork.Parse)];

    private static readonly IPNetwork _globalIPv6 = IPNetwork.Parse("2000::/3");

    /// <summary>
    /// The ranges of the IANA special-purpose registry that are not globally reachable, multicast, and the one metadata address of a cloud (Azure)
    /// that is in none of them.
    /// </summary>
    private static readonly IPNetwork[] _nonPublicIPv4 =
    [
        .. ((string[])
        [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ]).Select(IPNetwork.Parse),
    ];

    public static bool IsPublic(IPAddress address) => address switch
    {
        { IsIPv4MappedToIPv6: true } => IsPublic(address.MapToIPv4()),
        { AddressFamily: AddressFamily.InterNetwork } => !_nonPublicIPv4.Any(range => range.Contains(address)),
        _ => _globalIPv6.Contains(address) && !_nonPublicIPv6.Any(range => range.Contains(address)),
    };

    /// <param name="setting">The name of the setting that allows all addresses, for messages.</param>
    /// <param name="isAnyAllowed">Whether all addresses are allowed; called for each connection.</param>
    public static SocketsHttpHandler CreateHandler(string setting, Func<bool> isAnyAllowed) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false, // a proxy would resolve the name itself
        // A compressed body can expand to any size; limits count the bytes that are read.
        AutomaticDecompression = DecompressionMethods.None,
        ConnectCallback = (context, cancellation) => Connect(context.DnsEndPoint, setting, isAnyAllowed(), cancellation),
    };

    private static async ValueTask<Stream> Connect(DnsEndPoint target, string setting, bool isAnyAllowed, CancellationToken cancellation)
    {
        var addresses = await Dns.GetHostAddressesAsync(target.Host, cancellation);
        var allowed = isAnyAllowed ? addresses : [.. addresses.Where(IsPublic)];
        if (allowed.Length == 0)
            throw new NonPublicAddressException(target.Host, setting);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A host has no public address.</summary>
internal sealed class NonPublicAddressException(string host, string setting)
    : IOException($"The host {host} has only private, loopback or link-local addresses; they need {setting}.");
