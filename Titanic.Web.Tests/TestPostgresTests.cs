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

        await using var context = database.NewContext();
        var refused = await Assert.ThrowsAsync<PostgresException>(() => context.Database.OpenConnectionAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InvalidCatalogName, refused.SqlState);
    }

    private static async Task<bool> Has(TestDatabase database, string table)
    {
        await using var ask = database.DataSource.CreateCommand("SELECT to_regclass($1) IS NOT NULL");
        ask.Parameters.Add(new NpgsqlParameter { Value = table });
        return (bool)(await ask.ExecuteScalarAsync(Cancellation))!;
    }
}
