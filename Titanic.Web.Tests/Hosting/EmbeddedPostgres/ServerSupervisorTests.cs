using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>Real servers that are killed while processes use them.</summary>
public sealed class ServerSupervisorTests(PreparedCluster prepared) : IAsyncLifetime
{
    private TestFolder _folder = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restarts_a_killed_server_at_the_same_address_with_all_committed_data()
    {
        await using var server = await Start();
        var address = server.ConnectionString;
        await EmbeddedServerTests.Execute(address, "CREATE TABLE kept (kill int)");
        for (var kill = 1; kill <= 3; kill++)
        {
            await EmbeddedServerTests.Execute(address, $"INSERT INTO kept VALUES ({kill})");
            var killed = server.ProcessId;
            if (kill == 1)
                ServerProcesses.KillPostmaster(_folder);
            else
                await ServerProcesses.SignalAll(_folder, "KILL");
            await Eventually.True(() => server.ProcessId != killed && server.Outage is null, "the server was restarted");

            Assert.Equal($"{kill}", await EmbeddedServerTests.Query(address, "SELECT count(*)::text FROM kept"));
        }
    }

    /// <summary>A statement that computes does not notice the end of the postmaster, and keeps the shared memory in use.</summary>
    [Fact]
    public async Task Ends_statements_that_would_block_the_restart()
    {
        await using var server = await Start();
        var endless = EmbeddedServerTests.Execute(
            server.ConnectionString, "SET statement_timeout = 0; SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b");
        await Eventually.True(
            async () => await EmbeddedServerTests.Query(server.ConnectionString, "SELECT count(*)::text FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series(1, 1000000) b'") == "1",
            "the statement computes");
        var killed = server.ProcessId;

        ServerProcesses.KillPostmaster(_folder);
        await Eventually.True(() => server.ProcessId != killed && server.Outage is null, "the server was restarted");

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => endless);
        Assert.Equal("up", await EmbeddedServerTests.Query(server.ConnectionString, "SELECT 'up'"));
    }

    [Fact]
    public async Task One_of_two_processes_restarts_the_server_that_they_share()
    {
        using var first = await ChildApp.Start(_folder.Options, Cancellation);
        using var second = await ChildApp.Start(_folder.Options, Cancellation);
        for (var kill = 1; kill <= 3; kill++)
        {
            ServerProcesses.KillPostmaster(_folder);
            await Eventually.True(() => Starts() == kill + 1 && File.Exists(_folder.PathTo("data/postmaster.pid")), "the server was restarted");
            await Eventually.True(IsUp, "the server responds");
        }

        Assert.Equal(0, await first.Stop(Cancellation));
        Assert.True(await IsUp());
        Assert.Equal(0, await second.Stop(Cancellation));
        Assert.False(File.Exists(_folder.PathTo("data/postmaster.pid")));
        Assert.Equal(4, Starts());

        int Starts() => File.ReadLines(_folder.PathTo("server.log")).Count(line => line.Contains("database system is ready to accept connections", StringComparison.Ordinal)) - _startsBefore;

        async Task<bool> IsUp()
        {
            try
            {
                return await EmbeddedServerTests.Query(first.ConnectionString, "SELECT 'up'") == "up";
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task Waits_while_another_program_uses_the_port_and_says_so()
    {
        await using var server = await Start();
        var port = new NpgsqlConnectionStringBuilder(server.ConnectionString).Port;
        using (var other = new TcpListener(IPAddress.Loopback, port))
        {
            await using (await StateLocks.AcquireExclusive(_folder.PathTo("start.lock"), Cancellation)) // so that it is not restarted yet
            {
                await ServerProcesses.SignalAll(_folder, "KILL");
                await Eventually.True(() => TryListen(other), "the port is free");
            }
            await Eventually.True(() => server.Outage is { } outage && outage.Reason.Contains($"Another program listens on port {port}", StringComparison.Ordinal), "the reason is stated");
        }

        await Eventually.True(() => server.Outage is null, "the server was restarted");
        Assert.Equal("up", await EmbeddedServerTests.Query(server.ConnectionString, "SELECT 'up'"));
    }

    [Fact]
    public void Only_an_outage_longer_than_two_minutes_needs_a_restart_of_the_process()
    {
        var outage = new ServerOutage(0, "PostgreSQL cannot be restarted.");

        Assert.False(outage.IsLasting(119 * Stopwatch.Frequency));
        Assert.True(outage.IsLasting(120 * Stopwatch.Frequency));
    }

    private int _startsBefore;

    public async ValueTask InitializeAsync()
    {
        _folder = await prepared.Copy();
        _startsBefore = File.ReadLines(_folder.PathTo("server.log")).Count(line => line.Contains("database system is ready to accept connections", StringComparison.Ordinal));
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static bool TryListen(TcpListener listener)
    {
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

    private async Task<EmbeddedServer> Start()
    {
        var server = await EmbeddedServer.Start(_folder.Options with { Durable = true }, NullLogger.Instance, Cancellation);
        server.Supervise();
        return server;
    }
}
