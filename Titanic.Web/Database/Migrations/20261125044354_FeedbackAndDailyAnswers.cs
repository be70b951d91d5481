using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class FeedbackAndDailyAnswers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "daily_answers",
                columns: table => new
                {
                    logical_date = table.Column<DateOnly>(type: "date", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    answers = table.Column<long>(type: "bigint", nullable: false),
                    surviving = table.Column<long>(type: "bigint", nullable: false),
                    probability_sum = table.Column<double>(type: "double precision", nullable: false),
                    last_prediction_id = table.Column<long>(type: "bigint", nullable: false),
                    is_settled = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_daily_answers", x => new { x.logical_date, x.source });
                });

            migrationBuilder.CreateTable(
                name: "prediction_feedback",
                columns: table => new
                {
                    feedback_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    prediction_id = table.Column<long>(type: "bigint", nullable: false),
                    given_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    note = table.Column<string>(type: "text", nullable: true),
                    given_by = table.Column<string>(type: "text", nullable: false),
                    reader = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_prediction_feedback", x => x.feedback_id);
                    table.CheckConstraint("ck_prediction_feedback_kind", "kind in ('correct', 'wrong', 'odd')");
                    table.CheckConstraint("ck_prediction_feedback_note", "char_length(note) <= 300");
                    table.ForeignKey(
                        name: "fk_prediction_feedback_predictions_prediction_id",
                        column: x => x.prediction_id,
                        principalTable: "predictions",
                        principalColumn: "prediction_id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_daily_answers_last_prediction_id",
                table: "daily_answers",
                column: "last_prediction_id");

            migrationBuilder.CreateIndex(
                name: "ix_prediction_feedback_kind_feedback_id",
                table: "prediction_feedback",
                columns: new[] { "kind", "feedback_id" });

            migrationBuilder.CreateIndex(
                name: "ix_prediction_feedback_prediction_id_reader",
                table: "prediction_feedback",
                columns: new[] { "prediction_id", "reader" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "daily_answers");

            migrationBuilder.DropTable(
                name: "prediction_feedback");
        }
    }
}
