using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

public sealed class TestServerWatchdogTests(PreparedCluster prepared)
{
    /// <summary>
    /// The end of a process closes its pipes, so closing the pipe stands for it.
    /// A server or folder that stays makes the test fail at the deadline.
    /// </summary>
    [Fact]
    public async Task A_server_and_its_folder_go_when_the_pipe_closes()
    {
        using var folder = await prepared.Copy();
        var watchdog = TestServerWatchdog.Guard(folder.Path);
        var server = await EmbeddedServer.Start(
            folder.Options with { UnixSocketOnly = true }, NullLogger.Instance, TestContext.Current.CancellationToken);
        using var process = Process.GetProcessById(server.ProcessId);
        Assert.Equal("up", await EmbeddedServerTests.Ask(server.ConnectionString, "SELECT 'up'"));
        Assert.StartsWith("Host=" + folder.In("socket"), server.ConnectionString, StringComparison.Ordinal);
        server.Abandon();

        watchdog.Dispose();

        using var deadline = new CancellationTokenSource(Eventually.Patience);
        await process.WaitForExitAsync(deadline.Token);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Directory.Exists(folder.Path))
            await poll.WaitForNextTickAsync(deadline.Token);
    }
}
