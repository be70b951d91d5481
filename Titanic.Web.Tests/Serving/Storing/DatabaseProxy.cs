using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Titanic.Web.Tests.Serving.Storing;

/// <summary>
/// A TCP proxy between the product and its database that simulates network failures: disconnection, lost responses, or no traffic at all.
/// </summary>
internal sealed class DatabaseProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _sockets = [];
    private readonly NpgsqlConnectionStringBuilder _server;
    private volatile ProxyState _state;
    private volatile byte[]? _dropTrigger;

    public DatabaseProxy(TestDatabase database)
    {
        _server = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        _listener.Start();
        _ = Accept();
    }

    private enum ProxyState
    {
        Works,
        DropsResponses,
        Hangs,
        Disconnected,
    }

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        Pooling = true,
    }.ConnectionString;

    public void Resume() => _state = ProxyState.Works;

    /// <summary>Stops all traffic without closing connections.</summary>
    public void Hang() => _state = ProxyState.Hangs;

    /// <summary>From the first statement that contains this text, forwards requests but drops all responses.</summary>
    public void DropResponsesFrom(string statement) => _dropTrigger = Encoding.UTF8.GetBytes(statement);

    /// <summary>Closes all connections, and each new one at once.</summary>
    public void Disconnect()
    {
        _state = ProxyState.Disconnected;
        CloseAll();
    }

    public void Dispose()
    {
        _listener.Dispose();
        CloseAll();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                if (_state == ProxyState.Disconnected)
                    client.Close(0);
                else
                    _ = Connect(client);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // disposed
        }
    }

    private async Task Connect(Socket client)
    {
        var isUnix = _server.Host!.StartsWith('/');
        var server = isUnix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        lock (_sockets)
            _sockets.AddRange([client, server]);
        await server.ConnectAsync(isUnix ? new UnixDomainSocketEndPoint($"{_server.Host}/.s.PGSQL.{_server.Port}") : new DnsEndPoint(_server.Host, _server.Port));
        await Task.WhenAny(Forward(client, server, ProxyState.DropsResponses), Forward(server, client, ProxyState.Works));
        client.Close(0);
        server.Close(0);
    }

    /// <summary>Forwards bytes in one direction.</summary>
    /// <param name="lastOpenState">The last state of the proxy in which bytes of this direction are forwarded.</param>
    private async Task Forward(Socket from, Socket to, ProxyState lastOpenState)
    {
        var bytes = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(bytes) is > 0 and var count)
            {
                if (_dropTrigger is { } mark && lastOpenState == ProxyState.DropsResponses && bytes.AsSpan(0, count).IndexOf(mark) >= 0)
                    (_state, _dropTrigger) = (ProxyState.DropsResponses, null);
                while (_state == ProxyState.Hangs)
                    await Task.Delay(10);
                if (_state <= lastOpenState)
                    await to.SendAsync(bytes.AsMemory(0, count));
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // one side closed the connection
        }
    }

    private void CloseAll()
    {
        lock (_sockets)
        {
            foreach (var socket in _sockets)
                socket.Close(0);
            _sockets.Clear();
        }
    }
}
