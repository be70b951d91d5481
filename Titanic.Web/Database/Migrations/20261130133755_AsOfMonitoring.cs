using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class AsOfMonitoring : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "live_status_changes");

            migrationBuilder.DropColumn(
                name: "created_at",
                table: "drift_periods");

            migrationBuilder.DropColumn(
                name: "created_at",
                table: "drift_looks");
        }
    }
}
