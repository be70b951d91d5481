using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Titanic.Web.Hosting;

/// <summary>
/// Checks that the addresses to listen on are free before a database is created or started. The web server detects the conflict too, but at
/// the same time as the database starts.
/// </summary>
internal static class ListenAddress
{
    private const string Default = "http://localhost:5000";

    /// <summary>A process that was stopped just before can still listen for a moment.</summary>
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(3);

    /// <summary>Waits up to three seconds until every configured address is free.</summary>
    /// <exception cref="IOException">
    /// An address is in use, or is not an address; the message names it and the settings that change it.
    /// </exception>
    public static async Task WaitUntilFree(IConfiguration configuration, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                RequireFree(configuration);
                return;
            }
            catch (IOException failure) when (failure.InnerException is AddressInUseException && Stopwatch.GetElapsedTime(start) < _timeout)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
            }
        }
    }

    private static void RequireFree(IConfiguration configuration)
    {
        foreach (var address in ConfiguredAddresses(configuration))
        {
            if (address.Port != 0 && EndPointsOf(address).Any(IsInUse))
                throw new IOException(
                    $"Another program listens on {address}. Stop it, or set another address with ASPNETCORE_URLS or --urls, "
                    + "for example --urls http://localhost:5001.",
                    new AddressInUseException(address.ToString()));
        }
    }

    private static IEnumerable<BindingAddress> ConfiguredAddresses(IConfiguration configuration)
    {
        if (configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls)
            return Each(urls).Select(Parse);
        if (configuration[WebHostDefaults.HttpPortsKey] is { Length: > 0 } ports)
            return Each(ports).Select(port => Parse($"http://*:{port}"));
        return [BindingAddress.Parse(Default)];

        static string[] Each(string list) => list.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static BindingAddress Parse(string address)
    {
        try
        {
            return BindingAddress.Parse(address);
        }
        catch (FormatException invalid)
        {
            throw new IOException(ErrorText.Invalid("The address of ASPNETCORE_URLS or --urls", address, "a URL such as http://localhost:5001"), invalid);
        }
    }

    private static IPEndPoint[] EndPointsOf(BindingAddress address)
    {
        if (address.IsUnixPipe || address.IsNamedPipe)
            return [];
        if (address.Host == "localhost")
            return [new(IPAddress.Loopback, address.Port), new(IPAddress.IPv6Loopback, address.Port)];
        return [new(IPAddress.TryParse(address.Host, out var ip) ? ip : IPAddress.Any, address.Port)];
    }

    private static bool IsInUse(IPEndPoint endPoint)
    {
        try
        {
            using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(endPoint);
            socket.Listen(1);
            return false;
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode == SocketError.AddressAlreadyInUse; // the web server reports any other error
        }
    }
}
