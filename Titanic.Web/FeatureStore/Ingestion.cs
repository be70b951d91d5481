using Npgsql;
using NpgsqlTypes;
using Titanic.Web.Database;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// Brings rows into the feature group: one ingestion is one transaction is one commit. Rows stream by COPY into a temporary table and
/// are sorted set-based into new, changed and unchanged by (source, source key), so the same rows again change nothing.
/// </summary>
public sealed partial class Ingestion(NpgsqlDataSource postgres, TimeProvider clock)
{
    /// <returns>What changed; an exception from <paramref name="incoming"/> leaves nothing behind.</returns>
    public async Task<IngestionResult> Ingest(IncomingRows incoming, Provenance provenance, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Run(connection, CreateStaging, cancellation);
        var read = await CopyIntoStaging(connection, incoming.Source, incoming.Rows, cancellation);

        // From here to the end of the transaction ingestions queue up, so commit ids come in the order in which commits become visible.
        await Run(connection, "select pg_advisory_xact_lock(hashtextextended('titanic_passengers', 0))", cancellation);
        await Run(connection, MatchWithCurrentRows, cancellation, ("source", incoming.Source), ("event_time", incoming.EventTime));
        var counts = await Count(connection, cancellation);
        var result = new IngestionResult(null, null, counts.Inserted, counts.Updated, 0, counts.Unchanged, read.Rejections.Count, counts.Outcomes, incoming.Warnings());
        if (result is { Inserted: 0, Updated: 0, Rejected: 0, OutcomesRecorded: 0 })
            return result;

        result = result with { ValidationId = await WriteReport(connection, incoming, result, read, provenance, cancellation) };
        var commit = await WriteCommit(connection, incoming, result, provenance, cancellation);
        (string, object)[] values = [("commit", commit), ("source", incoming.Source), ("event_time", incoming.EventTime), ("known_at", incoming.KnownAt)];
        foreach (var statement in (string[])[SupersedePassengers, InsertPassengers, SupersedeOutcomes, InsertOutcomes])
            await Run(connection, statement, cancellation, values);
        await CopyRejections(connection, result.ValidationId.Value, read.Rejections, cancellation);
        await transaction.CommitAsync(cancellation);
        return result with { CommitId = commit };
    }

    private static async Task<(int Rows, List<RejectedRow> Rejections)> CopyIntoStaging(NpgsqlConnection connection, string source, IAsyncEnumerable<PassengerRow> rows, CancellationToken cancellation)
    {
        var (count, rejections) = (0, new List<RejectedRow>());
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy incoming (line, source_key, name, pclass, sex, age, fare, survived, code, person_key) from stdin (format binary)", cancellation);
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            count++;
            if (row is RejectedRow rejected)
                rejections.Add(rejected);
            if (row is not AcceptedRow { Passenger: var passenger })
                continue;
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(row.Line, NpgsqlDbType.Bigint, cancellation);
            await copy.WriteAsync(passenger.SourceKey, NpgsqlDbType.Text, cancellation);
            if (passenger.Name is null)
                await copy.WriteNullAsync(cancellation);
            else
                await copy.WriteAsync(passenger.Name, NpgsqlDbType.Text, cancellation);
            await copy.WriteAsync((short)passenger.Pclass, NpgsqlDbType.Smallint, cancellation);
            await copy.WriteAsync(SexWord.Of(passenger.Sex), NpgsqlDbType.Text, cancellation);
            await WriteOrNull(copy, passenger.AgeInYears, NpgsqlDbType.Double, cancellation);
            await WriteOrNull(copy, passenger.FareInPounds, NpgsqlDbType.Double, cancellation);
            await WriteOrNull(copy, passenger.Survived, NpgsqlDbType.Boolean, cancellation);
            await copy.WriteAsync(BinnedEncoder.Encode(passenger).Code, NpgsqlDbType.Smallint, cancellation);
            await copy.WriteAsync(PersonKey.Of(source, passenger), NpgsqlDbType.Bigint, cancellation);
        }
        await copy.CompleteAsync(cancellation);
        return (count, rejections);
    }

    private async Task<long> WriteReport(NpgsqlConnection connection, IncomingRows incoming, IngestionResult result, (int Rows, List<RejectedRow> Rejections) read, Provenance provenance, CancellationToken cancellation)
    {
        var broken = read.Rejections.SelectMany(row => row.Problems).CountBy(problem => problem.Rule).ToDictionary();
        var expectations = PassengerRules.All.Select(rule => new ExpectationResult(rule.Name, rule.Column, rule.Expects, !broken.ContainsKey(rule), broken.GetValueOrDefault(rule))).ToList();
        await using var command = new NpgsqlCommand(InsertValidationReport, connection);
        command.Parameters.AddWithValue("validated_at", clock.GetUtcNow());
        command.Parameters.AddWithValue("source", incoming.Source);
        command.Parameters.AddWithValue("description", incoming.Description);
        command.Parameters.AddWithValue("success", broken.Count == 0);
        command.Parameters.AddWithValue("read", read.Rows);
        command.Parameters.AddWithValue("rejected", result.Rejected);
        command.Parameters.AddWithValue("expectations", NpgsqlDbType.Jsonb, JsonColumn.Write(expectations));
        command.Parameters.AddWithValue("warnings", NpgsqlDbType.Jsonb, JsonColumn.Write(result.Warnings));
        command.Parameters.AddWithValue("run", (object?)provenance.RunId ?? DBNull.Value);
        command.Parameters.AddWithValue("code_version", provenance.CodeVersion);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<long> WriteCommit(NpgsqlConnection connection, IncomingRows incoming, IngestionResult result, Provenance provenance, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(InsertCommit, connection);
        command.Parameters.AddWithValue("committed_at", clock.GetUtcNow());
        command.Parameters.AddWithValue("source", incoming.Source);
        command.Parameters.AddWithValue("description", incoming.Description);
        command.Parameters.AddWithValue("inserted", result.Inserted);
        command.Parameters.AddWithValue("updated", result.Updated);
        command.Parameters.AddWithValue("rejected", result.Rejected);
        command.Parameters.AddWithValue("unchanged", result.Unchanged);
        command.Parameters.AddWithValue("outcomes", result.OutcomesRecorded);
        command.Parameters.AddWithValue("validation", result.ValidationId!.Value);
        command.Parameters.AddWithValue("run", (object?)provenance.RunId ?? DBNull.Value);
        command.Parameters.AddWithValue("code_version", provenance.CodeVersion);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task CopyRejections(NpgsqlConnection connection, long validation, List<RejectedRow> rejections, CancellationToken cancellation)
    {
        if (rejections.Count == 0)
            return;
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy rejected_rows (validation_id, line, rules, reasons, excerpt) from stdin (format binary)", cancellation);
        foreach (var row in rejections)
        {
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(validation, NpgsqlDbType.Bigint, cancellation);
            await copy.WriteAsync(row.Line, NpgsqlDbType.Bigint, cancellation);
            await copy.WriteAsync(row.Problems.Select(problem => problem.Rule.Name).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text, cancellation);
            await copy.WriteAsync(row.Problems.Select(problem => problem.Sentence).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text, cancellation);
            await copy.WriteAsync(row.Excerpt, NpgsqlDbType.Text, cancellation);
        }
        await copy.CompleteAsync(cancellation);
    }

    private static async Task<(int Inserted, int Updated, int Unchanged, int Outcomes)> Count(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(CountMatched, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetInt32(3));
    }

    private static async Task Run(NpgsqlConnection connection, string sql, CancellationToken cancellation, params (string Name, object Value)[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in values)
            if (sql.Contains("@" + name, StringComparison.Ordinal))
                command.Parameters.AddWithValue(name, value);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static Task WriteOrNull<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type, CancellationToken cancellation)
        where T : struct =>
        value is { } known ? copy.WriteAsync(known, type, cancellation) : copy.WriteNullAsync(cancellation);
}
