using Npgsql;
using NpgsqlTypes;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// The transaction of an ingestion. Disposing it without <see cref="Commit"/> rolls everything back, including temporary tables.
/// </summary>
internal sealed class IngestionTransaction : IAsyncDisposable
{
    /// <summary>Number of rows from which nested loops are disabled and ANALYZE is run.</summary>
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
            var transaction = new IngestionTransaction(connection, await connection.BeginTransactionAsync(cancellation), cancellation);
            await transaction.Execute("set local work_mem = '128MB'"); // for joins of a million rows; small joins use less
            await transaction.Execute("set local jit = off"); // compilation takes longer than it saves for these statements
            return transaction;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Waits for the lock that serializes ingestions until the end of the transaction, so that commit ids increase in the order in
    /// which commits become visible.
    /// </summary>
    public Task<int> AcquireCommitLock() => Execute("select pg_advisory_xact_lock(hashtextextended('titanic_passengers', 0))");

    /// <summary>
    /// Disables nested loop joins for large ingestions. After a large import the planner has no statistics of the new rows, chooses
    /// nested loops, and the joins take hours.
    /// </summary>
    public async Task DisableNestedLoops(int rows)
    {
        if (rows >= LargeRows)
            await Execute("set local enable_nestloop = off");
    }

    /// <summary>Updates the statistics of the planner after a large change, so that the next queries do not depend on autovacuum.</summary>
    public async Task Analyze(int changedRows)
    {
        if (changedRows >= LargeRows)
            await Execute("analyze passengers, outcomes");
    }

    /// <summary>Executes a statement. Parameters that it does not use are ignored.</summary>
    public async Task<int> Execute(string sql, params IReadOnlyList<NpgsqlParameter> parameters)
    {
        await using var command = CreateCommand(sql, parameters);
        return await command.ExecuteNonQueryAsync(_cancellation);
    }

    public async Task<T> Scalar<T>(string sql, params IReadOnlyList<NpgsqlParameter> parameters)
    {
        await using var command = CreateCommand(sql, parameters);
        return (T)(await command.ExecuteScalarAsync(_cancellation))!;
    }

    public async Task<List<T>> Rows<T>(string sql, Func<NpgsqlDataReader, T> read, params IReadOnlyList<NpgsqlParameter> parameters)
    {
        await using var command = CreateCommand(sql, parameters);
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

    private NpgsqlCommand CreateCommand(string sql, IReadOnlyList<NpgsqlParameter> parameters)
    {
        // Waiting for the commit lock and sorting millions of rows can take longer than the usual command timeout.
        var command = new NpgsqlCommand(sql, Connection) { CommandTimeout = 0 };
        foreach (var value in parameters)
        {
            if (sql.Contains("@" + value.ParameterName, StringComparison.Ordinal))
                command.Parameters.Add(value.Clone());
        }
        return command;
    }
}

/// <summary>
/// Streams valid and rejected rows with COPY to a temporary table, so that memory use does not depend on the number of rows. Valid
/// passengers are encoded here once.
/// </summary>
internal static class Staging
{
    private const string CreatePassengers =
        """
        create temp table incoming (
            line bigint not null, source_key text collate "C", name text, pclass smallint, sex text, age double precision, fare double precision,
            survived boolean, event_time timestamptz, person text, code smallint, person_key bigint, rules text[], reasons text[], excerpt text)
        on commit drop
        """;

    private const string CopyPassengers =
        "copy incoming (line, source_key, name, pclass, sex, age, fare, survived, event_time, person, code, person_key, rules, reasons, excerpt) from stdin (format binary)";

    private const string CreateOutcomes =
        """
        create temp table incoming (
            line bigint not null, source text collate "C", source_key text collate "C", survived boolean, known_at timestamptz,
            rules text[], reasons text[], excerpt text)
        on commit drop
        """;

    private const string CopyOutcomes =
        "copy incoming (line, source, source_key, survived, known_at, rules, reasons, excerpt) from stdin (format binary)";

    public static async Task StagePassengers(IngestionTransaction work, string source, IAsyncEnumerable<PassengerRow> rows, CancellationToken cancellation)
    {
        await work.Execute(CreatePassengers);
        await using var copy = await work.Connection.BeginBinaryImportAsync(CopyPassengers, cancellation);
        copy.Timeout = Timeout.InfiniteTimeSpan; // the sender of the rows may be slow
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            await copy.StartRowAsync(cancellation);
            copy.Write(row.Line, NpgsqlDbType.Bigint);
            if (row is RejectedRow rejected)
                Write(copy, nullCells: 11, rejected.Problems, rejected.Excerpt);
            else
                Write(copy, source, ((AcceptedRow)row).Passenger);
        }
        await copy.CompleteAsync(cancellation);
    }

    public static async Task StageOutcomes(IngestionTransaction work, IAsyncEnumerable<OutcomeRow> rows, CancellationToken cancellation)
    {
        await work.Execute(CreateOutcomes);
        await using var copy = await work.Connection.BeginBinaryImportAsync(CopyOutcomes, cancellation);
        copy.Timeout = Timeout.InfiniteTimeSpan;
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            await copy.StartRowAsync(cancellation);
            copy.Write(row.Line, NpgsqlDbType.Bigint);
            if (row is RejectedOutcome rejected)
                Write(copy, nullCells: 4, rejected.Problems, rejected.Excerpt);
            else
                Write(copy, (AcceptedOutcome)row);
        }
        await copy.CompleteAsync(cancellation);
    }

    private static void Write(NpgsqlBinaryImporter copy, string source, Passenger passenger)
    {
        copy.Write(passenger.SourceKey, NpgsqlDbType.Text);
        WriteOrNull(copy, passenger.Name);
        copy.Write((short)passenger.Pclass, NpgsqlDbType.Smallint);
        copy.Write(SexConverter.Format(passenger.Sex), NpgsqlDbType.Text);
        WriteOrNull(copy, passenger.AgeInYears, NpgsqlDbType.Double);
        WriteOrNull(copy, passenger.FareInPounds, NpgsqlDbType.Double);
        WriteOrNull(copy, passenger.Survived, NpgsqlDbType.Boolean);
        WriteOrNull(copy, passenger.EventTime?.UtcDateTime, NpgsqlDbType.TimestampTz);
        WriteOrNull(copy, passenger.Person);
        copy.Write(BinnedEncoder.Encode(passenger).Code, NpgsqlDbType.Smallint);
        copy.Write(PersonKey.Of(source, passenger), NpgsqlDbType.Bigint);
        WriteNulls(copy, 3);
    }

    private static void Write(NpgsqlBinaryImporter copy, AcceptedOutcome outcome)
    {
        copy.Write(outcome.Source, NpgsqlDbType.Text);
        copy.Write(outcome.SourceKey, NpgsqlDbType.Text);
        copy.Write(outcome.Survived, NpgsqlDbType.Boolean);
        WriteOrNull(copy, outcome.KnownAt?.UtcDateTime, NpgsqlDbType.TimestampTz);
        WriteNulls(copy, 3);
    }

    private static void Write(NpgsqlBinaryImporter copy, int nullCells, IReadOnlyList<RowProblem> problems, string excerpt)
    {
        WriteNulls(copy, nullCells);
        copy.Write(problems.Select(problem => problem.Rule.Name).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        copy.Write(problems.Select(problem => problem.Message).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        copy.Write(excerpt, NpgsqlDbType.Text);
    }

    private static void WriteOrNull(NpgsqlBinaryImporter copy, string? text)
    {
        if (text is null)
            copy.WriteNull();
        else
            copy.Write(text, NpgsqlDbType.Text);
    }

    private static void WriteOrNull<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type)
        where T : struct
    {
        if (value is { } known)
            copy.Write(known, type);
        else
            copy.WriteNull();
    }

    private static void WriteNulls(NpgsqlBinaryImporter copy, int count)
    {
        for (var cell = 0; cell < count; cell++)
            copy.WriteNull();
    }
}
