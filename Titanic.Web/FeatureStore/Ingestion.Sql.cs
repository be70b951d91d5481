namespace Titanic.Web.FeatureStore;

/// <summary>The statements of an ingestion, in the order in which they run.</summary>
public sealed partial class Ingestion
{
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
