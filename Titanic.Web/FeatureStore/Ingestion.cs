using System.Text.Json.Serialization;
using Npgsql;
using NpgsqlTypes;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// Writes to the feature group. An ingestion is one transaction and at most one commit. Rows are streamed to a temporary table,
/// validated, and classified by (source, source key) as new, changed or unchanged, all in SQL. Ingestion is idempotent: the same rows
/// again change nothing. Memory use does not depend on the number of rows.
/// </summary>
public sealed class Ingestion(NpgsqlDataSource postgres, TimeProvider clock)
{
    /// <summary>Ingests passengers with their outcomes, if known. Changed values create a new version of the row.</summary>
    /// <param name="batch">The rows. An exception while they are read rolls everything back.</param>
    /// <param name="provenance">The run and the code version, stored with the commit.</param>
    /// <param name="cancellation">Cancels and rolls back the ingestion.</param>
    /// <returns>The numbers of rows per kind of change, and the commit if there is one.</returns>
    /// <exception cref="IngestionRejectedException">
    /// No row is valid, or an expectation is not met and the policy is <see cref="IngestionPolicy.Strict"/>; only the report is stored.
    /// </exception>
    /// <exception cref="PassengerFileException">The input is not a valid file; nothing is stored.</exception>
    public async Task<IngestionResult> Ingest(PassengerBatch batch, Provenance provenance, CancellationToken cancellation)
    {
        await using var work = await IngestionTransaction.Begin(postgres, cancellation);
        await Staging.StagePassengers(work, batch.Source, batch.Rows, cancellation);
        var findings = await Validation.ValidatePassengers(work, batch.Warnings());

        await work.AcquireCommitLock();
        await work.DisableNestedLoops(findings.RowsRead);
        var lineZero = (await work.Rows(ReserveIds, id => id.GetInt64(0))).FirstOrDefault(); // 0 if there are no rows
        await work.Execute(
            MatchPassengers, TextParameter("source", batch.Source), TimeParameter("event_time", batch.EventTime), TimeParameter("known_at", batch.KnownAt),
            TimeParameter("learned_at", batch.CorrectionsKnownAt ?? batch.KnownAt), BigintParameter("line_zero", lineZero));
        await PersonLinks.Link(work);
        return await Complete(work, new(batch.Source, batch.Description, batch.Policy, findings) { Input = batch.Input() }, provenance);
    }

    /// <summary>Ingests outcomes of passengers that are already stored: late outcomes and corrections.</summary>
    /// <param name="batch">The rows. A row whose passenger is not stored is rejected.</param>
    /// <param name="provenance">The run and the code version, stored with the commit.</param>
    /// <param name="cancellation">Cancels and rolls back the ingestion.</param>
    /// <returns>The numbers of rows per kind of change, and the commit if there is one.</returns>
    /// <exception cref="IngestionRejectedException">
    /// No row is valid, or an expectation is not met and the policy is <see cref="IngestionPolicy.Strict"/>; only the report is stored.
    /// </exception>
    /// <exception cref="PassengerFileException">The input is not a valid file; nothing is stored.</exception>
    public async Task<IngestionResult> IngestOutcomes(OutcomeBatch batch, Provenance provenance, CancellationToken cancellation)
    {
        await using var work = await IngestionTransaction.Begin(postgres, cancellation);
        await Staging.StageOutcomes(work, batch.Rows, cancellation);

        await work.AcquireCommitLock();
        await work.Execute(RejectOutcomesOfUnknownPassengers, TextParameter("rule", Expectations.PassengerIsKnown.Name));
        var findings = await Validation.ValidateOutcomes(work, batch.Warnings());
        await work.DisableNestedLoops(findings.RowsRead);
        await work.Execute(MatchOutcomes, TimeParameter("known_at", batch.KnownAt));
        return await Complete(work, new(batch.Source, batch.Description, batch.Policy, findings) { Input = batch.Input() }, provenance);
    }

    /// <summary>
    /// Deletes passengers and their outcomes logically: the current versions are superseded by the commit and get no successor. Reads
    /// as of an earlier commit still return them.
    /// </summary>
    /// <param name="source">The source of all keys.</param>
    /// <param name="sourceKeys">The keys to delete. Keys without a current row are counted as unchanged.</param>
    /// <param name="description">Description of the commit.</param>
    /// <param name="provenance">The run and the code version, stored with the commit.</param>
    /// <param name="cancellation">Cancels and rolls back the deletion.</param>
    public async Task<IngestionResult> Delete(string source, IReadOnlyList<string> sourceKeys, string description, Provenance provenance, CancellationToken cancellation)
    {
        await using var work = await IngestionTransaction.Begin(postgres, cancellation);
        await work.AcquireCommitLock();
        await work.Execute(MatchDeletions, TextParameter("source", source), new("keys", NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = sourceKeys.ToArray() });
        await PersonLinks.Link(work);
        var result = await Complete(work, new(source, description, IngestionPolicy.Always, Validation.Empty), provenance);
        return result with { Unchanged = sourceKeys.Count - result.Deleted };
    }

    private async Task<IngestionResult> Complete(IngestionTransaction work, Subject subject, Provenance provenance)
    {
        var findings = subject.Findings;
        var counts = await CountChanges(work);
        var isRejected = findings.HasNoValidRow || (subject.Policy == IngestionPolicy.Strict && !findings.Success);
        var changes = !isRejected && counts is not { Inserted: 0, Updated: 0, Deleted: 0, OutcomesRecorded: 0 };
        var result = counts with { Rejected = findings.RowsRejected, Warnings = findings.Warnings, Input = subject.Input };
        if (findings.Success && !changes)
            return result;

        var outcome = isRejected ? IngestionOutcome.Rejected : changes ? IngestionOutcome.Ingested : IngestionOutcome.Unchanged;
        if (findings.RowsRead > 0)
        {
            result = result with { ValidationId = await Validation.StoreReport(work, CreateReport(subject, outcome, provenance)) };
        }
        if (changes)
            result = result with { CommitId = await ApplyChanges(work, subject, result, provenance) };
        await work.Commit();
        if (!isRejected)
            return result;
        throw findings.HasNoValidRow
            ? new IngestionRejectedException(result.ValidationId!.Value, findings.RowsRejected)
            : new IngestionRejectedException(result.ValidationId!.Value, findings.RowsRejected, findings.FailedExpectations);
    }

    private ValidationReport CreateReport(Subject subject, IngestionOutcome outcome, Provenance provenance) => new()
    {
        ValidatedAt = clock.GetUtcNow(),
        Source = subject.Source,
        Description = subject.Input is null ? subject.Description : $"{subject.Description}. {subject.Input}",
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

    private async Task<long> ApplyChanges(IngestionTransaction work, Subject subject, IngestionResult result, Provenance provenance)
    {
        var commit = await work.Scalar<long>(
            InsertCommit,
            TimeParameter("committed_at", clock.GetUtcNow()), TextParameter("source", subject.Source), TextParameter("description", subject.Description),
            new("inserted", result.Inserted), new("updated", result.Updated + result.Relinked), new("deleted", result.Deleted), new("rejected", result.Rejected),
            new("unchanged", result.Unchanged), new("outcomes", result.OutcomesRecorded),
            BigintParameter("validation", result.ValidationId), BigintParameter("run", provenance.RunId), TextParameter("code_version", provenance.CodeVersion));
        var hasSuperseded = result is not { Updated: 0, Deleted: 0 };
        string[] statements = hasSuperseded ? [SupersedePassengers, InsertPassengers, SupersedeOutcomes, InsertOutcomes] : [InsertPassengers, InsertOutcomes];
        foreach (var statement in statements)
            await work.Execute(statement, BigintParameter("commit", commit));
        await CommitStatistics.Record(work, commit);
        await work.Analyze(result.Inserted + result.Updated + result.OutcomesRecorded);
        return commit;
    }

    private static async Task<IngestionResult> CountChanges(IngestionTransaction work) => (await work.Rows(CountMatched, counts => new IngestionResult(
        null, null, counts.GetInt32(0), counts.GetInt32(1), counts.GetInt32(2), counts.GetInt32(3), 0, counts.GetInt32(4), counts.GetInt32(5), [])
    { Relinked = counts.GetInt32(6) }))[0];

    private static NpgsqlParameter TextParameter(string name, string value) => new(name, NpgsqlDbType.Text) { Value = value };

    private static NpgsqlParameter TimeParameter(string name, DateTimeOffset value) => new(name, NpgsqlDbType.TimestampTz) { Value = value.UtcDateTime };

    private static NpgsqlParameter BigintParameter(string name, long? value) => new(name, NpgsqlDbType.Bigint) { Value = (object?)value ?? DBNull.Value };

    /// <summary>The description of an ingestion with the findings of its validation.</summary>
    private sealed record Subject(string Source, string Description, IngestionPolicy Policy, ValidationFindings Findings)
    {
        /// <summary>How the file was read; null if the rows are not from a CSV file.</summary>
        public InputDescription? Input { get; init; }
    }

    /// <summary>
    /// Reserves one id per line, so that the ids of new passengers are in line order without sorting the rows or calling nextval for
    /// each row. Ids of other rows remain unused.
    /// </summary>
    private const string ReserveIds =
        """
        select setval('passenger_ids', before + lines) - lines - first + 1
        from (select last_value - (not is_called)::int as before from passenger_ids) ids, (select min(line) as first, max(line) - min(line) + 1 as lines from incoming) l
        where lines > 0
        """;

    /// <summary>Whether the values that determine the person are unchanged.</summary>
    private const string IsSamePerson =
        "(m.person_key, m.person, m.pclass, m.sex, m.age, m.fare)"
        + " is not distinct from (m.known_person_key, m.known_person, m.known_pclass, m.known_sex, m.known_age, m.known_fare)";

    /// <summary>
    /// Joins each valid row with the current version and computes the kind of change. A row without an event time keeps the stored one.
    /// </summary>
    private const string MatchPassengers =
        $"""
        create temp table matched on commit drop as
        select m.*,
               coalesce(m.known_id, @line_zero + m.line) as passenger_id,
               m.known_id is null as is_new,
               m.known_id is not null and (m.name, m.person, m.pclass, m.sex, m.age, m.fare, m.event_time)
                   is distinct from (m.known_name, m.known_person, m.known_pclass, m.known_sex, m.known_age, m.known_fare, m.known_event_time) as is_changed,
               false as is_deleted,
               m.survived is not null and m.survived is distinct from m.known_survived as is_outcome_new,
               case when m.known_id is not null and {IsSamePerson} then m.known_person_id else coalesce(m.known_id, @line_zero + m.line) end as person_id,
               (m.name is not null or m.person is not null) and (m.known_id is null or not {IsSamePerson}) as is_unlinked,
               m.known_id is not null and not {IsSamePerson} as is_person_changed,
               false as is_relinked
        from (
            select i.line, @source as source, i.source_key, i.name, i.pclass, i.sex, i.age, i.fare, i.survived,
                   case when p.passenger_id is null then @known_at else @learned_at end as known_at,
                   coalesce(i.event_time, p.event_time, @event_time) as event_time, i.code, i.person, i.person_key,
                   p.passenger_id as known_id, p.name as known_name, p.person as known_person, p.pclass as known_pclass, p.sex as known_sex, p.age as known_age,
                   p.fare as known_fare, p.event_time as known_event_time, p.person_id as known_person_id, p.person_key as known_person_key,
                   o.survived as known_survived
            from incoming i
            left join passengers p on p.source = @source and p.source_key = i.source_key and p.superseded_by is null
            left join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
            where i.reasons is null) m
        """;

    private const string RejectOutcomesOfUnknownPassengers =
        """
        update incoming i
        set rules = array[@rule], reasons = array[format('There is no passenger "%s/%s"; the page /features/passengers and GET /api/passengers list the passengers.', i.source, i.source_key)],
            excerpt = concat_ws(',', i.source, i.source_key, i.survived)
        where i.reasons is null and not exists (
            select from passengers p where p.source = i.source and p.source_key = i.source_key and p.superseded_by is null)
        """;

    private const string MatchOutcomes =
        """
        create temp table matched on commit drop as
        select i.line, p.passenger_id, i.survived, coalesce(i.known_at, @known_at) as known_at, p.pclass, p.sex, p.age, p.fare,
               p.pclass as known_pclass, p.sex as known_sex, p.age as known_age, p.fare as known_fare, o.survived as known_survived,
               p.source, p.source_key, p.name, p.event_time, p.titanic_binned_v1 as code, p.person, p.person_key, p.person_id,
               false as is_new, false as is_changed, false as is_deleted, false as is_relinked, i.survived is distinct from o.survived as is_outcome_new
        from incoming i
        join passengers p on p.source = i.source and p.source_key = i.source_key and p.superseded_by is null
        left join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
        where i.reasons is null
        order by i.line
        """;

    private const string MatchDeletions =
        """
        create temp table matched on commit drop as
        select 0 as line, p.passenger_id, p.source, p.source_key, p.name, p.event_time, p.titanic_binned_v1 as code, p.person, p.person_key, p.person_id,
               p.pclass, p.sex, p.age, p.fare, o.survived, o.known_at,
               p.pclass as known_pclass, p.sex as known_sex, p.age as known_age, p.fare as known_fare, o.survived as known_survived,
               p.person_id as known_person_id, p.person_key as known_person_key,
               false as is_new, false as is_changed, true as is_deleted, false as is_outcome_new, false as is_unlinked, true as is_person_changed, false as is_relinked
        from passengers p
        left join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
        where p.source = @source and p.source_key = any (@keys) and p.superseded_by is null
        """;

    private const string CountMatched =
        """
        select count(*) filter (where is_new)::int,
               count(*) filter (where is_changed or (is_outcome_new and known_survived is not null))::int,
               count(*) filter (where is_deleted)::int,
               count(*) filter (where line is not null and not is_new and not is_changed and not is_deleted and not (is_outcome_new and known_survived is not null))::int,
               count(*) filter (where is_outcome_new)::int,
               count(*) filter (where is_new and person_id <> passenger_id)::int,
               count(*) filter (where is_relinked)::int
        from matched
        """;

    // As-of reads by time require that a later commit never has an earlier time, even if the clocks of several machines differ.
    private const string InsertCommit =
        """
        insert into commits (committed_at, source, description, rows_inserted, rows_updated, rows_deleted, rows_rejected,
                             rows_unchanged, outcomes_recorded, validation_id, run_id, code_version)
        values (greatest(@committed_at, (select committed_at from commits order by commit_id desc limit 1)), @source, @description,
                @inserted, @updated, @deleted, @rejected, @unchanged, @outcomes, @validation, @run, @code_version)
        returning commit_id
        """;

    private const string SupersedePassengers =
        """
        update passengers p set superseded_by = @commit
        from matched m where (m.is_changed or m.is_deleted or m.is_relinked) and p.passenger_id = m.passenger_id and p.superseded_by is null
        """;

    private const string InsertPassengers =
        """
        insert into passengers (passenger_id, commit_id, source, source_key, name, pclass, sex, age, fare, event_time, titanic_binned_v1, person,
                                person_key, person_id)
        select passenger_id, @commit, source, source_key, name, pclass, sex, age, fare, event_time, code, person, person_key, person_id
        from matched where is_new or is_changed or is_relinked
        """;

    private const string SupersedeOutcomes =
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

/// <summary>Passengers of one source that are ingested in one commit.</summary>
/// <param name="Source">One of <see cref="PassengerSources"/>.</param>
/// <param name="Description">The input for display.</param>
/// <param name="EventTime">The event time of new passengers whose row has none.</param>
/// <param name="KnownAt">When the outcomes of new passengers became known.</param>
/// <param name="Rows">The rows, enumerated once. Source keys must be unique.</param>
/// <param name="Warnings">Called after all rows have been read.</param>
/// <param name="Policy">What happens if an expectation is not met. Default: ALWAYS.</param>
/// <param name="CorrectionsKnownAt">
/// When new or corrected outcomes of passengers that are already stored became known. Default: <paramref name="KnownAt"/>. A correction
/// in a re-imported historical file is known from the import on, not from 1912.
/// </param>
public sealed record PassengerBatch(
    string Source,
    string Description,
    DateTimeOffset EventTime,
    DateTimeOffset KnownAt,
    IAsyncEnumerable<PassengerRow> Rows,
    Func<IReadOnlyList<string>> Warnings,
    IngestionPolicy Policy = IngestionPolicy.Always,
    DateTimeOffset? CorrectionsKnownAt = null)
{
    /// <summary>Returns how the file was read; called after all rows have been read.</summary>
    public Func<InputDescription?> Input { get; init; } = () => null;

    /// <summary>
    /// Creates a batch of the rows of a file. The event time and the known-at time of new passengers are 1912-04-15 for historical
    /// sources, otherwise <paramref name="now"/>; an event time in a row takes precedence.
    /// </summary>
    public static PassengerBatch FromReader(string source, string description, IRowReader<PassengerRow> reader, DateTimeOffset now)
    {
        var time = PassengerSources.Historical.Contains(source) ? PassengerSources.HistoricalEventTime : now;
        return new(source, description, time, time, reader.RowsAsync(), () => reader.Warnings, CorrectionsKnownAt: now) { Input = () => reader.Input };
    }

    /// <summary>Creates a batch of passengers that are already validated.</summary>
    public static PassengerBatch FromPassengers(string source, string description, DateTimeOffset eventTime, DateTimeOffset knownAt, IReadOnlyList<Passenger> passengers) =>
        new(source, description, eventTime, knownAt, passengers.Select((passenger, i) => (PassengerRow)new AcceptedRow(i + 1, passenger)).ToAsyncEnumerable(), () => []);
}

/// <summary>Outcomes of stored passengers that are ingested in one commit.</summary>
/// <param name="Source">The source of the commit; each row has the source of its passenger.</param>
/// <param name="Description">The input for display.</param>
/// <param name="KnownAt">When the outcomes of rows without a known-at time became known.</param>
/// <param name="Rows">The rows, enumerated once.</param>
/// <param name="Warnings">Called after all rows have been read.</param>
/// <param name="Policy">What happens if an expectation is not met. Default: ALWAYS.</param>
public sealed record OutcomeBatch(
    string Source,
    string Description,
    DateTimeOffset KnownAt,
    IAsyncEnumerable<OutcomeRow> Rows,
    Func<IReadOnlyList<string>> Warnings,
    IngestionPolicy Policy = IngestionPolicy.Always)
{
    /// <summary>Returns how the file was read; called after all rows have been read.</summary>
    public Func<InputDescription?> Input { get; init; } = () => null;
}

/// <summary>
/// The result of an ingestion, in numbers of rows. <see cref="CommitId"/> is null if nothing changed. <see cref="ValidationId"/> is
/// null if nothing changed and all expectations were met, or if no rows were read. <see cref="Linked"/> is the number of inserted rows
/// that are copies of stored persons.
/// </summary>
public sealed record IngestionResult(
    long? CommitId, long? ValidationId, int Inserted, int Updated, int Deleted, int Unchanged, int Rejected, int OutcomesRecorded, int Linked, IReadOnlyList<string> Warnings)
{
    /// <summary>How the file was read; null if the rows are not from a CSV file.</summary>
    public InputDescription? Input { get; init; }

    /// <summary>
    /// Number of rows with unchanged values that got a new version because a correction or a deletion changed of which row they are a copy.
    /// </summary>
    public int Relinked { get; init; }

    public override string ToString() =>
        FormattableString.Invariant(
            $"{Inserted:#,##0} inserted, {Updated:#,##0} updated, {(Deleted > 0 ? FormattableString.Invariant($"{Deleted:#,##0} deleted, ") : "")}{Unchanged:#,##0} unchanged, {Rejected:#,##0} rejected, {Quantity.Of(OutcomesRecorded, "outcome")} recorded")
        + (Linked > 0 ? $", {Quantity.Of(Linked, "row")} linked to stored persons" : "")
        + (Relinked > 0 ? $", {Quantity.Of(Relinked, "row")} linked again" : "")
        + (CommitId is { } commit ? $" in commit {commit}" : "; nothing changed, so there is no commit");
}

/// <summary>What an ingestion does if an expectation is not met.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IngestionPolicy>))]
public enum IngestionPolicy
{
    /// <summary>Ingest the valid rows; store the others as rejected rows.</summary>
    Always,

    /// <summary>Reject all rows.</summary>
    Strict,
}

/// <summary>The result of an ingestion in its validation report.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IngestionOutcome>))]
public enum IngestionOutcome
{
    /// <summary>The valid rows were committed.</summary>
    Ingested,

    /// <summary>No row was valid, or the policy STRICT rejected the ingestion; the feature group did not change.</summary>
    Rejected,

    /// <summary>All valid rows were already stored; there is no commit.</summary>
    Unchanged,
}

/// <summary>The run and the code version that write a commit.</summary>
/// <param name="RunId">The pipeline run; null outside of a run.</param>
/// <param name="CodeVersion">The version of the application.</param>
public sealed record Provenance(long? RunId, string CodeVersion);
