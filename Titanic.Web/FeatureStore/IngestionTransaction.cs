using Npgsql;

namespace Titanic.Web.FeatureStore;

/// <summary>The one transaction of an ingestion. Left without <see cref="Commit"/>, everything in it, temporary tables included, is undone.</summary>
internal sealed class IngestionTransaction : IAsyncDisposable
{
    /// <summary>From how many rows on an ingestion is large: joined as a whole, and worth telling PostgreSQL's planner about.</summary>
    private const int LargeRows = 10_000;

    private readonly NpgsqlTransaction _transaction;
    private readonly CancellationToken _cancellation;

    private IngestionTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellation)
    {
        Connection = connection;
        _transaction = transaction;
        _cancellation = cancellation;
    }

    public NpgsqlConnection Connection { get; }

    public static async Task<IngestionTransaction> Begin(NpgsqlDataSource postgres, CancellationToken cancellation)
    {
        var connection = await postgres.OpenConnectionAsync(cancellation);
        try
        {
            var begun = new IngestionTransaction(connection, await connection.BeginTransactionAsync(cancellation), cancellation);
            await begun.Execute("set local work_mem = '128MB'"); // for joins of a million rows; small ones never take it
            await begun.Execute("set local jit = off"); // compiling takes longer than these statements save by it
            return begun;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// From here to the end of the transaction ingestions queue up, so commit ids come in the order in which commits become visible.
    /// </summary>
    public Task<int> AcquireCommitLock() => Execute("select pg_advisory_xact_lock(hashtextextended('titanic_passengers', 0))");

    /// <summary>
    /// Keeps the planner from looking up row by row what is better joined as a whole. Left to itself it does so after a large import, for as
    /// long as it has no statistics of the new rows, and takes hours.
    /// </summary>
    public async Task DisableNestedLoops(int rows)
    {
        if (rows >= LargeRows)
            await Execute("set local enable_nestloop = off");
    }

    /// <summary>After a large change the next reader should not have to wait for autovacuum's statistics.</summary>
    public async Task Analyze(int changedRows)
    {
        if (changedRows >= LargeRows)
            await Execute("analyze passengers, outcomes");
    }

    /// <summary>Parameters that the statement does not name are left out.</summary>
    public async Task<int> Execute(string sql, params IReadOnlyList<NpgsqlParameter> values)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(_cancellation);
    }

    public async Task<T> Scalar<T>(string sql, params IReadOnlyList<NpgsqlParameter> values)
    {
        await using var command = Command(sql, values);
        return (T)(await command.ExecuteScalarAsync(_cancellation))!;
    }

    public async Task<List<T>> Rows<T>(string sql, Func<NpgsqlDataReader, T> read, params IReadOnlyList<NpgsqlParameter> values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(_cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(_cancellation))
            rows.Add(read(reader));
        return rows;
    }

    public Task Commit() => _transaction.CommitAsync(_cancellation);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await Connection.DisposeAsync();
    }

    private NpgsqlCommand Command(string sql, IReadOnlyList<NpgsqlParameter> values)
    {
        // Waiting for one's turn and sorting millions of rows may take longer than any time-out that is good elsewhere.
        var command = new NpgsqlCommand(sql, Connection) { CommandTimeout = 0 };
        foreach (var value in values)
        {
            if (sql.Contains("@" + value.ParameterName, StringComparison.Ordinal))
                command.Parameters.Add(value.Clone());
        }
        return command;
    }
}
