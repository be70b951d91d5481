using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Titanic.Benchmarks.Drills;

/// <summary>Forwards connections to a database; can end all of them and refuse new ones, as if the database's machine were away.</summary>
internal sealed class DatabaseRelay : IAsyncDisposable
{
    private readonly NpgsqlConnectionStringBuilder _target;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly HashSet<TcpClient> _open = [];
    private readonly Lock _lock = new();
    private readonly Task _accepting;
    private bool _isAway;

    public DatabaseRelay(string connectionString)
    {
        _target = new NpgsqlConnectionStringBuilder(connectionString);
        _listener.Start();
        var own = (IPEndPoint)_listener.LocalEndpoint;
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { Host = $"{own.Address}", Port = own.Port }.ConnectionString;
        _accepting = Accept();
    }

    /// <summary>The connection string of the database through this relay.</summary>
    public string ConnectionString { get; }

    public void Disconnect()
    {
        lock (_lock)
        {
            _isAway = true;
            foreach (var client in _open)
                client.Close();
            _open.Clear();
        }
    }

    public void Reconnect()
    {
        lock (_lock)
            _isAway = false;
    }

    public async ValueTask DisposeAsync()
    {
        Disconnect();
        _listener.Stop();
        await _accepting;
    }

    private async Task Accept()
    {
        try
        {
            while (true)
                _ = Forward(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            // the end
        }
    }

    private async Task Forward(TcpClient client)
    {
        using var database = new TcpClient();
        using (client)
        {
            try
            {
                lock (_lock)
                {
                    if (_isAway)
                        return;
                    _open.UnionWith([client, database]);
                }
                await database.ConnectAsync(_target.Host!, _target.Port);
                await Task.WhenAny(
                    client.GetStream().CopyToAsync(database.GetStream()), database.GetStream().CopyToAsync(client.GetStream()));
            }
            catch (Exception lost) when (lost is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // one of the two has closed the connection
            }
            finally
            {
                lock (_lock)
                {
                    _open.Remove(client);
                    _open.Remove(database);
                }
            }
        }
    }
}
