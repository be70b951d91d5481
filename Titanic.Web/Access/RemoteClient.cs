using System.Net;
using System.Net.Sockets;
using System.Security.Claims;

namespace Titanic.Web.Access;

/// <summary>Who counts as one client where requests or attempts are counted.</summary>
internal static class RemoteClient
{
    /// <summary>An IPv6 subscriber owns a whole /64 and could change address for every request, so the /64 counts as one.</summary>
    public static IPAddress AddressOf(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => IPAddress.None,
        { IsIPv4MappedToIPv6: true } address => address.MapToIPv4(),
        { AddressFamily: AddressFamily.InterNetworkV6 } address => new IPAddress([.. address.GetAddressBytes()[..8], .. new byte[8]]),
        var address => address,
    };

    /// <summary>"API key NAME" of a program that showed one in use, else null.</summary>
    public static string? KeyOf(HttpContext context) =>
        context.User.Identity is ClaimsIdentity { IsAuthenticated: true, AuthenticationType: ApiKeyAuthentication.Scheme } key ? key.Name : null;
}
