namespace Titanic.Web.Database.Migrations;

public partial class ValidationAndStatistics
{
    /// <summary>Reports stood with their commits; now they stand for themselves, under the number of the commit that they came with.</summary>
    private const string MoveReports =
        """
        insert into validation_reports (validation_id, validated_at, source, description, policy, outcome, success, rows_read, rows_rejected,
                                        expectations, warnings, run_id, code_version)
        overriding system value
        select c.commit_id, c.committed_at, c.source, c.description, 'Always', 'Ingested', c.rows_rejected = 0,
               (c.validation_report ->> 'rowsRead')::int, c.rows_rejected,
               coalesce((select jsonb_agg(jsonb_build_object('expectation', r.key, 'expects', '', 'success', false, 'unexpectedRows', r.value))
                         from jsonb_each(c.validation_report -> 'reasons') r), '[]'),
               c.validation_report -> 'warnings', c.run_id, c.code_version
        from commits c;
        select setval(pg_get_serial_sequence('validation_reports', 'validation_id'), max(validation_id)) from validation_reports;
        update commits set validation_id = commit_id;
        """;

    /// <summary>The key as <c>PersonKey</c> makes it, for the rows that came before it.</summary>
    private const string FillNewColumns =
        """
        update passengers p set person_key = ('x' || encode(substring(sha256(
            case when p.name <> ''
                 then 'name'::bytea || '\x00' || convert_to(upper(regexp_replace(p.name, '[\x01-\x2F\x3A-\x40\x5B-\x60\x7B-\x7F]', '', 'g') collate "C"), 'UTF8')
                 else 'key'::bytea || '\x00' || convert_to(p.source, 'UTF8') || '\x00' || convert_to(p.source_key, 'UTF8')
            end) from 1 for 8), 'hex'))::bit(64)::bigint;
        alter table passengers alter column person_key drop default;
        update rejected_rows set rules = array_fill('unnamed'::text, array[cardinality(reasons)]);
        alter table rejected_rows alter column rules drop default;
        """;

    /// <summary>
    /// What foreign keys to <c>commits</c> would guarantee, but asked once per statement: row by row they cost as much as the rest of
    /// a large import. A commit that is written stays as it is.
    /// </summary>
    private const string Guards =
        """
        create function require_commits() returns trigger language plpgsql as $$
        begin
            if exists (select from (select commit_id from written union select superseded_by from written where superseded_by is not null) w
                       where not exists (select from commits c where c.commit_id = w.commit_id)) then
                raise foreign_key_violation using message = format('a row of %s names a commit that does not exist', tg_table_name);
            end if;
            return null;
        end $$;
        create trigger require_commits_of_new after insert on passengers
            referencing new table as written for each statement execute function require_commits();
        create trigger require_commits_of_changed after update on passengers
            referencing new table as written for each statement execute function require_commits();
        create trigger require_commits_of_new after insert on outcomes
            referencing new table as written for each statement execute function require_commits();
        create trigger require_commits_of_changed after update on outcomes
            referencing new table as written for each statement execute function require_commits();

        create function refuse_change() returns trigger language plpgsql as $$
        begin
            raise integrity_constraint_violation using message = format('rows of %s are never changed or deleted', tg_table_name);
        end $$;
        create trigger commits_stay before update or delete on commits for each statement execute function refuse_change();
        """;

    private const string DropGuards =
        """
        drop trigger commits_stay on commits;
        drop trigger require_commits_of_new on passengers;
        drop trigger require_commits_of_changed on passengers;
        drop trigger require_commits_of_new on outcomes;
        drop trigger require_commits_of_changed on outcomes;
        drop function require_commits;
        drop function refuse_change;
        """;
}
