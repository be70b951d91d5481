using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>First start, restarts and several users of a server.</summary>
public sealed class EmbeddedServerTests(PreparedCluster prepared) : IDisposable
{
    private readonly TestFolder _folder = TestFolder.Create();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_apps_role_owns_its_database_and_has_no_other_privileges()
    {
        await using var server = await Start(_folder);

        Assert.Equal(
            "titanic|titanic|false|false|false|18|b|C.UTF-8|UTF8|UTC|127.0.0.1",
            await Query(server.ConnectionString, """
                SELECT concat_ws('|', current_user, pg_get_userbyid(datdba), rolsuper::text, rolcreatedb::text, rolcreaterole::text,
                    current_setting('server_version_num')::int / 10000, datlocprovider, datlocale, pg_encoding_to_char(encoding),
                    current_setting('timezone'), host(inet_server_addr()))
                FROM pg_database CROSS JOIN pg_roles WHERE datname = current_database() AND rolname = current_user
                """));
        await Execute(server.ConnectionString,
            "CREATE SCHEMA test; CREATE TABLE test.t (version int, held int4range, EXCLUDE USING gist (version WITH =, held WITH &&))");
        var exception = await Assert.ThrowsAsync<PostgresException>(() => Execute(server.ConnectionString, "CREATE ROLE intruder SUPERUSER"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, exception.SqlState);
    }

    [Fact]
    public async Task Only_the_apps_user_can_read_the_passwords_and_the_server_requires_them()
    {
        using var folder = await prepared.Copy();
        await using var server = await Start(folder);

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.PathTo("credentials")));
        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "wrong" }.ConnectionString;
        var exception = await Assert.ThrowsAsync<PostgresException>(() => Query(wrong, "SELECT 'in'"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, exception.SqlState);
    }

    [Fact]
    public async Task Data_and_port_survive_a_restart_and_the_last_user_stops_the_server()
    {
        using var folder = await prepared.Copy();
        var first = await Start(folder);
        await Execute(first.ConnectionString, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('kept')");
        await using (var second = await Start(folder))
        {
            Assert.Equal(first.ProcessId, second.ProcessId);
            await first.DisposeAsync();
            Assert.Equal("kept", await Query(second.ConnectionString, "SELECT word FROM kept"));
        }
        Assert.False(File.Exists(folder.PathTo("data/postmaster.pid")));

        await using var again = await Start(folder);
        Assert.Equal(first.ConnectionString, again.ConnectionString);
        Assert.NotEqual(first.ProcessId, again.ProcessId);
        Assert.Equal("kept", await Query(again.ConnectionString, "SELECT word FROM kept"));
    }

    [Fact]
    public async Task Two_concurrent_starts_share_one_server()
    {
        var both = await Task.WhenAll(Start(_folder), Start(_folder));

        Assert.Equal(both[0].ProcessId, both[1].ProcessId);
        await Task.WhenAll(both[0].DisposeAsync().AsTask(), both[1].DisposeAsync().AsTask());
        Assert.False(File.Exists(_folder.PathTo("data/postmaster.pid")));
    }

    [Fact]
    public async Task Uses_another_port_if_the_previous_one_is_in_use()
    {
        using var folder = await prepared.Copy();
        var first = await Start(folder);
        var port = new NpgsqlConnectionStringBuilder(first.ConnectionString).Port;
        await first.DisposeAsync();
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
        other.Start();

        await using var second = await Start(folder);

        Assert.NotEqual(port, new NpgsqlConnectionStringBuilder(second.ConnectionString).Port);
        Assert.Equal("1", await Query(second.ConnectionString, "SELECT '1'"));
    }

    public void Dispose() => _folder.Dispose();

    private static Task<EmbeddedServer> Start(TestFolder folder) => EmbeddedServer.Start(folder.Options, NullLogger.Instance, Cancellation);

    internal static async Task<string?> Query(string connectionString, string query)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(query, connection);
        return (string?)await command.ExecuteScalarAsync(Cancellation);
    }

    internal static async Task Execute(string connectionString, string statement)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
