using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving.Storing;

/// <summary>
/// Stores a batch of predictions in one transaction and one round trip. Rows are sent as one array per column: for some hundred rows this
/// is as fast as COPY, and a single row needs half of the round trips of COPY.
/// </summary>
internal static class PredictionBatchWriter
{
    /// <param name="connection">An open connection.</param>
    /// <param name="writes">The writes of the batch.</param>
    /// <param name="isRetry">
    /// True after an attempt with an unknown outcome. Rows that it committed are left unchanged; while its transaction is in progress,
    /// PostgreSQL waits for it. The rows found are verified to be those of this batch.
    /// </param>
    /// <param name="keyLifetime">How long idempotency records are kept.</param>
    /// <param name="cancellation">Cancels the transaction.</param>
    /// <returns>For each write, the record that is stored under its key; null for a write without a key.</returns>
    /// <exception cref="InvalidDataException">In a retry: ids of the batch belong to other rows.</exception>
    public static async Task<IdempotencyRecord?[]> Store(
        NpgsqlConnection connection, IReadOnlyList<PendingWrite> writes, bool isRetry, TimeSpan keyLifetime, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        var rows = writes.Where(write => write.Record is null).SelectMany(write => write.Rows).ToList();
        if (rows.Count > 0)
        {
            Add(batch, isRetry ? InsertMissing : Insert, ColumnsOf(rows));
            if (isRetry)
                Add(batch, CountOwnRows, [Ids(rows), Times(rows)]);
        }
        // Sorted, so that all processes lock keys in the same order and cannot deadlock.
        var keyed = writes.Where(write => write.Record is not null)
            .OrderBy(write => write.Record!.Caller, StringComparer.Ordinal).ThenBy(write => write.Record!.Key, StringComparer.Ordinal).ToList();
        foreach (var write in keyed)
        {
            Add(batch, InsertWithKey, [.. ColumnsOf(write.Rows), .. ColumnsOf(write.Record!, keyLifetime)]);
            Add(batch, FindKey, [Text(write.Record!.Caller), Text(write.Record.Key)]);
        }
        if (keyed.Count > 0)
            Add(batch, DeleteExpired, [new NpgsqlParameter<DateTimeOffset> { TypedValue = keyed[0].Record!.CreatedAt - keyLifetime }]);

        var stored = new Dictionary<PendingWrite, IdempotencyRecord>();
        await using (var reader = await batch.ExecuteReaderAsync(cancellation))
        {
            if (isRetry && rows.Count > 0)
                await RequireOwnRows(reader, rows.Count, cancellation);
            foreach (var write in keyed)
                stored[write] = await ReadRecord(reader, write.Record!, cancellation);
        }
        return [.. writes.Select(stored.GetValueOrDefault)];
    }

    private static async Task RequireOwnRows(NpgsqlDataReader reader, int rows, CancellationToken cancellation)
    {
        await reader.ReadAsync(cancellation);
        if (reader.GetInt64(0) != rows)
        {
            throw new InvalidDataException(
                $"{reader.GetInt64(0)} of {rows} prediction rows are stored; the ids of the others belong to rows that this process did not write.");
        }
        await reader.NextResultAsync(cancellation);
    }

    private static async Task<IdempotencyRecord> ReadRecord(NpgsqlDataReader reader, IdempotencyRecord requested, CancellationToken cancellation)
    {
        await reader.ReadAsync(cancellation);
        var stored = new IdempotencyRecord
        {
            Caller = requested.Caller,
            Key = requested.Key,
            RequestSha256 = reader.GetFieldValue<byte[]>(0),
            ResponseBody = reader.GetFieldValue<byte[]>(1),
            CreatedAt = reader.GetFieldValue<DateTimeOffset>(2),
        };
        await reader.NextResultAsync(cancellation);
        return stored;
    }

    private const string Columns =
        "prediction_id, created_at, source, logical_date, pclass, sex, age, fare, point_code, encoded, model_name, model_version, "
        + "survived, probability, survivors, neighbors";

    /// <summary>
    /// Encoded values are sent as text, because unnest would flatten an array of arrays, whose rows must also have equal lengths.
    /// </summary>
    private const string Rows =
        """
        select r.id, r.created_at, r.source, r.logical_date, r.pclass, r.sex, r.age, r.fare, r.point_code, r.encoded::double precision[], r.model_name, r.model_version,
               r.survived, r.probability, r.survivors, r.neighbors
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
             as r(id, created_at, source, logical_date, pclass, sex, age, fare, point_code, encoded, model_name, model_version, survived, probability, survivors, neighbors)
        """;

    private const string Insert = $"insert into predictions ({Columns}) overriding system value {Rows}";

    private const string InsertMissing = $"{Insert} on conflict (prediction_id) do nothing";

    private const string CountOwnRows =
        "select count(*) from predictions p join unnest($1, $2) as r(id, created_at) on p.prediction_id = r.id and p.created_at = r.created_at";

    /// <summary>
    /// Stores the rows only if the key is inserted. A concurrent request with the same key, in this or another process, waits for the
    /// commit of the first and then inserts nothing; so does a retry after a commit with an unknown outcome. An expired key is replaced.
    /// </summary>
    private const string InsertWithKey =
        $"""
        with claimed as (
            insert into keyed_answers as kept (caller, key, request_sha256, answer, created_at) values ($17, $18, $19, $20, $21)
            on conflict (caller, key) do update set request_sha256 = excluded.request_sha256, answer = excluded.answer, created_at = excluded.created_at
            where kept.created_at <= $22
            returning 1)
        {Insert} where exists (select from claimed)
        """;

    private const string FindKey = "select request_sha256, answer, created_at from keyed_answers where caller = $1 and key = $2";

    /// <summary>
    /// Deletes up to 100 expired keys with each insertion, which bounds the table. Skips rows that another process has locked.
    /// </summary>
    private const string DeleteExpired =
        """
        delete from keyed_answers where (caller, key) in (
            select caller, key from keyed_answers where created_at <= $1 order by created_at limit 100 for update skip locked)
        """;

    private static void Add(NpgsqlBatch batch, string sql, IEnumerable<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        batch.BatchCommands.Add(command);
    }

    private static IEnumerable<NpgsqlParameter> ColumnsOf(IReadOnlyList<Prediction> rows) =>
    [
        Ids(rows), Times(rows), Column(rows, row => row.Source), Column(rows, row => row.LogicalDate),
        Column(rows, row => row.Pclass), Column(rows, row => SexConverter.Format(row.Sex)),
        Column(rows, row => row.AgeInYears), Column(rows, row => row.FareInPounds),
        Column(rows, row => row.PointCode), Column(rows, row => Literal(row.Encoded)),
        Column(rows, _ => ModelRegistry.ModelName), Column(rows, row => row.ModelVersion),
        Column(rows, row => row.Survived), Column(rows, row => row.Probability),
        Column(rows, row => row.Survivors), Column(rows, row => row.Neighbors),
    ];

    private static IEnumerable<NpgsqlParameter> ColumnsOf(IdempotencyRecord record, TimeSpan lifetime) =>
    [
        Text(record.Caller), Text(record.Key),
        new NpgsqlParameter<byte[]> { TypedValue = record.RequestSha256 }, new NpgsqlParameter<byte[]> { TypedValue = record.ResponseBody },
        new NpgsqlParameter<DateTimeOffset> { TypedValue = record.CreatedAt }, new NpgsqlParameter<DateTimeOffset> { TypedValue = record.CreatedAt - lifetime },
    ];

    private static NpgsqlParameter<long[]> Ids(IReadOnlyList<Prediction> rows) => Column(rows, row => row.PredictionId);

    private static NpgsqlParameter<DateTimeOffset[]> Times(IReadOnlyList<Prediction> rows) => Column(rows, row => row.CreatedAt);

    private static NpgsqlParameter<T[]> Column<T>(IReadOnlyList<Prediction> rows, Func<Prediction, T> value)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(rows[i]);
        return new NpgsqlParameter<T[]> { TypedValue = values };
    }

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };

    /// <summary>A PostgreSQL array literal with the shortest digits that round-trip.</summary>
    private static string? Literal(double[]? values) =>
        values is null ? null : $"{{{string.Join(',', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}}}";
}

/// <summary>
/// The stored response to a request with an <c>Idempotency-Key</c> (IETF draft "The Idempotency-Key HTTP Header Field"); a row of the table
/// <c>keyed_answers</c>. It is stored in the transaction of the predictions: a retry gets the same bytes, and no second row is stored.
/// </summary>
public sealed class IdempotencyRecord
{
    /// <summary>
    /// The caller that the key belongs to: the name of an account or API key. All anonymous callers share the empty name.
    /// </summary>
    public required string Caller { get; init; }
    public required string Key { get; init; }

    /// <summary>
    /// The SHA-256 of the request: whether explanations are requested, and the body. Another request with the same key is an error.
    /// </summary>
    public required byte[] RequestSha256 { get; init; }

    /// <summary>The response body.</summary>
    public required byte[] ResponseBody { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class IdempotencyRecordTable : IEntityTypeConfiguration<IdempotencyRecord>
{
    public void Configure(EntityTypeBuilder<IdempotencyRecord> records)
    {
        records.ToTable("keyed_answers");
        records.HasKey(record => new { record.Caller, record.Key });
        records.Property(record => record.ResponseBody).HasColumnName("answer");
        records.HasIndex(record => record.CreatedAt); // finds expired records
    }
}
