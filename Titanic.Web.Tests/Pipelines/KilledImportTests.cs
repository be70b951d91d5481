using Npgsql;
using Titanic.Web.Tests.Hosting;
using Titanic.Web.Tests.Pages;
using Titanic.Web.Tests.Passengers;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>The product as a separate process, killed with SIGKILL at three stages of an import.</summary>
public sealed class KilledImportTests(TestPostgres postgres, DatasetWebServer lists) : IClassFixture<DatasetWebServer>
{
    private const int Rows = 20_000;

    [Fact]
    public async Task A_killed_import_stores_nothing_and_the_next_import_is_complete()
    {
        await using var database = await postgres.CreateDatabase();
        await KillAt(database, "pg_stat_progress_copy p where p.datname = current_database() and p.tuples_processed > 1000", null, "its rows are being copied");
        await KillAt(database, "pg_stat_activity a where a.datname = current_database() and a.state = 'active' and a.query like 'insert into passengers%'", "passengers", "its rows are being stored");
        await KillAt(database, "pg_stat_activity a where a.datname = current_database() and a.state = 'active' and a.query like 'insert into outcomes%'", "outcomes", "its outcomes are being stored");

        using var again = Import(database);
        await again.WaitForExit();
        Assert.Contains(FormattableString.Invariant($"{Rows:#,##0} inserted"), string.Join('\n', again.Output), StringComparison.Ordinal);
        Assert.Equal($"1 {Rows} {Rows} 1", await Contents(database));
        Assert.Equal("Interrupted Interrupted Interrupted Succeeded", await database.QueryScalar<string>($"""select string_agg(status, ' ' order by run_id) as "Value" from runs"""));
    }

    private async Task KillAt(TestDatabase database, string stage, string? lockedTable, string description)
    {
        await using (var tableLock = await LockTable(database, lockedTable))
        using (var import = Import(database))
        {
            await Eventually.True(async () => import.HasExited || await Exists(database, stage), description);
            Assert.False(import.HasExited, string.Join('\n', import.Errors));
            import.Kill();
        }
        await Eventually.True(async () => !await Exists(database, "pg_stat_activity a where a.datname = current_database() and a.pid <> pg_backend_pid() and a.backend_type = 'client backend' and a.state <> 'idle'"), "the server has ended the connection");

        Assert.Equal("0 0 0 0", await Contents(database));
        Assert.False(await Exists(database, "pg_class c where c.relpersistence = 't' and c.relkind = 'r' and pg_table_is_visible(c.oid)"));
        Assert.False(await Exists(database, "pg_locks l where l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database())"));
    }

    private ProductProcess Import(TestDatabase database) => ProductProcess.StartOn(database, [("Passengers__AllowPrivateAddresses", "true")], "run", "feature", "--backfill", lists.StalledOnceUrl(Rows));

    /// <summary>
    /// Blocks writes to the table until the connection is disposed, so the import waits at this stage on a machine of any speed.
    /// </summary>
    private static async Task<NpgsqlConnection> LockTable(TestDatabase database, string? table)
    {
        var connection = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        if (table is not null)
        {
            await using var command = new NpgsqlCommand($"begin; lock table {table} in share mode", connection);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        return connection;
    }

    private static Task<string> Contents(TestDatabase database) => database.QueryScalar<string>(
        $"""select concat_ws(' ', (select count(*) from commits), (select count(*) from passengers), (select count(*) from outcomes), (select count(*) from validation_reports)) as "Value" """);

    private static async Task<bool> Exists(TestDatabase database, string fromClause)
    {
        await using var command = database.DataSource.CreateCommand($"select exists (select from {fromClause})");
        return (bool)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
