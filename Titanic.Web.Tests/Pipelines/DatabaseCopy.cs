using System.Diagnostics;
using Npgsql;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>
/// Copies all rows of one database to another: with <c>pg_dump</c> and <c>pg_restore</c> from the folder in the environment variable
/// <c>TITANIC_POSTGRES_CLIENT</c>, or with COPY, in reverse physical order.
/// </summary>
internal static class DatabaseCopy
{
    /// <summary>The tables to copy first, because triggers check their references; the others are ordered by their foreign keys.</summary>
    private static readonly string[] _firstTables = ["runs", "validation_reports", "commits", "passengers", "outcomes"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// The folder of PostgreSQL client programs of the server's version; null where there is none. Continuous integration sets it.
    /// </summary>
    public static string? ClientFolder => Environment.GetEnvironmentVariable("TITANIC_POSTGRES_CLIENT") is { Length: > 0 } folder ? folder : null;

    /// <param name="to">A database without tables.</param>
    public static async Task DumpAndRestore(TestDatabase from, TestDatabase to, string clientFolder)
    {
        var dump = Path.Combine(Path.GetTempPath(), $"{to.Name}-{Environment.ProcessId}.dump");
        try
        {
            await Run(clientFolder, "pg_dump", from, "--format=custom", $"--file={dump}");
            // Extensions belong to the administrator and already exist.
            await Run(clientFolder, "pg_restore", to, "--no-owner", "--no-privileges", "--no-comments", "--exit-on-error", "--single-transaction", $"--dbname={to.Name}", dump);
        }
        finally
        {
            File.Delete(dump);
        }
    }

    /// <param name="to">A migrated database.</param>
    public static async Task RowByRow(TestDatabase from, TestDatabase to)
    {
        await using var source = await from.DataSource.OpenConnectionAsync(Cancellation);
        await using var target = await to.DataSource.OpenConnectionAsync(Cancellation);
        var tables = await TablesInDependencyOrder(source);
        await using (var empty = new NpgsqlCommand($"truncate {string.Join(", ", tables)} cascade", target))
            await empty.ExecuteNonQueryAsync(Cancellation);
        foreach (var table in tables)
        {
            var columns = await StoredColumns(source, table);
            await using var read = await source.BeginRawBinaryCopyAsync($"copy (select {columns} from {table} order by ctid desc) to stdout (format binary)", Cancellation);
            await using var write = await target.BeginRawBinaryCopyAsync($"copy {table} ({columns}) from stdin (format binary)", Cancellation);
            await read.CopyToAsync(write, Cancellation);
        }
        // COPY does not advance identity sequences.
        await using var sequences = new NpgsqlCommand("select sequencename, last_value from pg_sequences where schemaname = 'public' and last_value is not null", source);
        await using var values = await sequences.ExecuteReaderAsync(Cancellation);
        while (await values.ReadAsync(Cancellation))
        {
            await using var set = new NpgsqlCommand($"select setval('{values.GetString(0)}', {values.GetInt64(1)})", target);
            await set.ExecuteNonQueryAsync(Cancellation);
        }
    }

    /// <summary>All columns except generated ones.</summary>
    private static async Task<string> StoredColumns(NpgsqlConnection database, string table)
    {
        await using var command = new NpgsqlCommand(
            $"select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''", database);
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>The tables in an order in which each follows the tables it references.</summary>
    private static async Task<List<string>> TablesInDependencyOrder(NpgsqlConnection database)
    {
        var references = new Dictionary<string, string[]>();
        await using (var command = new NpgsqlCommand(
            """
            select t.relname::text, coalesce(array_agg(distinct f.relname::text) filter (where f.relname <> t.relname), '{}')
            from pg_class t left join pg_constraint c on c.conrelid = t.oid and c.contype = 'f' left join pg_class f on f.oid = c.confrelid
            where t.relkind = 'r' and t.relnamespace = 'public'::regnamespace and t.relname <> '__EFMigrationsHistory' group by t.relname order by t.relname
            """, database))
        await using (var tables = await command.ExecuteReaderAsync(Cancellation))
        {
            while (await tables.ReadAsync(Cancellation))
                references[tables.GetString(0)] = tables.GetFieldValue<string[]>(1);
        }
        references["predictions"] = [.. references["predictions"], "model_versions"]; // checked by a trigger
        var ordered = new List<string>(_firstTables);
        while (references.Keys.FirstOrDefault(table => !ordered.Contains(table) && references[table].All(ordered.Contains)) is { } next)
            ordered.Add(next);
        Assert.Equal(references.Keys.Order(), ordered.Order());
        return ordered;
    }

    private static async Task Run(string clientFolder, string program, TestDatabase database, params string[] arguments)
    {
        var server = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(clientFolder, program), arguments)
        {
            Environment =
            {
                ["PGHOST"] = server.Host, ["PGPORT"] = $"{server.Port}", ["PGUSER"] = server.Username, ["PGPASSWORD"] = server.Password, ["PGDATABASE"] = server.Database,
            },
            RedirectStandardError = true,
        })!;
        var errors = await process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.True(process.ExitCode == 0, $"{program}: {errors}");
    }
}
