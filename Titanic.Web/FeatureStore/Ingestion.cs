using System.Text.Json.Serialization;
using Npgsql;
using NpgsqlTypes;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// Changes the feature group: one ingestion is one transaction is one commit. Rows stream into a temporary table, are validated and sorted
/// set-based into new, changed and unchanged by (source, source key), so the same rows again change nothing.
/// </summary>
public sealed class Ingestion(NpgsqlDataSource postgres, TimeProvider clock)
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
            result = result with { ValidationId = await Validation.Store(work, Report(subject, outcome, provenance)) };
        }
        if (changes)
            result = result with { CommitId = await Change(work, subject, result, provenance) };
        await work.Commit();
        return isRefused ? throw new IngestionRefusedException(result.ValidationId!.Value, findings.RowsRejected, findings.Broken) : result;
    }

    private ValidationReport Report(Subject subject, IngestionOutcome outcome, Provenance provenance) => new()
    {
        ValidatedAt = clock.GetUtcNow(),
        Source = subject.Source,
        Description = subject.Description,
        Policy = subject.Policy,
        Outcome = outcome,
        Success = subject.Findings.Success,
        RowsRead = subject.Findings.RowsRead,
        RowsRejected = subject.Findings.RowsRejected,
        Expectations = subject.Findings.Expectations,
        Warnings = subject.Findings.Warnings,
        RunId = provenance.RunId,
        CodeVersion = provenance.CodeVersion,
    };

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

    /// <summary>
    /// Sets aside an id for every line, so that ids of new passengers come in the order of lines without a million rows being sorted or the
    /// sequence being asked a million times. Those of other rows stay unused.
    /// </summary>
    private const string TakeIds =
        """
        select setval('passenger_ids', before + lines) - lines - first + 1
        from (select last_value - (not is_called)::int as before from passenger_ids) ids, (select min(line) as first, max(line) - min(line) + 1 as lines from incoming) l
        where lines > 0
        """;

    /// <summary>
    /// What each good row does to the feature group: as it is to be, as it is known, and which of the two differ. A row that tells no
    /// event time keeps the one that is known.
    /// </summary>
    private const string MatchPassengers =
        """
        create temp table matched on commit drop as
        select m.*,
               coalesce(m.known_id, @line_zero + m.line) as passenger_id,
               m.known_id is null as is_new,
               m.known_id is not null and (m.name, m.pclass, m.sex, m.age, m.fare, m.event_time)
                   is distinct from (m.known_name, m.known_pclass, m.known_sex, m.known_age, m.known_fare, m.known_event_time) as is_changed,
               false as is_deleted,
               m.survived is not null and m.survived is distinct from m.known_survived as is_outcome_new
        from (
            select i.line, @source as source, i.source_key, i.name, i.pclass, i.sex, i.age, i.fare, i.survived,
                   case when p.passenger_id is null then @known_at else @learned_at end as known_at,
                   coalesce(i.event_time, p.event_time, @event_time) as event_time, i.code, i.person_key,
                   p.passenger_id as known_id, p.name as known_name, p.pclass as known_pclass, p.sex as known_sex, p.age as known_age,
                   p.fare as known_fare, p.event_time as known_event_time, o.survived as known_survived
            from incoming i
            left join passengers p on p.source = @source and p.source_key = i.source_key and p.superseded_by is null
            left join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
            where i.reasons is null) m
        """;

    private const string RejectOutcomesOfUnknownPassengers =
        """
        update incoming i
        set rules = array[@rule], reasons = array[format('No passenger of source "%s" has the key "%s".', i.source, i.source_key)],
            excerpt = concat_ws(',', i.source, i.source_key, i.survived)
        where i.reasons is null and not exists (
            select from passengers p where p.source = i.source and p.source_key = i.source_key and p.superseded_by is null)
        """;

    private const string MatchOutcomes =
        """
        create temp table matched on commit drop as
        select i.line, p.passenger_id, i.survived, coalesce(i.known_at, @known_at) as known_at, p.pclass, p.sex, p.age, p.fare,
               p.pclass as known_pclass, p.sex as known_sex, p.age as known_age, p.fare as known_fare, o.survived as known_survived,
               p.source, p.source_key, p.name, p.event_time, p.titanic_binned_v1 as code, p.person_key,
               false as is_new, false as is_changed, false as is_deleted, i.survived is distinct from o.survived as is_outcome_new
        from incoming i
        join passengers p on p.source = i.source and p.source_key = i.source_key and p.superseded_by is null
        left join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
        where i.reasons is null
        order by i.line
        """;

    private const string MatchDeletions =
        """
        create temp table matched on commit drop as
        select 0 as line, p.passenger_id, p.source, p.source_key, p.name, p.event_time, p.titanic_binned_v1 as code, p.person_key,
               p.pclass, p.sex, p.age, p.fare, o.survived, o.known_at,
               p.pclass as known_pclass, p.sex as known_sex, p.age as known_age, p.fare as known_fare, o.survived as known_survived,
               false as is_new, false as is_changed, true as is_deleted, false as is_outcome_new
        from passengers p
        left join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
        where p.source = @source and p.source_key = any (@keys) and p.superseded_by is null
        """;

    private const string CountMatched =
        """
        select count(*) filter (where is_new)::int,
               count(*) filter (where is_changed or (is_outcome_new and known_survived is not null))::int,
               count(*) filter (where is_deleted)::int,
               count(*) filter (where not is_new and not is_changed and not is_deleted and not (is_outcome_new and known_survived is not null))::int,
               count(*) filter (where is_outcome_new)::int
        from matched
        """;

    // As-of reads by time rely on later commits never having an earlier time, whatever the clocks of several machines say.
    private const string InsertCommit =
        """
        insert into commits (committed_at, source, description, rows_inserted, rows_updated, rows_deleted, rows_rejected,
                             rows_unchanged, outcomes_recorded, validation_id, run_id, code_version)
        values (greatest(@committed_at, (select committed_at from commits order by commit_id desc limit 1)), @source, @description,
                @inserted, @updated, @deleted, @rejected, @unchanged, @outcomes, @validation, @run, @code_version)
        returning commit_id
        """;

    private const string EndPassengers =
        """
        update passengers p set superseded_by = @commit
        from matched m where (m.is_changed or m.is_deleted) and p.passenger_id = m.passenger_id and p.superseded_by is null
        """;

    private const string InsertPassengers =
        """
        insert into passengers (passenger_id, commit_id, source, source_key, name, pclass, sex, age, fare, event_time, titanic_binned_v1, person_key)
        select passenger_id, @commit, source, source_key, name, pclass, sex, age, fare, event_time, code, person_key
        from matched where is_new or is_changed
        """;

    private const string EndOutcomes =
        """
        update outcomes o set superseded_by = @commit
        from matched m where (m.is_outcome_new or m.is_deleted) and o.passenger_id = m.passenger_id and o.superseded_by is null
        """;

    private const string InsertOutcomes =
        """
        insert into outcomes (passenger_id, commit_id, survived, known_at)
        select passenger_id, @commit, survived, known_at from matched where is_outcome_new
        """;
}

/// <summary>Rows from one source, to be committed together.</summary>
/// <param name="Source">One of <see cref="PassengerSources"/>.</param>
/// <param name="Description">What is read, for people.</param>
/// <param name="EventTime">When these passengers sailed.</param>
/// <param name="KnownAt">When the outcomes that come with them became known.</param>
/// <param name="Warnings">Asked once all rows are read.</param>
/// <param name="Policy">What broken expectations lead to.</param>
/// <param name="LearnedAt">
/// When outcomes became known of passengers who were stored without them, or with others; <paramref name="KnownAt"/> when it is left out.
/// A list of history that is brought again with corrections tells what is learned today, not what was known in 1912.
/// </param>
public sealed record PassengerBatch(
    string Source,
    string Description,
    DateTimeOffset EventTime,
    DateTimeOffset KnownAt,
    IAsyncEnumerable<PassengerRow> Rows,
    Func<IReadOnlyList<string>> Warnings,
    IngestionPolicy Policy = IngestionPolicy.Always,
    DateTimeOffset? LearnedAt = null)
{
    /// <summary>The rows of a list that comes in now. Passengers of history sailed in 1912; others now, unless their row tells when.</summary>
    public static PassengerBatch OfList(string source, string description, IRowReader<PassengerRow> list, DateTimeOffset now)
    {
        var time = PassengerSources.History.Contains(source) ? PassengerSources.HistoricalEventTime : now;
        return new(source, description, time, time, list.RowsAsync(), () => list.Warnings, LearnedAt: now);
    }

    /// <summary>Passengers made here rather than read from a file: nothing to reject, nothing to warn of.</summary>
    public static PassengerBatch Of(string source, string description, DateTimeOffset eventTime, DateTimeOffset knownAt, IReadOnlyList<Passenger> passengers) =>
        new(source, description, eventTime, knownAt, passengers.Select((passenger, i) => (PassengerRow)new AcceptedRow(i + 1, passenger)).ToAsyncEnumerable(), () => []);
}

/// <summary>Outcomes that come without their passengers, to be committed together.</summary>
/// <param name="Source">Whose outcomes these are, for the commit; every row names that of its own passenger.</param>
/// <param name="KnownAt">When outcomes became known whose row does not tell.</param>
public sealed record OutcomeBatch(
    string Source,
    string Description,
    DateTimeOffset KnownAt,
    IAsyncEnumerable<OutcomeRow> Rows,
    Func<IReadOnlyList<string>> Warnings,
    IngestionPolicy Policy = IngestionPolicy.Always);

/// <summary>
/// What an ingestion did. <see cref="CommitId"/> is null when there was nothing to change; <see cref="ValidationId"/> when there was
/// neither anything to change nor anything to complain of.
/// </summary>
public sealed record IngestionResult(
    long? CommitId, long? ValidationId, int Inserted, int Updated, int Deleted, int Unchanged, int Rejected, int OutcomesRecorded, IReadOnlyList<string> Warnings)
{
    public override string ToString() =>
        $"{Inserted} inserted, {Updated} updated, {(Deleted > 0 ? $"{Deleted} deleted, " : "")}{Unchanged} unchanged, {Rejected} rejected, {OutcomesRecorded} outcomes recorded"
        + (CommitId is { } commit ? $" in commit {commit}" : "; nothing changed, so there is no commit");
}

/// <summary>The policy STRICT refused an ingestion: nothing of it came in. The report and the rejected rows are stored.</summary>
public sealed class IngestionRefusedException(long validationId, int rowsRejected, IReadOnlyList<string> brokenExpectations) : Exception(
    $"The policy STRICT refused everything: {rowsRejected} rows were rejected; broken expectations: {string.Join(", ", brokenExpectations)}. Nothing was stored; see validation {validationId}.")
{
    public long ValidationId => validationId;
    public int RowsRejected => rowsRejected;
}

/// <summary>What an ingestion does when rows or the set of them break an expectation.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IngestionPolicy>))]
public enum IngestionPolicy
{
    /// <summary>Keep the good rows; the bad ones are kept apart and shown.</summary>
    Always,

    /// <summary>Refuse everything.</summary>
    Strict,
}

/// <summary>What became of what was validated.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IngestionOutcome>))]
public enum IngestionOutcome
{
    /// <summary>There is a commit.</summary>
    Ingested,

    /// <summary>The policy refused it; the feature group is as it was before.</summary>
    Rejected,

    /// <summary>Every good row was there already; there is no commit.</summary>
    Unchanged,
}

/// <summary>Which run of which code wrote a row; given from above as plain values.</summary>
public sealed record Provenance(long? RunId, string CodeVersion);
