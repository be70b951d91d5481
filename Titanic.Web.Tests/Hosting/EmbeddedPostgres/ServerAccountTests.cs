using System.Globalization;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging.Abstractions;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

[UnsupportedOSPlatform("windows")]
public sealed class ServerAccountTests(PreparedCluster prepared) : IDisposable
{
    private readonly TestFolder _folder = TestFolder.Create();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Root_switches_to_postgres_if_it_exists_else_to_an_unprivileged_account()
    {
        string[] both = ["root:x:0:0:root:/root:/bin/sh", "nobody:*:-2:-2::/:/bin/false", "postgres:x:101:104::/:/bin/sh"];

        Assert.Equal(new ServerAccount("postgres", 101, 104), ServerAccount.Choose(both));
        Assert.Equal(new ServerAccount("nobody", uint.MaxValue - 1, uint.MaxValue - 1), ServerAccount.Choose(both[..2]));
    }

    [Fact]
    public void Reports_that_root_has_no_account_to_switch_to()
    {
        var message = Assert.Throws<EmbeddedServerException>(
            () => ServerAccount.Choose(["root:x:0:0:root:/root:/bin/sh", "postgres:x:0:0::/:/bin/sh"])).Message;

        Assert.Contains("neither postgres nor nobody", message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__Titanic", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_runs_as_the_apps_user_but_never_as_root()
    {
        using var folder = await prepared.Copy();
        await using var server = await EmbeddedServer.Start(folder.Options, NullLogger.Instance, Cancellation);

        var expected = ServerAccount.ForThisProcess()?.UserId ?? UserIdOf("self");
        Assert.NotEqual(0u, expected);
        Assert.Equal(expected, UserIdOf(server.ProcessId.ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task An_ordinary_user_starts_and_stops_a_server()
    {
        using var app = await ChildApp.StartAsOrdinaryUser(_folder, Cancellation);
        var server = PostmasterFile.Read(_folder.PathTo("state/data"))!;
        Assert.Equal("titanic", await EmbeddedServerTests.Query(app.ConnectionString, "SELECT current_user::text"));
        Assert.NotEqual(0u, UserIdOf(server.ProcessId.ToString(CultureInfo.InvariantCulture)));

        Assert.Equal(0, await app.Stop(Cancellation));
        Assert.False(server.IsServerRunning());
    }

    [Fact]
    public async Task A_checkout_below_an_inaccessible_folder_works()
    {
        var closed = Directory.CreateDirectory(_folder.PathTo("closed")).FullName;
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await TestFolder.CopyTree(_folder.Options.BinariesRoot, closed);
        using var folder = await prepared.Copy();

        await using var server = await EmbeddedServer.Start(
            folder.Options with { BinariesRoot = Path.Combine(closed, "@embedded-postgres"), BinariesCache = _folder.PathTo("cache") },
            NullLogger.Instance, Cancellation);

        Assert.Equal("up", await EmbeddedServerTests.Query(server.ConnectionString, "SELECT 'up'"));
        Assert.Equal(ServerAccount.MustSwitch, Directory.Exists(_folder.PathTo("cache")));
    }

    [Fact]
    public async Task Reports_a_state_folder_that_the_servers_account_cannot_access()
    {
        var closed = Directory.CreateDirectory(_folder.PathTo("closed")).FullName;
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // An ordinary user cannot run a program as another account and gets a different message.
        var (account, expected) = ServerAccount.MustSwitch
            ? (new ServerAccount("nobody", 65534, 65534), "cannot access")
            : (new ServerAccount("root", 0, 0), "could not be started as the account root");

        var message = (await Assert.ThrowsAsync<EmbeddedServerException>(
            () => StateFolder.Open(Path.Combine(closed, "state"), account, Cancellation))).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static uint UserIdOf(string process) => uint.Parse(
        File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1],
        CultureInfo.InvariantCulture);
}
