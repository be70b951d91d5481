using Npgsql;
using NpgsqlTypes;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// Changes the feature group: one ingestion is one transaction is one commit. Rows stream into a temporary table, are validated and sorted
/// set-based into new, changed and unchanged by (source, source key), so the same rows again change nothing.
/// </summary>
public sealed partial class Ingestion(NpgsqlDataSource postgres, TimeProvider clock)
{
    /// <summary>Brings in passengers, and the outcomes that come with them.</summary>
    /// <returns>What changed; an exception from <paramref name="incoming"/> leaves nothing behind.</returns>
    /// <exception cref="IngestionRefusedException">An expectation is broken and the policy is STRICT; only the report is stored.</exception>
    public async Task<IngestionResult> Ingest(PassengerBatch incoming, Provenance provenance, CancellationToken cancellation)
    {
        await using var work = await IngestionTransaction.Begin(postgres, cancellation);
        await Staging.Passengers(work, incoming.Source, incoming.Rows, cancellation);
        var findings = await Validation.OfPassengers(work, incoming.Warnings());

        await work.AcquireCommitLock();
        await work.DisableNestedLoops(findings.RowsRead);
        var lineZero = (await work.Rows(TakeIds, id => id.GetInt64(0))).FirstOrDefault(); // no line, no id
        await work.Execute(
            MatchPassengers, Text("source", incoming.Source), Time("event_time", incoming.EventTime), Time("known_at", incoming.KnownAt),
            Time("learned_at", incoming.LearnedAt ?? incoming.KnownAt), Number("line_zero", lineZero));
        return await Finish(work, new(incoming.Source, incoming.Description, incoming.Policy, findings), provenance);
    }

    /// <summary>Records outcomes of passengers who are known already: late ones and corrections.</summary>
    /// <exception cref="IngestionRefusedException">An expectation is broken and the policy is STRICT; only the report is stored.</exception>
    public async Task<IngestionResult> IngestOutcomes(OutcomeBatch incoming, Provenance provenance, CancellationToken cancellation)
    {
        await using var work = await IngestionTransaction.Begin(postgres, cancellation);
        await Staging.Outcomes(work, incoming.Rows, cancellation);

        await work.AcquireCommitLock();
        await work.Execute(RejectOutcomesOfUnknownPassengers, Text("rule", Expectations.PassengerIsKnown.Name));
        var findings = await Validation.OfOutcomes(work, incoming.Warnings());
        await work.DisableNestedLoops(findings.RowsRead);
        await work.Execute(MatchOutcomes, Time("known_at", incoming.KnownAt));
        return await Finish(work, new(incoming.Source, incoming.Description, incoming.Policy, findings), provenance);
    }

    /// <summary>
    /// Ends passengers and their outcomes. A deletion is a tombstone: the rows stay, ended by a commit that brings no successor, and every
    /// commit before it reads as it did.
    /// </summary>
    /// <param name="sourceKeys">Keys that no current row has count as unchanged.</param>
    public async Task<IngestionResult> Delete(string source, IReadOnlyList<string> sourceKeys, string description, Provenance provenance, CancellationToken cancellation)
    {
        await using var work = await IngestionTransaction.Begin(postgres, cancellation);
        await work.AcquireCommitLock();
        await work.Execute(MatchDeletions, Text("source", source), new("keys", NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = sourceKeys.ToArray() });
        var result = await Finish(work, new(source, description, IngestionPolicy.Always, Validation.Nothing), provenance);
        return result with { Unchanged = sourceKeys.Count - result.Deleted };
    }

    private async Task<IngestionResult> Finish(IngestionTransaction work, Subject subject, Provenance provenance)
    {
        var findings = subject.Findings;
        var counts = await Count(work);
        var isRefused = subject.Policy == IngestionPolicy.Strict && !findings.Success;
        var changes = !isRefused && counts is not { Inserted: 0, Updated: 0, Deleted: 0, OutcomesRecorded: 0 };
        var result = counts with { Rejected = findings.RowsRejected, Warnings = findings.Warnings };
        if (findings.Success && !changes)
            return result;

        var outcome = isRefused ? IngestionOutcome.Rejected : changes ? IngestionOutcome.Ingested : IngestionOutcome.Unchanged;
        if (findings.RowsRead > 0)
        {
            var report = findings.Report(subject.Source, subject.Description, subject.Policy, outcome, clock.GetUtcNow(), provenance);
            result = result with { ValidationId = await Validation.Store(work, report) };
        }
        if (changes)
            result = result with { CommitId = await Change(work, subject, result, provenance) };
        await work.Commit();
        return isRefused ? throw new IngestionRefusedException(result.ValidationId!.Value, findings.RowsRejected, findings.Broken) : result;
    }

    private async Task<long> Change(IngestionTransaction work, Subject subject, IngestionResult result, Provenance provenance)
    {
        var commit = await work.Scalar<long>(
            InsertCommit,
            Time("committed_at", clock.GetUtcNow()), Text("source", subject.Source), Text("description", subject.Description),
            new("inserted", result.Inserted), new("updated", result.Updated), new("deleted", result.Deleted), new("rejected", result.Rejected),
            new("unchanged", result.Unchanged), new("outcomes", result.OutcomesRecorded),
            Number("validation", result.ValidationId), Number("run", provenance.RunId), Text("code_version", provenance.CodeVersion));
        var somethingEnds = result is not { Updated: 0, Deleted: 0 };
        string[] statements = somethingEnds ? [EndPassengers, InsertPassengers, EndOutcomes, InsertOutcomes] : [InsertPassengers, InsertOutcomes];
        foreach (var statement in statements)
            await work.Execute(statement, Number("commit", commit));
        await StatisticsOfCommit.Record(work, commit);
        await work.Analyze(result.Inserted + result.Updated + result.OutcomesRecorded);
        return commit;
    }

    private static async Task<IngestionResult> Count(IngestionTransaction work) => (await work.Rows(CountMatched, counts => new IngestionResult(
        null, null, counts.GetInt32(0), counts.GetInt32(1), counts.GetInt32(2), counts.GetInt32(3), 0, counts.GetInt32(4), [])))[0];

    private static NpgsqlParameter Text(string name, string value) => new(name, NpgsqlDbType.Text) { Value = value };

    private static NpgsqlParameter Time(string name, DateTimeOffset value) => new(name, NpgsqlDbType.TimestampTz) { Value = value.UtcDateTime };

    private static NpgsqlParameter Number(string name, long? value) => new(name, NpgsqlDbType.Bigint) { Value = (object?)value ?? DBNull.Value };

    /// <summary>What is ingested, and what validation found of it.</summary>
    private sealed record Subject(string Source, string Description, IngestionPolicy Policy, Findings Findings);
}
