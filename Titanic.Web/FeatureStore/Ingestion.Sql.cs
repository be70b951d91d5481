namespace Titanic.Web.FeatureStore;

/// <summary>The statements of an ingestion, in the order in which they run.</summary>
public sealed partial class Ingestion
{
    private const string CreateStaging =
        """
        create temp table incoming (
            line bigint not null, source_key text collate "C" not null, name text, pclass smallint not null, sex text not null,
            age double precision, fare double precision, survived boolean, code smallint not null, person_key bigint not null)
        on commit drop
        """;

    private const string MatchWithCurrentRows =
        """
        create temp table matched on commit drop as
        select i.*,
               coalesce(i.known_id, nextval('passenger_ids')) as passenger_id,
               i.known_id is null as is_new,
               i.known_id is not null and i.differs as is_changed,
               i.survived is not null and i.survived is distinct from i.known_survived as is_outcome_new
        from (
            select incoming.*, p.passenger_id as known_id, o.survived as known_survived,
                   (p.name, p.pclass, p.sex, p.age, p.fare, p.event_time)
                       is distinct from (incoming.name, incoming.pclass, incoming.sex, incoming.age, incoming.fare, @event_time) as differs
            from incoming
            left join passengers p on p.source = @source and p.source_key = incoming.source_key and p.superseded_by is null
            left join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
            order by incoming.line) i
        """;

    private const string CountMatched =
        """
        select count(*) filter (where is_new)::int,
               count(*) filter (where is_changed or (is_outcome_new and known_survived is not null))::int,
               count(*) filter (where not is_new and not is_changed and not (is_outcome_new and known_survived is not null))::int,
               count(*) filter (where is_outcome_new)::int
        from matched
        """;

    private const string InsertValidationReport =
        """
        insert into validation_reports (validated_at, source, description, policy, outcome, success, rows_read, rows_rejected,
                                        expectations, warnings, run_id, code_version)
        values (@validated_at, @source, @description, 'Always', 'Ingested', @success, @read, @rejected, @expectations, @warnings, @run, @code_version)
        returning validation_id
        """;

    private const string InsertCommit =
        """
        insert into commits (committed_at, source, description, rows_inserted, rows_updated, rows_deleted, rows_rejected,
                             rows_unchanged, outcomes_recorded, validation_id, run_id, code_version)
        values (@committed_at, @source, @description, @inserted, @updated, 0, @rejected, @unchanged, @outcomes, @validation, @run, @code_version)
        returning commit_id
        """;

    private const string SupersedePassengers =
        """
        update passengers p set superseded_by = @commit
        from matched m where m.is_changed and p.passenger_id = m.passenger_id and p.superseded_by is null
        """;

    private const string InsertPassengers =
        """
        insert into passengers (passenger_id, commit_id, source, source_key, name, pclass, sex, age, fare, event_time, titanic_binned_v1, person_key)
        select passenger_id, @commit, @source, source_key, name, pclass, sex, age, fare, @event_time, code, person_key
        from matched where is_new or is_changed
        order by line
        """;

    private const string SupersedeOutcomes =
        """
        update outcomes o set superseded_by = @commit
        from matched m where m.is_outcome_new and o.passenger_id = m.passenger_id and o.superseded_by is null
        """;

    private const string InsertOutcomes =
        """
        insert into outcomes (passenger_id, commit_id, survived, known_at)
        select passenger_id, @commit, survived, @known_at from matched where is_outcome_new
        order by line
        """;
}
