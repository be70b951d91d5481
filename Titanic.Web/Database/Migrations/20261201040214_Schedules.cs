using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class Schedules : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "schedule_pauses",
                columns: table => new
                {
                    schedule_pause_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    pipeline = table.Column<string>(type: "text", nullable: false),
                    paused_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    paused_by = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    resumed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    resumed_by = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_schedule_pauses", x => x.schedule_pause_id);
                });

            migrationBuilder.CreateTable(
                name: "schedules",
                columns: table => new
                {
                    pipeline = table.Column<string>(type: "text", nullable: false),
                    cron = table.Column<string>(type: "text", nullable: false),
                    cron_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    deadline_minutes = table.Column<int>(type: "integer", nullable: true),
                    overlap = table.Column<string>(type: "text", nullable: false),
                    missed_runs = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    changed_by = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_schedules", x => x.pipeline);
                });

            migrationBuilder.CreateIndex(
                name: "ix_schedule_pauses_pipeline",
                table: "schedule_pauses",
                column: "pipeline",
                unique: true,
                filter: "resumed_at is null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "schedule_pauses");

            migrationBuilder.DropTable(
                name: "schedules");
        }
    }
}
