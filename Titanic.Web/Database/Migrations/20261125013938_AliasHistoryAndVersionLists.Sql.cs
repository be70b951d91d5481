namespace Titanic.Web.Database.Migrations;

public partial class AliasHistoryAndVersionLists
{
    /// <summary>Both are trusted: the owner of a database may have them made without being superuser.</summary>
    private const string Extensions =
        """
        create extension if not exists btree_gist;
        create extension if not exists pg_trgm;
        """;

    /// <summary>
    /// Moves that came within one microsecond, or while the clock was set back, left stretches without length, or that overlap. Each now begins
    /// at its time or a microsecond after the one before, whichever is later, and ends where the next begins.
    /// </summary>
    private const string StraightenHistory =
        """
        with numbered as (
            select alias_assignment_id, model_name, alias, assigned_at,
                   row_number() over (partition by model_name, alias order by alias_assignment_id) * interval '1 microsecond' as place
            from alias_assignments),
        begun as (
            select alias_assignment_id, model_name, alias,
                   max(assigned_at - place) over (partition by model_name, alias order by alias_assignment_id) + place as begins
            from numbered),
        stretches as (
            select alias_assignment_id, begins, lead(begins) over (partition by model_name, alias order by alias_assignment_id) as ends from begun)
        update alias_assignments a set assigned_at = s.begins, ended_at = s.ends from stretches s where s.alias_assignment_id = a.alias_assignment_id;
        """;

    /// <summary>A stretch without length is refused as well.</summary>
    private const string OneHolderAtAnyInstant =
        """
        alter table alias_assignments
            add column held tstzrange generated always as (tstzrange(assigned_at, ended_at)) stored,
            add constraint alias_assignments_one_holder unique (model_name, alias, held without overlaps);
        """;

    private const string DropOneHolder = "alter table alias_assignments drop column held;";

    /// <summary>The model's own evaluation by a method stands before those of the baselines beside it.</summary>
    private const string AddListColumns =
        """
        alter table model_versions
            add column cross_validated jsonb generated always as
                (jsonb_path_query_first(evaluations, '$[*] ? (@.method like_regex "cross-validation$").metrics.accuracy')) stored,
            add column left_one_out jsonb generated always as (jsonb_path_query_first(evaluations, '$[*] ? (@.method == "leave-one-out").metrics.accuracy')) stored,
            add column verdict text generated always as (gate ->> 'verdict') stored,
            add column search_text text generated always as (description || ' ' || algorithm || ' ' || tags::text) stored;
        create index ix_model_versions_verdict on model_versions (name, verdict, version);
        create index ix_model_versions_algorithm on model_versions (name, algorithm, version);
        create index ix_model_versions_code_version on model_versions (name, code_version, version);
        create index ix_model_versions_tags on model_versions using gin (tags);
        create index ix_model_versions_search_text on model_versions using gin (search_text gin_trgm_ops);
        """;

    private const string DropListColumns =
        """
        alter table model_versions drop column cross_validated, drop column left_one_out, drop column verdict, drop column search_text;
        drop index ix_model_versions_algorithm;
        drop index ix_model_versions_code_version;
        drop index ix_model_versions_tags;
        """;
}
