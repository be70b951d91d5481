using System.Net;
using System.Net.Sockets;
using System.Security.Claims;

namespace Titanic.Web.Access;

/// <summary>The identity of a client for rate limits: its API key or its address.</summary>
internal static class RemoteClient
{
    /// <summary>
    /// The client's address; for IPv6 its /64 network, because a subscriber owns the whole /64 and could use another address for every
    /// request.
    /// </summary>
    public static IPAddress AddressOf(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => IPAddress.None,
        { IsIPv4MappedToIPv6: true } address => address.MapToIPv4(),
        { AddressFamily: AddressFamily.InterNetworkV6 } address => new IPAddress([.. address.GetAddressBytes()[..8], .. new byte[8]]),
        var address => address,
    };

    /// <summary>"API key NAME" if a valid API key authenticates the request, else null.</summary>
    public static string? ApiKeyNameOf(HttpContext context) =>
        context.User.Identity is ClaimsIdentity { IsAuthenticated: true, AuthenticationType: ApiKeyAuthentication.Scheme } key ? key.Name : null;
}
