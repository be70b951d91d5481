using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class Drift : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "drift_periods",
                columns: table => new
                {
                    period_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    started_on = table.Column<DateOnly>(type: "date", nullable: false),
                    ended_on = table.Column<DateOnly>(type: "date", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: false),
                    model_version = table.Column<int>(type: "integer", nullable: false),
                    held_out_correct = table.Column<int>(type: "integer", nullable: false),
                    held_out_rows = table.Column<int>(type: "integer", nullable: false),
                    reference = table.Column<string>(type: "jsonb", nullable: false),
                    false_alarm_rate = table.Column<double>(type: "double precision", nullable: false),
                    horizon_days = table.Column<int>(type: "integer", nullable: false),
                    accuracy_falls = table.Column<double[]>(type: "double precision[]", nullable: false),
                    seed = table.Column<long>(type: "bigint", nullable: false),
                    last_prediction_id = table.Column<long>(type: "bigint", nullable: false),
                    last_uncounted_prediction_id = table.Column<long>(type: "bigint", nullable: false),
                    as_of_commit_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_drift_periods", x => x.period_id);
                });

            migrationBuilder.CreateTable(
                name: "drift_looks",
                columns: table => new
                {
                    period_id = table.Column<long>(type: "bigint", nullable: false),
                    logical_date = table.Column<DateOnly>(type: "date", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    champion_version = table.Column<int>(type: "integer", nullable: false),
                    as_of_commit_id = table.Column<long>(type: "bigint", nullable: false),
                    last_prediction_id = table.Column<long>(type: "bigint", nullable: false),
                    rows = table.Column<int>(type: "integer", nullable: false),
                    correct = table.Column<int>(type: "integer", nullable: false),
                    delays = table.Column<string>(type: "jsonb", nullable: false),
                    log_statistics = table.Column<double[]>(type: "double precision[]", nullable: false),
                    log_value = table.Column<double>(type: "double precision", nullable: false),
                    log_threshold = table.Column<double>(type: "double precision", nullable: false),
                    features = table.Column<string>(type: "jsonb", nullable: false),
                    is_accuracy_alarm = table.Column<bool>(type: "boolean", nullable: false),
                    is_input_alarm = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_drift_looks", x => new { x.period_id, x.logical_date });
                    table.ForeignKey(
                        name: "fk_drift_looks_drift_periods_period_id",
                        column: x => x.period_id,
                        principalTable: "drift_periods",
                        principalColumn: "period_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_drift_looks_logical_date",
                table: "drift_looks",
                column: "logical_date");

            migrationBuilder.CreateIndex(
                name: "ix_drift_periods_ended_on",
                table: "drift_periods",
                column: "ended_on",
                unique: true,
                filter: "ended_on is null")
                .Annotation("Npgsql:NullsDistinct", false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "drift_looks");

            migrationBuilder.DropTable(
                name: "drift_periods");
        }
    }
}
