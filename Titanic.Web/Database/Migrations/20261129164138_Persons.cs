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
        /// Every row is its own person, except the copies among the rows of one name, which are linked by the rule of the class PersonLinks
        /// at the time of this migration. Datasets that were defined before stay as they are: they are not by person. Predictions
        /// of persons whom the model had learned under another key are no longer live; the next monitoring run counts all days again.
        /// </summary>
        private const string LinkStoredCopies =
            """
            update passengers set person_id = passenger_id;

            create temp table namesakes as
            select passenger_id, person_key, sex, pclass, age, fare, row_number() over (partition by person_key order by passenger_id) as number
            from passengers
            where superseded_by is null and name is not null and person_key in (
                select person_key from passengers where superseded_by is null and name is not null group by person_key having count(*) > 1);
            create index on namesakes (person_key, number);
            analyze namesakes;

            with recursive links as materialized (
                select n.passenger_id, c.passenger_id as linked_id
                from namesakes n
                left join lateral (
                    select c.passenger_id
                    from namesakes c
                    cross join lateral (select case when c.pclass = n.pclass then 1 else -1 end
                        + coalesce(case when abs(c.age - n.age) <= 1 then 1 when c.age <> n.age then -1 end, 0)
                        + coalesce(case when abs(c.fare - n.fare) <= 0.01 * greatest(c.fare, n.fare) then 1 when c.fare <> n.fare then -1 end, 0) as balance) b
                    where c.person_key = n.person_key and c.number < n.number and c.number <= 50 and c.sex = n.sex and b.balance >= 0
                    order by b.balance desc, c.number limit 1) c on true
            ), persons as (
                select passenger_id, passenger_id as person_id from links where linked_id is null
                union all
                select l.passenger_id, p.person_id from persons p join links l on l.linked_id = p.passenger_id
            )
            update passengers t set person_id = persons.person_id
            from persons where persons.passenger_id = t.passenger_id and persons.person_id <> t.person_id;

            insert into shared_person_keys (person_key)
            select person_key from passengers where superseded_by is null and name is not null group by person_key having count(distinct person_id) > 1;

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
