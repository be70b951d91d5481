using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Titanic.Web.Hosting;
using Titanic.Web.Hosting.EmbeddedPostgres;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting;

/// <summary>On a server of its own, whose superuser we know.</summary>
public sealed class DatabaseRoleTests
{
    // Names and a password that must be quoted, each in its own way.
    private const string Role = "o'Brien", Password = "it's \"secret\" \\", Database = "The \"unsinkable\"";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_role_owns_its_database_and_is_no_superuser_however_often_it_is_made()
    {
        using var folder = TestFolder.Create();
        await using var server = await EmbeddedServer.Start(folder.Options, NullLogger.Instance, Cancelled);
        var superuser = new NpgsqlConnectionStringBuilder(server.AdministratorConnectionString);
        await File.WriteAllTextAsync(folder.In("password"), superuser.Password + "\n", Cancelled);
        var app = new NpgsqlConnectionStringBuilder(superuser.ConnectionString) { Username = Role, Password = Password, Database = Database, Pooling = false };

        for (var i = 0; i < 2; i++)
        {
            var line = await Create(app.ConnectionString, superuser.Username!, folder.In("password"));
            Assert.Equal($"The database {Database} at {app.Host}:{app.Port} is there; it belongs to the role {Role}.", line);
        }

        await using var connection = new NpgsqlConnection(app.ConnectionString);
        await connection.OpenAsync(Cancelled);
        Assert.Equal(false, await Ask(connection, "select rolsuper or rolcreaterole or rolcreatedb from pg_roles where rolname = current_user"));
        Assert.Equal(Role, await Ask(connection, "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"));
        Assert.Equal(1L, await Ask(connection, "select count(*) from pg_extension where extname = 'btree_gist'"));
    }

    [Theory]
    [InlineData(null, "not set")]
    [InlineData("Host=database;Username=titanic;Database=titanic", "incomplete")]
    public async Task A_connection_string_that_says_too_little_is_named(string? connectionString, string expected)
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Create(connectionString, "postgres", "no file"));

        Assert.Equal($"ConnectionStrings:Titanic is {expected}; it must have Host, Username, Password and Database.", failure.Message);
    }

    private static Task<string> Create(string? connectionString, string superuser, string passwordFile) =>
        DatabaseRole.CreateWhenMissing(connectionString, superuser, passwordFile, new DatabaseWait(TimeProvider.System, NullLogger<DatabaseWait>.Instance), Cancelled);

    private static async Task<object?> Ask(NpgsqlConnection connection, string query)
    {
        await using var command = new NpgsqlCommand(query, connection);
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
