using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class AnswerLog : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_predictions_model_versions_model_name_model_version",
                table: "predictions");

            migrationBuilder.DropIndex(
                name: "ix_predictions_model_name_model_version",
                table: "predictions");

            migrationBuilder.DropIndex(
                name: "ix_predictions_run_id",
                table: "predictions");

            migrationBuilder.CreateTable(
                name: "keyed_answers",
                columns: table => new
                {
                    caller = table.Column<string>(type: "text", nullable: false),
                    key = table.Column<string>(type: "text", nullable: false),
                    request_sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    answer = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_keyed_answers", x => new { x.caller, x.key });
                });

            migrationBuilder.CreateIndex(
                name: "ix_predictions_model_name_model_version",
                table: "predictions",
                columns: new[] { "model_name", "model_version" },
                filter: "passenger_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_predictions_run_id",
                table: "predictions",
                column: "run_id",
                filter: "run_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_keyed_answers_created_at",
                table: "keyed_answers",
                column: "created_at");

            migrationBuilder.Sql(Guard);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(DropGuard);

            migrationBuilder.DropTable(
                name: "keyed_answers");

            migrationBuilder.DropIndex(
                name: "ix_predictions_model_name_model_version",
                table: "predictions");

            migrationBuilder.DropIndex(
                name: "ix_predictions_run_id",
                table: "predictions");

            migrationBuilder.CreateIndex(
                name: "ix_predictions_model_name_model_version",
                table: "predictions",
                columns: new[] { "model_name", "model_version" });

            migrationBuilder.CreateIndex(
                name: "ix_predictions_run_id",
                table: "predictions",
                column: "run_id");

            migrationBuilder.AddForeignKey(
                name: "fk_predictions_model_versions_model_name_model_version",
                table: "predictions",
                columns: new[] { "model_name", "model_version" },
                principalTable: "model_versions",
                principalColumns: new[] { "name", "version" },
                onDelete: ReferentialAction.Restrict);
        }
    }
}
