namespace Titanic.Web.Database.Migrations;

/// <summary>What Entity Framework cannot express. The migration makes the whole schema; its name is that of the last of the eleven that it replaces.</summary>
public partial class AnswerLog
{
    /// <summary>Both are trusted: the owner of a database may create them without being superuser.</summary>
    private const string Extensions =
        """
        create extension if not exists btree_gist;
        create extension if not exists pg_trgm;
        """;

    /// <summary>A period without length is refused as well.</summary>
    private const string OneHolderAtAnyInstant =
        """
        alter table alias_assignments add constraint alias_assignments_one_holder unique (model_name, alias, held without overlaps);
        """;

    private const string VersionListIndexes =
        """
        create index ix_model_versions_verdict on model_versions (name, verdict, version);
        create index ix_model_versions_algorithm on model_versions (name, algorithm, version);
        create index ix_model_versions_code_version on model_versions (name, code_version, version);
        create index ix_model_versions_tags on model_versions using gin (tags);
        create index ix_model_versions_search_text on model_versions using gin (search_text gin_trgm_ops);
        """;

    /// <summary>
    /// What foreign keys to <c>commits</c> and from <c>predictions</c> to <c>model_versions</c> would guarantee, but checked once per statement:
    /// row by row they cost as much as the rest of a large import, and lock the version for every prediction.
    /// </summary>
    private const string ReferencesCheckedPerStatement =
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

        create function require_model_versions() returns trigger language plpgsql as $$
        begin
            if exists (select from written w where not exists (select from model_versions v where v.name = w.model_name and v.version = w.model_version)) then
                raise foreign_key_violation using message = 'a prediction names a model version that does not exist', constraint = 'predictions_name_versions';
            end if;
            return null;
        end $$;
        create trigger require_versions_of_new after insert on predictions
            referencing new table as written for each statement execute function require_model_versions();
        create trigger require_versions_of_changed after update on predictions
            referencing new table as written for each statement execute function require_model_versions();
        """;

    /// <summary>Commits, views, datasets, audits, and the numbers of model versions: other rows and people rely on them for good.</summary>
    private const string RowsThatNeverChange =
        """
        create function refuse_change() returns trigger language plpgsql as $$
        begin
            raise integrity_constraint_violation using message = format('rows of %s are never changed or deleted', tg_table_name);
        end $$;
        create trigger commits_stay before update or delete on commits for each statement execute function refuse_change();
        create trigger feature_views_stay before update or delete on feature_views for each statement execute function refuse_change();
        create trigger training_datasets_stay before update or delete on training_datasets for each statement execute function refuse_change();
        create trigger imported_datasets_stay before update or delete on imported_datasets for each statement execute function refuse_change();
        create trigger reproductions_stay before update or delete on reproductions for each statement execute function refuse_change();
        create trigger model_versions_stay before delete or update of name, version on model_versions for each statement execute function refuse_change();
        """;

    /// <summary>The column was renamed once, which left its constraint's name: databases made by the eleven migrations have this one.</summary>
    private const string NameOfRenamedColumn =
        "alter table rejected_rows rename constraint rejected_rows_validation_id_not_null to rejected_rows_commit_id_not_null;";

    private const string DropFunctions = "drop function require_commits, require_model_versions, refuse_change;";
}
