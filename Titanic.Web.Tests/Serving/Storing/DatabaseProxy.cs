using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Titanic.Web.Tests.Serving.Storing;

/// <summary>Stands between the product and its database as a network does: it can be cut, swallow what comes back, or fall silent.</summary>
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

    /// <summary>Nothing gets through, and nobody is told.</summary>
    public void Hang() => _state = State.Hangs;

    /// <summary>From the first statement on that holds this text, whatever is sent arrives; no answer does.</summary>
    public void SwallowFrom(string statement) => _mark = Encoding.UTF8.GetBytes(statement);

    /// <summary>All connections end, and new ones do at once.</summary>
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
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // the test is over
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

    /// <param name="mostTrouble">Up to which state what is sent this way arrives.</param>
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
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // one of the two has left
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
