using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class Rollups : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "prediction_cells",
                columns: table => new
                {
                    logical_date = table.Column<DateOnly>(type: "date", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    is_live = table.Column<bool>(type: "boolean", nullable: true),
                    model_version = table.Column<int>(type: "integer", nullable: false),
                    pclass = table.Column<short>(type: "smallint", nullable: false),
                    sex = table.Column<string>(type: "text", nullable: false),
                    survived = table.Column<bool>(type: "boolean", nullable: false),
                    probability = table.Column<double>(type: "double precision", nullable: false),
                    predictions = table.Column<int>(type: "integer", nullable: false),
                    outcome_died = table.Column<int>(type: "integer", nullable: false),
                    outcome_survived = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                });

            migrationBuilder.CreateTable(
                name: "rollup_state",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    as_of_commit_id = table.Column<long>(type: "bigint", nullable: false),
                    last_prediction_id = table.Column<long>(type: "bigint", nullable: false),
                    settled_before = table.Column<DateOnly>(type: "date", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_rollup_state", x => x.id);
                    table.CheckConstraint("ck_rollup_state_one_row", "id = 1");
                });

            migrationBuilder.CreateIndex(
                name: "ix_prediction_cells_values",
                table: "prediction_cells",
                columns: new[] { "logical_date", "source", "is_live", "model_version", "pclass", "sex", "survived", "probability" },
                unique: true)
                .Annotation("Npgsql:NullsDistinct", false);

            migrationBuilder.Sql(CountStored);

            migrationBuilder.DropIndex(
                name: "ix_passengers_event_time",
                table: "passengers");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_event_time_passenger_id",
                table: "passengers",
                columns: new[] { "event_time", "passenger_id" },
                filter: "superseded_by is null");

            migrationBuilder.DropIndex(
                name: "ix_daily_performance_as_of_commit_id",
                table: "daily_performance");

            migrationBuilder.DropIndex(
                name: "ix_daily_answers_last_prediction_id",
                table: "daily_answers");

            migrationBuilder.DropColumn(
                name: "as_of_commit_id",
                table: "daily_performance");

            migrationBuilder.DropColumn(
                name: "last_prediction_id",
                table: "daily_performance");

            migrationBuilder.DropColumn(
                name: "is_settled",
                table: "daily_answers");

            migrationBuilder.DropColumn(
                name: "last_prediction_id",
                table: "daily_answers");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_passengers_event_time_passenger_id",
                table: "passengers");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_event_time",
                table: "passengers",
                column: "event_time",
                filter: "superseded_by is null");

            migrationBuilder.DropTable(
                name: "prediction_cells");

            migrationBuilder.DropTable(
                name: "rollup_state");

            migrationBuilder.AddColumn<long>(
                name: "as_of_commit_id",
                table: "daily_performance",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "last_prediction_id",
                table: "daily_performance",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<bool>(
                name: "is_settled",
                table: "daily_answers",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "last_prediction_id",
                table: "daily_answers",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateIndex(
                name: "ix_daily_performance_as_of_commit_id",
                table: "daily_performance",
                column: "as_of_commit_id");

            migrationBuilder.CreateIndex(
                name: "ix_daily_answers_last_prediction_id",
                table: "daily_answers",
                column: "last_prediction_id");
        }

        /// <summary>
        /// Counts the cells of the state that the daily totals contain: predictions up to an id, outcomes up to a commit. The totals by source
        /// are summed from the cells, without the days of the page and the API that are not settled. The next monitoring run counts the rest.
        /// </summary>
        private const string CountStored =
            """
            insert into rollup_state (id, as_of_commit_id, last_prediction_id, settled_before)
            select 1, coalesce(max(as_of_commit_id), 0), coalesce(max(last_prediction_id), 0),
                   (select coalesce(max(logical_date) + 1, '-infinity') from daily_answers where is_settled)
            from daily_performance;

            insert into prediction_cells
            select a.logical_date, a.source, a.is_live, a.model_version, a.pclass, a.sex, a.survived, a.probability,
                   count(*), count(*) filter (where not o.survived), count(*) filter (where o.survived)
            from rollup_state s
            cross join predictions a
            left join outcomes o on o.passenger_id = a.passenger_id and o.commit_id <= s.as_of_commit_id
              and (o.superseded_by is null or o.superseded_by > s.as_of_commit_id)
            where (a.source = 'batch' and a.prediction_id <= s.last_prediction_id) or (a.source <> 'batch' and a.logical_date < s.settled_before)
            group by 1, 2, 3, 4, 5, 6, 7, 8;

            delete from daily_answers;
            insert into daily_answers (logical_date, source, answers, surviving, probability_sum, last_prediction_id, is_settled)
            select logical_date, source, sum(predictions), coalesce(sum(predictions) filter (where survived), 0), sum(predictions * probability), 0, true
            from prediction_cells group by 1, 2;
            """;
    }
}
