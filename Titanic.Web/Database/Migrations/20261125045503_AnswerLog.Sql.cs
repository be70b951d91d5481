namespace Titanic.Web.Database.Migrations;

public partial class AnswerLog
{
    /// <summary>
    /// That an answer's version exists is checked once for each statement, like the commits of rows: a foreign key looks, and locks the version,
    /// for every row. Versions, for their part, do not go away or change their numbers.
    /// </summary>
    private const string Guard =
        """
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
        create trigger model_versions_stay before delete or update of name, version on model_versions for each statement execute function refuse_change();
        """;

    private const string DropGuard =
        """
        drop trigger model_versions_stay on model_versions;
        drop trigger require_versions_of_new on predictions;
        drop trigger require_versions_of_changed on predictions;
        drop function require_model_versions;
        """;
}
