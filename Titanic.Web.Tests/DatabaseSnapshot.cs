using Npgsql;

namespace Titanic.Web.Tests;

/// <summary>
/// The rows and sequence values of a template database, kept in memory to restore a copy of it between two tests. Only changes are undone:
/// added rows are deleted; a table with changed or deleted rows is filled again. Triggers and foreign keys are disabled during the restore,
/// which takes a tenth of the time of a new copy.
/// </summary>
internal sealed class DatabaseSnapshot
{
    /// <summary>Above this number of deleted rows, tables are vacuumed, because dead rows slow down the next tests.</summary>
    private const long VacuumThreshold = 2_000;

    private readonly Table[] _tables;
    private readonly SequenceState[] _sequences;
    private readonly string _schemaDigest;

    private DatabaseSnapshot(Table[] tables, SequenceState[] counters, string schema) => (_tables, _sequences, _schemaDigest) = (tables, counters, schema);

    /// <summary>Reads the content of a template database.</summary>
    /// <param name="administrator">A superuser's connection to the template.</param>
    public static async Task<DatabaseSnapshot> Read(NpgsqlConnection administrator)
    {
        var tables = new List<Table>();
        foreach (var name in await Query(administrator, TableNames, row => row.GetString(0)))
        {
            using var rows = new MemoryStream();
            await using (var copy = await administrator.BeginRawBinaryCopyAsync($"copy {name} to stdout (format binary)"))
                await copy.CopyToAsync(rows);
            tables.Add(new Table(name, (await Query(administrator, $"select count(*) from {name}", row => row.GetInt64(0)))[0], rows.ToArray()));
        }
        return new DatabaseSnapshot([.. tables], await ReadSequences(administrator), await ReadSchemaDigest(administrator));
    }

    /// <summary>The current transaction ID. Rows of later transactions are those that a test added or changed.</summary>
    public static async Task<string> CurrentTransactionId(NpgsqlConnection administrator) =>
        (await Query(administrator, "select pg_current_xact_id()::xid::text", row => row.GetString(0)))[0];

    /// <summary>Restores this content in a copy of the template.</summary>
    /// <param name="administrator">A superuser's connection to a copy of the template that has no other users.</param>
    /// <param name="sinceTransactionId">The value of <see cref="CurrentTransactionId"/> when the copy last held this content.</param>
    /// <returns>False if the schema has changed; then nothing is restored, and the database must be dropped.</returns>
    public async Task<bool> TryRestore(NpgsqlConnection administrator, string sinceTransactionId)
    {
        if (await ReadSchemaDigest(administrator) != _schemaDigest)
            return false;

        var deleted = new Dictionary<string, long>();
        await using (var transaction = await administrator.BeginTransactionAsync())
        {
            await Execute(administrator, "set local session_replication_role = replica; set local lock_timeout = '60s'");
            var isAdded = $"age(xmin) < age('{sinceTransactionId}'::xid)";
            var counts = string.Join(" union all ", _tables.Select((table, index) =>
                $"select {index}, count(*) filter (where {isAdded}), count(*) filter (where not ({isAdded})) from {table.Name}"));
            foreach (var (index, added, kept) in await Query(administrator, counts, row => (row.GetInt32(0), row.GetInt64(1), row.GetInt64(2))))
            {
                var table = _tables[index];
                if (kept != table.Rows)
                    await Refill(administrator, table);
                else if (added > 0)
                    await Execute(administrator, $"delete from {table.Name} where {isAdded}");
                deleted[table.Name] = kept != table.Rows ? kept + added : added;
            }
            foreach (var sequence in _sequences.Except(await ReadSequences(administrator)))
                await Execute(administrator, $"select setval('{sequence.Name}', {sequence.Value}, {sequence.IsCalled})");
            await transaction.CommitAsync();
        }
        if (deleted.Values.Sum() > VacuumThreshold)
            await Execute(administrator, $"vacuum {string.Join(", ", deleted.Where(table => table.Value > 0).Select(table => table.Key))}");
        return true;
    }

    private static async Task Refill(NpgsqlConnection administrator, Table table)
    {
        await Execute(administrator, $"delete from {table.Name}");
        await using var copy = await administrator.BeginRawBinaryCopyAsync($"copy {table.Name} from stdin (format binary)");
        await copy.WriteAsync(table.Copy);
    }

    private const string TableNames =
        """
        select format('%I.%I', nspname, relname) from pg_class join pg_namespace n on n.oid = relnamespace
        where relkind = 'r' and nspname !~ '^(pg_|information_schema)' order by 1
        """;

    private static async Task<SequenceState[]> ReadSequences(NpgsqlConnection administrator) => [.. await Query(
        administrator,
        "select format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value), last_value is not null from pg_sequences",
        row => new SequenceState(row.GetString(0), row.GetInt64(1), row.GetBoolean(2)))];

    /// <summary>A digest that changes when a table, constraint, trigger, function or schema is created, altered or dropped.</summary>
    private static async Task<string> ReadSchemaDigest(NpgsqlConnection administrator) => (await Query(
        administrator,
        """
        with own_schemas as (select oid from pg_namespace where nspname !~ '^(pg_|information_schema)')
        select md5(string_agg(part, ',' order by part)) from (
            select 'relation ' || oid || ' ' || xmin from pg_class where relnamespace in (table own_schemas)
            union all select 'constraint ' || oid || ' ' || xmin from pg_constraint where connamespace in (table own_schemas)
            union all select 'trigger ' || t.oid || ' ' || t.xmin from pg_trigger t join pg_class c on c.oid = tgrelid where relnamespace in (table own_schemas)
            union all select 'function ' || oid || ' ' || xmin from pg_proc where pronamespace in (table own_schemas)
            union all select 'namespace ' || oid || ' ' || (select xmin from pg_namespace n where n.oid = own_schemas.oid) from own_schemas) parts (part)
        """,
        row => row.GetString(0)))[0];

    private static async Task<List<T>> Query<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(read(reader));
        return rows;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <param name="Copy">All rows in PostgreSQL's binary COPY format.</param>
    private sealed record Table(string Name, long Rows, byte[] Copy);

    private sealed record SequenceState(string Name, long Value, bool IsCalled);
}
