using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>The state after a SIGKILL of the app, of the server, or during the first start.</summary>
public sealed class EmbeddedServerCrashTests(PreparedCluster prepared) : IAsyncLifetime
{
    private TestFolder _folder = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reuses_and_finally_stops_the_server_of_a_killed_app()
    {
        int serverId;
        using (var app = await ChildApp.Start(_folder.Options, Cancellation))
        {
            await EmbeddedServerTests.Execute(app.ConnectionString, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('kept')");
            app.Kill();
            serverId = ServerProcessId();
            Assert.Equal("kept", await EmbeddedServerTests.Query(app.ConnectionString, "SELECT word FROM kept"));
        }

        await using (var next = await Start())
        {
            Assert.Equal(serverId, next.ProcessId);
            Assert.Equal("kept", await EmbeddedServerTests.Query(next.ConnectionString, "SELECT word FROM kept"));
        }
        Assert.False(File.Exists(_folder.PathTo("data/postmaster.pid")));
    }

    [Fact]
    public async Task Two_processes_share_one_server_and_the_last_one_stops_it()
    {
        using var first = await ChildApp.Start(_folder.Options, Cancellation);
        using var second = await ChildApp.Start(_folder.Options, Cancellation);
        Assert.Equal(first.ConnectionString, second.ConnectionString);

        Assert.Equal(0, await first.Stop(Cancellation));
        Assert.Equal("up", await EmbeddedServerTests.Query(second.ConnectionString, "SELECT 'up'"));
        Assert.Equal(0, await second.Stop(Cancellation));
        Assert.False(File.Exists(_folder.PathTo("data/postmaster.pid")));
    }

    [Fact]
    public async Task Restarts_a_killed_server_with_all_committed_data()
    {
        var durable = _folder.Options with { Durable = true };
        var killed = await EmbeddedServer.Start(durable, NullLogger.Instance, Cancellation);
        await EmbeddedServerTests.Execute(killed.ConnectionString, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('kept')");
        using (var process = Process.GetProcessById(killed.ProcessId))
        {
            process.Kill();
            await process.WaitForExitAsync(Cancellation);
        }
        killed.Abandon();
        Assert.True(File.Exists(_folder.PathTo("data/postmaster.pid")));

        await using var next = await Start();

        Assert.NotEqual(killed.ProcessId, next.ProcessId);
        Assert.Equal("kept", await EmbeddedServerTests.Query(next.ConnectionString, "SELECT word FROM kept"));
    }

    [Fact]
    public async Task Ignores_a_pid_file_with_the_process_ID_of_another_program()
    {
        // This test's process is running and is not a PostgreSQL server.
        File.WriteAllText(_folder.PathTo("data/postmaster.pid"), string.Create(CultureInfo.InvariantCulture,
            $"{Environment.ProcessId}\n{_folder.PathTo("data")}\n1700000000\n5432\n\n127.0.0.1\n12345 1\nready   \n"));

        await using var next = await Start();

        Assert.Equal("up", await EmbeddedServerTests.Query(next.ConnectionString, "SELECT 'up'"));
    }

    [Fact]
    public async Task Ignores_a_pid_file_with_the_process_ID_of_another_PostgreSQL_server()
    {
        using var elsewhere = await prepared.Copy();
        await using var other = await EmbeddedServer.Start(elsewhere.Options, NullLogger.Instance, Cancellation);
        var pidFile = File.ReadAllText(elsewhere.PathTo("data/postmaster.pid"));
        File.WriteAllText(_folder.PathTo("data/postmaster.pid"), pidFile.Replace(elsewhere.Path, _folder.Path, StringComparison.Ordinal));

        await using var next = await Start();

        Assert.NotEqual(other.ProcessId, next.ProcessId);
        Assert.Equal("up", await EmbeddedServerTests.Query(next.ConnectionString, "SELECT 'up'"));
        Assert.Equal("up", await EmbeddedServerTests.Query(other.ConnectionString, "SELECT 'up'"));
    }

    [Fact]
    public async Task Repeats_a_first_start_that_was_killed()
    {
        Directory.Move(_folder.PathTo("data"), _folder.PathTo("data.new-12345"));
        Credentials.Create().Write(_folder.PathTo("credentials"));

        await using var server = await Start();

        Assert.False(Directory.Exists(_folder.PathTo("data.new-12345")));
        Assert.Equal("up", await EmbeddedServerTests.Query(server.ConnectionString, "SELECT 'up'"));
    }

    [Fact]
    public async Task Stops_the_server_if_a_later_step_of_the_start_fails()
    {
        await using (var server = await Start())
            await EmbeddedServerTests.Execute(server.AdministratorConnectionString, "ALTER DATABASE titanic ALLOW_CONNECTIONS false");

        await Assert.ThrowsAsync<PostgresException>(Start);

        Assert.False(File.Exists(_folder.PathTo("data/postmaster.pid")));
    }

    public async ValueTask InitializeAsync() => _folder = await prepared.Copy();

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<EmbeddedServer> Start() => EmbeddedServer.Start(_folder.Options, NullLogger.Instance, Cancellation);

    private int ServerProcessId() => PostmasterFile.Read(_folder.PathTo("data"))!.ProcessId;
}
