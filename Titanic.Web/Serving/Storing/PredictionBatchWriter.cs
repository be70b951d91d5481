using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving.Storing;

/// <summary>
/// Stores a batch in one transaction and one round trip. Rows are sent as arrays, one for each column: for some hundred rows that is as fast
/// as COPY, and one row alone needs half of COPY's round trips.
/// </summary>
internal static class PredictionBatchWriter
{
    /// <param name="isAgain">
    /// An earlier attempt broke, and whether it was committed is not known. Its rows are left as they are if they are there; if its
    /// transaction is still under way, PostgreSQL waits for its end before it decides. That the rows found are ours is checked.
    /// </param>
    /// <returns>For each write, what is stored under its key.</returns>
    public static async Task<IdempotencyRecord?[]> Store(
        NpgsqlConnection connection, IReadOnlyList<PendingWrite> writes, bool isAgain, TimeSpan keysAreKept, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        var rows = writes.Where(write => write.Record is null).SelectMany(write => write.Rows).ToList();
        if (rows.Count > 0)
        {
            Add(batch, isAgain ? InsertMissing : Insert, ColumnsOf(rows));
            if (isAgain)
                Add(batch, CountOurs, [Ids(rows), Times(rows)]);
        }
        // Two processes that store two keys each wait for each other only if they do so in different orders.
        var keyed = writes.Where(write => write.Record is not null)
            .OrderBy(write => write.Record!.Caller, StringComparer.Ordinal).ThenBy(write => write.Record!.Key, StringComparer.Ordinal).ToList();
        foreach (var write in keyed)
        {
            Add(batch, InsertUnderKey, [.. ColumnsOf(write.Rows), .. ColumnsOf(write.Record!, keysAreKept)]);
            Add(batch, FindKey, [Text(write.Record!.Caller), Text(write.Record.Key)]);
        }
        if (keyed.Count > 0)
            Add(batch, DeleteExpired, [new NpgsqlParameter<DateTimeOffset> { TypedValue = keyed[0].Record!.CreatedAt - keysAreKept }]);

        var stored = new Dictionary<PendingWrite, IdempotencyRecord>();
        await using (var reader = await batch.ExecuteReaderAsync(cancellation))
        {
            if (isAgain && rows.Count > 0)
                await RequireAllOurs(reader, rows.Count, cancellation);
            foreach (var write in keyed)
                stored[write] = await ReadRecord(reader, write.Record!, cancellation);
        }
        return [.. writes.Select(stored.GetValueOrDefault)];
    }

    private static async Task RequireAllOurs(NpgsqlDataReader reader, int rows, CancellationToken cancellation)
    {
        await reader.ReadAsync(cancellation);
        if (reader.GetInt64(0) != rows)
            throw new InvalidDataException($"Of {rows} rows {reader.GetInt64(0)} are stored; the numbers of the others belong to rows of somebody else.");
        await reader.NextResultAsync(cancellation);
    }

    private static async Task<IdempotencyRecord> ReadRecord(NpgsqlDataReader reader, IdempotencyRecord wanted, CancellationToken cancellation)
    {
        await reader.ReadAsync(cancellation);
        var stored = new IdempotencyRecord
        {
            Caller = wanted.Caller,
            Key = wanted.Key,
            RequestSha256 = reader.GetFieldValue<byte[]>(0),
            Answer = reader.GetFieldValue<byte[]>(1),
            CreatedAt = reader.GetFieldValue<DateTimeOffset>(2),
        };
        await reader.NextResultAsync(cancellation);
        return stored;
    }

    private const string Columns =
        "prediction_id, created_at, source, logical_date, pclass, sex, age, fare, point_code, encoded, model_name, model_version, survived, probability, survivors, neighbors";

    /// <summary>Encoded values come as text: PostgreSQL's arrays of arrays must all be of one length, and unnest would flatten them.</summary>
    private const string Rows =
        """
        select r.id, r.created_at, r.source, r.logical_date, r.pclass, r.sex, r.age, r.fare, r.point_code, r.encoded::double precision[], r.model_name, r.model_version,
               r.survived, r.probability, r.survivors, r.neighbors
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
             as r(id, created_at, source, logical_date, pclass, sex, age, fare, point_code, encoded, model_name, model_version, survived, probability, survivors, neighbors)
        """;

    private const string Insert = $"insert into predictions ({Columns}) overriding system value {Rows}";

    private const string InsertMissing = $"{Insert} on conflict (prediction_id) do nothing";

    private const string CountOurs =
        "select count(*) from predictions p join unnest($1, $2) as r(id, created_at) on p.prediction_id = r.id and p.created_at = r.created_at";

    /// <summary>
    /// Whoever claims the key stores the rows. A second request with it, here or in another process, waits for the first to be committed and
    /// then claims nothing; and so does this one when it is tried again after a commit whose outcome was not known. A key that is past its
    /// time is claimed anew.
    /// </summary>
    private const string InsertUnderKey =
        $"""
        with claimed as (
            insert into keyed_answers as kept (caller, key, request_sha256, answer, created_at) values ($17, $18, $19, $20, $21)
            on conflict (caller, key) do update set request_sha256 = excluded.request_sha256, answer = excluded.answer, created_at = excluded.created_at
            where kept.created_at <= $22
            returning 1)
        {Insert} where exists (select from claimed)
        """;

    private const string FindKey = "select request_sha256, answer, created_at from keyed_answers where caller = $1 and key = $2";

    /// <summary>Whoever adds a key takes some that are past their time away, so there are never many. Those that another process has in hand are left to it.</summary>
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
        Ids(rows), Times(rows), Column(rows, row => row.Source), Column(rows, row => row.LogicalDate), Column(rows, row => row.Pclass), Column(rows, row => SexConverter.Format(row.Sex)),
        Column(rows, row => row.AgeInYears), Column(rows, row => row.FareInPounds), Column(rows, row => row.PointCode), Column(rows, row => Literal(row.Encoded)),
        Column(rows, _ => ModelRegistry.ModelName), Column(rows, row => row.ModelVersion), Column(rows, row => row.Survived), Column(rows, row => row.Probability),
        Column(rows, row => row.Survivors), Column(rows, row => row.Neighbors),
    ];

    private static IEnumerable<NpgsqlParameter> ColumnsOf(IdempotencyRecord record, TimeSpan areKept) =>
    [
        Text(record.Caller), Text(record.Key), new NpgsqlParameter<byte[]> { TypedValue = record.RequestSha256 }, new NpgsqlParameter<byte[]> { TypedValue = record.Answer },
        new NpgsqlParameter<DateTimeOffset> { TypedValue = record.CreatedAt }, new NpgsqlParameter<DateTimeOffset> { TypedValue = record.CreatedAt - areKept },
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

    /// <summary>The shortest text that is read back to the bit.</summary>
    private static string? Literal(double[]? values) =>
        values is null ? null : FormattableString.Invariant($"{{{string.Join(',', values.Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}}}");
}

/// <summary>
/// The response to a request with an <c>Idempotency-Key</c> (IETF draft "The Idempotency-Key HTTP Header Field"), stored in the transaction of
/// its rows: the same request with the key gets these bytes again, and no second row.
/// </summary>
public sealed class IdempotencyRecord
{
    /// <summary>Whose key it is: callers do not see each other's. Those without a name share one, the empty one.</summary>
    public required string Caller { get; init; }
    public required string Key { get; init; }

    /// <summary>Of the request: whether with explanations, and the body. Another request under the same key is an error of the caller.</summary>
    public required byte[] RequestSha256 { get; init; }

    /// <summary>The body of the response.</summary>
    public required byte[] Answer { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class IdempotencyRecordTable : IEntityTypeConfiguration<IdempotencyRecord>
{
    public void Configure(EntityTypeBuilder<IdempotencyRecord> answers)
    {
        answers.ToTable("keyed_answers");
        answers.HasKey(answer => new { answer.Caller, answer.Key });
        answers.HasIndex(answer => answer.CreatedAt); // what is too old is found by it
    }
}
