using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class Persons : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "is_by_person",
                table: "training_datasets",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "person_id",
                table: "passengers",
                type: "bigint",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_passengers_person_key",
                table: "passengers",
                column: "person_key",
                filter: "name is not null");

            migrationBuilder.CreateTable(
                name: "shared_person_keys",
                columns: table => new
                {
                    person_key = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_shared_person_keys", x => x.person_key);
                });

            migrationBuilder.Sql(ComposeNames);
            migrationBuilder.Sql(LinkStoredCopies);

            migrationBuilder.AlterColumn<long>(
                name: "person_id",
                table: "passengers",
                type: "bigint",
                nullable: false,
                oldNullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_passengers_person_id",
                table: "passengers",
                column: "person_id",
                filter: "person_id <> passenger_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_passengers_person_id",
                table: "passengers");

            migrationBuilder.DropIndex(
                name: "ix_passengers_person_key",
                table: "passengers");

            migrationBuilder.DropTable(
                name: "shared_person_keys");

            migrationBuilder.DropColumn(
                name: "is_by_person",
                table: "training_datasets");

            migrationBuilder.DropColumn(
                name: "person_id",
                table: "passengers");
        }

        /// <summary>
        /// Earlier releases ignored the combining marks of names, so that "O" with U+0308 and "Ö" had different keys. Current rows with such
        /// names get a new version with the key of the composed name. The values do not change, and earlier versions keep their keys, because
        /// the folds of earlier models depend on them. This is one commit per source, with the statistics of the commit before it.
        /// </summary>
        private const string ComposeNames =
            """
            do $$
            declare
                of_source text;
                renewal bigint;
            begin
                if getdatabaseencoding() <> 'UTF8' then
                    return;
                end if;
                create temp table composed as
                select p.passenger_id, p.commit_id, p.source, k.person_key
                from passengers p
                cross join lateral (
                    select upper(regexp_replace(normalize(p.name, nfc) collate pg_unicode_fast, '[^[:alnum:]]', '', 'g') collate pg_c_utf8) as letters) l
                cross join lateral (
                    select ('x' || encode(substr(sha256('name'::bytea || '\x00'::bytea || convert_to(l.letters, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint as person_key) k
                where p.superseded_by is null and p.name ~ '[\u0300-\u036F\u3099\u309A]' and p.name is not nfc normalized and l.letters <> '' and k.person_key <> p.person_key;

                for of_source in select distinct source from composed order by source loop
                    insert into commits (committed_at, source, description, rows_inserted, rows_updated, rows_deleted, rows_rejected, rows_unchanged,
                                         outcomes_recorded, code_version)
                    select greatest(now(), (select max(committed_at) from commits)), of_source, 'person keys of names with combining marks', 0, count(*), 0, 0, 0, 0, 'migration'
                    from composed c where c.source = of_source
                    returning commit_id into renewal;

                    update passengers p set superseded_by = renewal
                    from composed c where c.source = of_source and p.passenger_id = c.passenger_id and p.commit_id = c.commit_id;

                    insert into passengers (passenger_id, commit_id, source, source_key, name, pclass, sex, age, fare, event_time, titanic_binned_v1, person_key)
                    select p.passenger_id, renewal, p.source, p.source_key, p.name, p.pclass, p.sex, p.age, p.fare, p.event_time, p.titanic_binned_v1, c.person_key
                    from composed c join passengers p using (passenger_id, commit_id) where c.source = of_source;

                    insert into feature_statistics (
                        commit_id, scope, feature, count, num_null_values, min, max, mean, std_dev, percentiles, approx_num_distinct_values, histogram, top_values,
                        correlation_with_outcome, sums_value, sums_square, sums_labelled, sums_labelled_value, sums_labelled_square, sums_survivors, sums_survivor_value)
                    select distinct on (scope, feature)
                        renewal, scope, feature, count, num_null_values, min, max, mean, std_dev, percentiles, approx_num_distinct_values, histogram, top_values,
                        correlation_with_outcome, sums_value, sums_square, sums_labelled, sums_labelled_value, sums_labelled_square, sums_survivors, sums_survivor_value
                    from feature_statistics where scope in ('all', of_source) order by scope, feature, commit_id desc;
                end loop;
                drop table composed;
            end $$;
            """;

        /// <summary>
        /// Every row is its own person, except the copies among the rows of one name, which are linked by the rule of the class PersonLinks
        /// at the time of this migration. A row version is compared with the versions that were current at the same time, so that reads as of
        /// an earlier commit count a person once, too. Datasets that were defined before stay as they are: they are not by person. Predictions
        /// of persons whom the model had learned under another key are no longer live; the next monitoring run counts all days again.
        /// </summary>
        private const string LinkStoredCopies =
            """
            update passengers set person_id = passenger_id;

            create temp table namesakes as
            select passenger_id, commit_id, superseded_by, person_key, sex, pclass, age, fare,
                   row_number() over (partition by person_key order by passenger_id, commit_id) as number
            from passengers
            where name is not null and person_key in (
                select person_key from passengers where name is not null group by person_key having count(distinct passenger_id) > 1);
            create index on namesakes (person_key, number);
            analyze namesakes;

            with recursive links as materialized (
                select n.passenger_id, n.commit_id, c.passenger_id as linked_id, c.commit_id as linked_commit_id
                from namesakes n
                left join lateral (
                    select c.passenger_id, c.commit_id
                    from namesakes c
                    cross join lateral (select case when c.pclass = n.pclass then 1 else -1 end
                        + coalesce(case when abs(c.age - n.age) <= 1 then 1 when c.age <> n.age then -1 end, 0)
                        + coalesce(case when abs(c.fare - n.fare) <= 0.01 * greatest(c.fare, n.fare) then 1 when c.fare <> n.fare then -1 end, 0) as balance) b
                    where c.person_key = n.person_key and c.number < n.number and c.number <= 50 and c.passenger_id < n.passenger_id and c.sex = n.sex
                      and coalesce(c.commit_id < n.superseded_by, true) and coalesce(n.commit_id < c.superseded_by, true) and b.balance >= 0
                    order by b.balance desc, c.number limit 1) c on true
            ), persons as (
                select passenger_id, commit_id, passenger_id as person_id from links where linked_id is null
                union all
                select l.passenger_id, l.commit_id, p.person_id from persons p join links l on l.linked_id = p.passenger_id and l.linked_commit_id = p.commit_id
            )
            update passengers t set person_id = persons.person_id
            from persons where persons.passenger_id = t.passenger_id and persons.commit_id = t.commit_id and persons.person_id <> t.person_id;

            insert into shared_person_keys (person_key)
            select person_key from passengers where name is not null group by person_key having count(distinct person_id) > 1;

            drop table namesakes;

            with changed as (
                update predictions a set is_live = false
                from passengers p, model_versions v, training_datasets d
                where a.is_live and p.passenger_id = a.passenger_id and p.superseded_by is null and p.name is not null
                  and v.name = a.model_name and v.version = a.model_version and d.training_dataset_id = v.training_dataset_id
                  and (p.person_id <> p.passenger_id or exists (
                      select from passengers s
                      where s.person_key = p.person_key and s.name is not null and s.passenger_id <> p.passenger_id
                        and s.commit_id <= d.as_of_commit_id and s.source = any (d.sources)))
                returning 1
            )
            delete from daily_performance where exists (select from changed);
            """;
    }
}
