namespace Titanic.Web.Database.Migrations;

public partial class ViewsAndDatasets
{
    /// <summary>
    /// How many rows of the datasets that are already there the split holds out, by the rule of <c>PersonSplit</c>: ((person key xor the
    /// first eight bytes of SHA-256 of the salt) and 2^63 - 1) is less than share · 2^63. An outcome that was corrected later counts
    /// as it was known at the dataset's cut-off.
    /// </summary>
    private const string FillNewColumns =
        """
        update training_datasets d set held_out_rows = (
            select count(*) from passengers p
            where p.commit_id <= d.as_of_commit_id and (p.superseded_by is null or p.superseded_by > d.as_of_commit_id) and p.source = any (d.sources)
              and exists (select from outcomes o
                          where o.passenger_id = p.passenger_id and o.commit_id <= d.as_of_commit_id and o.known_at < d.known_before)
              and ((p.person_key # ('x' || encode(substring(sha256(convert_to(d.split_salt, 'UTF8')) from 1 for 8), 'hex'))::bit(64)::bigint)
                   & 9223372036854775807) < d.test_share::numeric * 9223372036854775808);
        alter table training_datasets alter column held_out_rows drop default;
        alter table feature_views alter column schema_sha256 drop default;
        """;

    /// <summary>What a model learned and through which view is a promise; <c>refuse_change</c> keeps it.</summary>
    private const string Guards =
        """
        create trigger feature_views_stay before update or delete on feature_views for each statement execute function refuse_change();
        create trigger training_datasets_stay before update or delete on training_datasets for each statement execute function refuse_change();
        """;

    private const string DropGuards =
        """
        drop trigger feature_views_stay on feature_views;
        drop trigger training_datasets_stay on training_datasets;
        """;
}
