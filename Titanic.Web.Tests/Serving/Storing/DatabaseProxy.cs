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
    private readonly List<Socket> _open = [];
    private readonly NpgsqlConnectionStringBuilder _server;
    private volatile State _state;
    private volatile byte[]? _mark;

    public DatabaseProxy(TestDatabase database)
    {
        _server = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        _listener.Start();
        _ = Accept();
    }

    private enum State
    {
        Works,
        Swallows,
        Hangs,
        IsCut,
    }

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        Pooling = true,
    }.ConnectionString;

    public void Resume() => _state = State.Works;

    /// <summary>Stops all traffic without closing connections.</summary>
    public void Hang() => _state = State.Hangs;

    /// <summary>From the first statement that contains this text, forwards requests but drops all responses.</summary>
    public void SwallowFrom(string statement) => _mark = Encoding.UTF8.GetBytes(statement);

    /// <summary>Closes all connections, and each new one at once.</summary>
    public void Cut()
    {
        _state = State.IsCut;
        End();
    }

    public void Dispose()
    {
        _listener.Dispose();
        End();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                if (_state == State.IsCut)
                    client.Close(0);
                else
                    _ = Join(client);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // disposed
        }
    }

    private async Task Join(Socket client)
    {
        var isUnix = _server.Host!.StartsWith('/');
        var server = isUnix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        lock (_open)
            _open.AddRange([client, server]);
        await server.ConnectAsync(isUnix ? new UnixDomainSocketEndPoint($"{_server.Host}/.s.PGSQL.{_server.Port}") : new DnsEndPoint(_server.Host, _server.Port));
        await Task.WhenAny(Pass(client, server, State.Swallows), Pass(server, client, State.Works));
        client.Close(0);
        server.Close(0);
    }

    /// <summary>Forwards bytes in one direction.</summary>
    /// <param name="mostTrouble">The last state of the proxy in which bytes of this direction are forwarded.</param>
    private async Task Pass(Socket from, Socket to, State mostTrouble)
    {
        var bytes = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(bytes) is > 0 and var count)
            {
                if (_mark is { } mark && mostTrouble == State.Swallows && bytes.AsSpan(0, count).IndexOf(mark) >= 0)
                    (_state, _mark) = (State.Swallows, null);
                while (_state == State.Hangs)
                    await Task.Delay(10);
                if (_state <= mostTrouble)
                    await to.SendAsync(bytes.AsMemory(0, count));
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // one side closed the connection
        }
    }

    private void End()
    {
        lock (_open)
        {
            foreach (var socket in _open)
                socket.Close(0);
            _open.Clear();
        }
    }
}
