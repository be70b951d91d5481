using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Titanic.Web.Tests;

public sealed class TestPostgresTests(TestPostgres postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_database_is_a_fresh_copy_of_the_apps_schema_with_Hangfires()
    {
        await using var one = await postgres.CreateDatabase();
        await using var other = await postgres.CreateDatabase();
        await using (var create = one.DataSource.CreateCommand("CREATE TABLE only_here ()"))
            await create.ExecuteNonQueryAsync(Cancellation);

        Assert.Equal((true, true), (await Has(one, "only_here"), await Has(one, "hangfire.job")));
        Assert.Equal((false, true), (await Has(other, "only_here"), await Has(other, "hangfire.job")));
        await using var context = other.NewContext();
        Assert.Empty(await context.Database.GetPendingMigrationsAsync(Cancellation));
    }

    [Fact]
    public async Task An_empty_database_has_no_table_and_belongs_to_a_role_that_is_no_superuser()
    {
        await using var database = await postgres.CreateEmptyDatabase();

        await using var ask = database.DataSource.CreateCommand(
            "SELECT concat_ws('|', (SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')), " +
            "(SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user))");
        Assert.Equal("0|false", await ask.ExecuteScalarAsync(Cancellation));
    }

    [Fact]
    public async Task A_database_is_gone_after_its_test_even_while_somebody_is_connected()
    {
        var database = await postgres.CreateEmptyDatabase();
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);

        await database.DisposeAsync();

        await Eventually.True(
            async () => (await Record.ExceptionAsync(() => Reach(database))) is PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName }, "the database is gone");
    }

    [Fact]
    public async Task What_takes_a_while_happens_once_and_each_gets_a_copy_of_its_own()
    {
        var happened = 0;
        var copies = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => postgres.CreateDatabaseAfter("a table", async database =>
        {
            happened++;
            await using var create = database.DataSource.CreateCommand("CREATE TABLE made_once ()");
            await create.ExecuteNonQueryAsync(Cancellation);
        })));

        Assert.Equal(1, happened);
        Assert.Equal(3, copies.Select(copy => copy.Name).Distinct().Count());
        foreach (var copy in copies)
        {
            Assert.True(await Has(copy, "made_once"));
            await copy.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_database_is_given_to_the_next_test_as_it_was_at_first()
    {
        var first = await WithNotes();
        var before = await Notes(first);
        await Execute(first, "insert into notes (text) select 'more' from generate_series(1, 3000); update notes set text = 'other' where id = 1; delete from notes where id = 2");
        await first.DisposeAsync();

        await using var second = await WithNotes();

        Assert.Equal(first.Name, second.Name);
        Assert.Equal("1 one, 2 two", before);
        Assert.Equal(before, await Notes(second));
        await Execute(second, "insert into notes (text) values ('next')");
        Assert.Equal("1 one, 2 two, 3 next", await Notes(second));
    }

    [Fact]
    public async Task No_statement_transaction_or_lock_of_a_test_goes_on_in_the_next()
    {
        var first = await WithNotes();
        await Execute(first, "select pg_advisory_lock(1912)");
        var open = await first.DataSource.OpenConnectionAsync(Cancellation);
        await using (var begin = new NpgsqlCommand("begin; insert into notes (text) values ('not committed')", open))
            await begin.ExecuteNonQueryAsync(Cancellation);
        await first.DisposeAsync();

        await using var second = await WithNotes();

        Assert.Equal(first.Name, second.Name);
        Assert.Equal("1 one, 2 two", await Notes(second));
        await Execute(second, "do $$ begin assert (select count(*) from pg_locks where locktype = 'advisory' and objid = 1912) = 0; end $$");
    }

    [Theory]
    [InlineData("alter table notes add column more text")]
    [InlineData("create table another ()")]
    [InlineData("alter table notes add constraint short check (length(text) < 100)")]
    [InlineData("create function nothing() returns int language sql return 0")]
    public async Task A_database_whose_schema_a_test_changed_is_not_used_again(string change)
    {
        var first = await WithNotes();
        await Execute(first, change);
        await first.DisposeAsync();

        await using var second = await WithNotes();

        Assert.NotEqual(first.Name, second.Name);
        Assert.Equal("1 one, 2 two", await Notes(second));
    }

    private Task<TestDatabase> WithNotes() => postgres.CreateDatabaseAfter(
        "notes", database => Execute(database, "create table notes (id bigint generated always as identity, text text); insert into notes (text) values ('one'), ('two')"));

    private static async Task Execute(TestDatabase database, string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task<string> Notes(TestDatabase database)
    {
        await using var command = database.DataSource.CreateCommand("select string_agg(id || ' ' || text, ', ' order by id) from notes");
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task Reach(TestDatabase database)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
    }

    private static async Task<bool> Has(TestDatabase database, string table)
    {
        await using var ask = database.DataSource.CreateCommand("SELECT to_regclass($1) IS NOT NULL");
        ask.Parameters.Add(new NpgsqlParameter { Value = table });
        return (bool)(await ask.ExecuteScalarAsync(Cancellation))!;
    }
}
