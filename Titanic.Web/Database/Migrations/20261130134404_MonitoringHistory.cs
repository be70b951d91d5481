using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class MonitoringHistory : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "event_time_from",
                table: "training_datasets",
                type: "timestamp with time zone",
                nullable: true);

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

            // The time of storing is that of the monitoring run of the day; without its record, the end of the day.
            migrationBuilder.Sql(
                """
                alter table drift_periods add created_at timestamp with time zone;
                alter table drift_looks add created_at timestamp with time zone;
                create temp table stored_at on commit drop as
                select logical_date, min(ended_at) as ended_at from runs
                where pipeline = 'monitoring' and status = 'Succeeded' and logical_date is not null group by logical_date;
                update drift_looks set created_at = coalesce(
                    (select ended_at from stored_at s where s.logical_date = drift_looks.logical_date), (logical_date + 1)::timestamp at time zone 'UTC');
                update drift_periods set created_at = coalesce(
                    (select ended_at from stored_at s where s.logical_date = drift_periods.started_on), (started_on + 1)::timestamp at time zone 'UTC');
                alter table drift_periods alter created_at set not null;
                alter table drift_looks alter created_at set not null;
                """);

            migrationBuilder.CreateTable(
                name: "live_status_changes",
                columns: table => new
                {
                    live_status_change_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    prediction_id = table.Column<long>(type: "bigint", nullable: false),
                    was_live = table.Column<bool>(type: "boolean", nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_live_status_changes", x => x.live_status_change_id);
                    table.ForeignKey(
                        name: "fk_live_status_changes_predictions_prediction_id",
                        column: x => x.prediction_id,
                        principalTable: "predictions",
                        principalColumn: "prediction_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_live_status_changes_prediction_id_changed_at",
                table: "live_status_changes",
                columns: new[] { "prediction_id", "changed_at" });

            migrationBuilder.Sql("create trigger live_status_changes_stay before update or delete on live_status_changes for each statement execute function refuse_change();");

            migrationBuilder.CreateTable(
                name: "daily_policy_performance",
                columns: table => new
                {
                    logical_date = table.Column<DateOnly>(type: "date", nullable: false),
                    policy = table.Column<string>(type: "text", nullable: false),
                    rows = table.Column<int>(type: "integer", nullable: false),
                    correct = table.Column<int>(type: "integer", nullable: false),
                    only_served_correct = table.Column<int>(type: "integer", nullable: false),
                    only_policy_correct = table.Column<int>(type: "integer", nullable: false),
                    squared_error = table.Column<double>(type: "double precision", nullable: false),
                    left_out = table.Column<int>(type: "integer", nullable: false),
                    as_of_commit_id = table.Column<long>(type: "bigint", nullable: false),
                    last_prediction_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_daily_policy_performance", x => new { x.logical_date, x.policy });
                });

            migrationBuilder.CreateIndex(
                name: "ix_daily_policy_performance_as_of_commit_id",
                table: "daily_policy_performance",
                column: "as_of_commit_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "daily_policy_performance");

            migrationBuilder.DropTable(
                name: "live_status_changes");

            migrationBuilder.DropColumn(
                name: "created_at",
                table: "drift_periods");

            migrationBuilder.DropColumn(
                name: "created_at",
                table: "drift_looks");

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

            migrationBuilder.DropColumn(
                name: "event_time_from",
                table: "training_datasets");
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
