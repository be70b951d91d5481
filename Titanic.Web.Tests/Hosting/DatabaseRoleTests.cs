using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Titanic.Web.Hosting;
using Titanic.Web.Hosting.EmbeddedPostgres;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting;

/// <summary>Uses a server of its own, as its superuser.</summary>
public sealed class DatabaseRoleTests
{
    // Names and a password that each require different quoting.
    private const string Role = "o'Brien", Password = "it's \"secret\" \\", Database = "The \"unsinkable\"";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Creates_a_role_that_owns_its_database_and_is_not_a_superuser_and_can_be_repeated()
    {
        using var folder = TestFolder.Create();
        await using var server = await EmbeddedServer.Start(folder.Options, NullLogger.Instance, Cancelled);
        var superuser = new NpgsqlConnectionStringBuilder(server.AdministratorConnectionString);
        await File.WriteAllTextAsync(folder.PathTo("password"), superuser.Password + "\n", Cancelled);
        var app = new NpgsqlConnectionStringBuilder(superuser.ConnectionString) { Username = Role, Password = Password, Database = Database, Pooling = false };

        for (var i = 0; i < 2; i++)
        {
            var line = await Create(app.ConnectionString, superuser.Username!, folder.PathTo("password"));
            Assert.Equal($"The database {Database} at {app.Host}:{app.Port} is ready; its owner is the role {Role}.", line);
        }

        await using var connection = new NpgsqlConnection(app.ConnectionString);
        await connection.OpenAsync(Cancelled);
        Assert.Equal(
            false, await Query(connection, "select rolsuper or rolcreaterole or rolcreatedb from pg_roles where rolname = current_user"));
        Assert.Equal(Role, await Query(connection, "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"));
        Assert.Equal(1L, await Query(connection, "select count(*) from pg_extension where extname = 'btree_gist'"));
    }

    [Theory]
    [InlineData(null, "not set")]
    [InlineData("Host=database;Username=titanic;Database=titanic", "incomplete")]
    public async Task Rejects_a_missing_or_incomplete_connection_string(string? connectionString, string expected)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => Create(connectionString, "postgres", "no file"));

        Assert.Equal($"ConnectionStrings:Titanic is {expected}; it must have Host, Username, Password and Database.", exception.Message);
    }

    private static Task<string> Create(string? connectionString, string superuser, string passwordFile) =>
        DatabaseRole.CreateIfMissing(connectionString, superuser, passwordFile, new DatabaseWait(TimeProvider.System, NullLogger<DatabaseWait>.Instance), Cancelled);

    private static async Task<object?> Query(NpgsqlConnection connection, string query)
    {
        await using var command = new NpgsqlCommand(query, connection);
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
