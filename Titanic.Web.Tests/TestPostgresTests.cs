using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Tests.Pages;

namespace Titanic.Web.Tests;

public sealed class TestPostgresTests(TestPostgres postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_database_is_a_separate_copy_of_the_schema_with_Hangfire()
    {
        await using var one = await postgres.CreateDatabase();
        await using var other = await postgres.CreateDatabase();
        await using (var create = one.DataSource.CreateCommand("CREATE TABLE only_here ()"))
            await create.ExecuteNonQueryAsync(Cancellation);

        Assert.Equal((true, true), (await HasTable(one, "only_here"), await HasTable(one, "hangfire.job")));
        Assert.Equal((false, true), (await HasTable(other, "only_here"), await HasTable(other, "hangfire.job")));
        await using var context = other.NewContext();
        Assert.Empty(await context.Database.GetPendingMigrationsAsync(Cancellation));
    }

    [Fact]
    public async Task An_empty_database_has_no_table_and_its_owner_is_not_a_superuser()
    {
        await using var database = await postgres.CreateEmptyDatabase();

        await using var command = database.DataSource.CreateCommand(
            "SELECT concat_ws('|', (SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')), " +
            "(SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user))");
        Assert.Equal("0|false", await command.ExecuteScalarAsync(Cancellation));
    }

    [Fact]
    public async Task An_empty_database_is_dropped_on_dispose_despite_open_connections()
    {
        var database = await postgres.CreateEmptyDatabase();
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);

        await database.DisposeAsync();

        await Eventually.True(
            async () => (await Record.ExceptionAsync(() => Connect(database))) is PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName }, "the database is dropped");
    }

    [Fact]
    public async Task Seeds_once_and_returns_separate_copies()
    {
        var seeded = 0;
        var copies = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => postgres.CreateSeededDatabase("a table", async database =>
        {
            seeded++;
            await using var create = database.DataSource.CreateCommand("CREATE TABLE made_once ()");
            await create.ExecuteNonQueryAsync(Cancellation);
        })));

        Assert.Equal(1, seeded);
        Assert.Equal(3, copies.Select(copy => copy.Name).Distinct().Count());
        foreach (var copy in copies)
        {
            Assert.True(await HasTable(copy, "made_once"));
            await copy.DisposeAsync();
        }
    }

    [Fact]
    public async Task Restores_a_database_for_the_next_test()
    {
        var first = await CreateDatabaseWithNotes();
        var before = await ReadNotes(first);
        await Execute(first, "insert into notes (text) select 'more' from generate_series(1, 3000); update notes set text = 'other' where id = 1; delete from notes where id = 2");
        await first.DisposeAsync();

        await using var second = await CreateDatabaseWithNotes();

        Assert.Equal(first.Name, second.Name);
        Assert.Equal("1 one, 2 two", before);
        Assert.Equal(before, await ReadNotes(second));
        await Execute(second, "insert into notes (text) values ('next')");
        Assert.Equal("1 one, 2 two, 3 next", await ReadNotes(second));
    }

    [Fact]
    public async Task Ends_statements_transactions_and_locks_of_a_test()
    {
        var first = await CreateDatabaseWithNotes();
        await Execute(first, "select pg_advisory_lock(1912)");
        var open = await first.DataSource.OpenConnectionAsync(Cancellation);
        await using (var begin = new NpgsqlCommand("begin; insert into notes (text) values ('not committed')", open))
            await begin.ExecuteNonQueryAsync(Cancellation);
        await first.DisposeAsync();

        await using var second = await CreateDatabaseWithNotes();

        Assert.Equal(first.Name, second.Name);
        Assert.Equal("1 one, 2 two", await ReadNotes(second));
        await Eventually.True(async () => await second.QueryScalar<int>( // a backend that was ended needs a moment on a busy machine
            $"""select count(*)::int as "Value" from pg_locks where locktype = 'advisory' and objid = 1912""") == 0, "the lock is released");
    }

    [Theory]
    [InlineData("alter table notes add column more text")]
    [InlineData("create table another ()")]
    [InlineData("alter table notes add constraint short check (length(text) < 100)")]
    [InlineData("create function nothing() returns int language sql return 0")]
    public async Task Does_not_reuse_a_database_with_a_changed_schema(string change)
    {
        var first = await CreateDatabaseWithNotes();
        await Execute(first, change);
        await first.DisposeAsync();

        await using var second = await CreateDatabaseWithNotes();

        Assert.NotEqual(first.Name, second.Name);
        Assert.Equal("1 one, 2 two", await ReadNotes(second));
    }

    private Task<TestDatabase> CreateDatabaseWithNotes() => postgres.CreateSeededDatabase(
        "notes", database => Execute(database, "create table notes (id bigint generated always as identity, text text); insert into notes (text) values ('one'), ('two')"));

    private static async Task Execute(TestDatabase database, string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task<string> ReadNotes(TestDatabase database)
    {
        await using var command = database.DataSource.CreateCommand("select string_agg(id || ' ' || text, ', ' order by id) from notes");
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task Connect(TestDatabase database)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
    }

    private static async Task<bool> HasTable(TestDatabase database, string table)
    {
        await using var command = database.DataSource.CreateCommand("SELECT to_regclass($1) IS NOT NULL");
        command.Parameters.Add(new NpgsqlParameter { Value = table });
        return (bool)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
