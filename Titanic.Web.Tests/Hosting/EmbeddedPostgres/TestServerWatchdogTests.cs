using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

public sealed class TestServerWatchdogTests(PreparedCluster prepared)
{
    /// <summary>
    /// Closing the pipe simulates the exit of the process, which closes its pipes. If the server or its folder remains, the test fails at
    /// the deadline.
    /// </summary>
    [Fact]
    public async Task Stops_the_server_and_deletes_its_folder_when_the_pipe_closes()
    {
        using var folder = await prepared.Copy();
        var watchdog = TestServerWatchdog.Guard(folder.Path);
        var server = await EmbeddedServer.Start(
            folder.Options with { UnixSocketOnly = true }, NullLogger.Instance, TestContext.Current.CancellationToken);
        using var process = Process.GetProcessById(server.ProcessId);
        Assert.Equal("up", await EmbeddedServerTests.Query(server.ConnectionString, "SELECT 'up'"));
        Assert.StartsWith("Host=" + folder.PathTo("socket"), server.ConnectionString, StringComparison.Ordinal);
        server.Abandon();

        watchdog.Dispose();

        using var deadline = new CancellationTokenSource(Eventually.Timeout);
        await process.WaitForExitAsync(deadline.Token);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Directory.Exists(folder.Path))
            await poll.WaitForNextTickAsync(deadline.Token);
    }
}
