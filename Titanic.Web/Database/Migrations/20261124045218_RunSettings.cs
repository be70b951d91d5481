using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class RunSettings : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "as_of",
                table: "runs",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "is_beside",
                table: "runs",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "policy",
                table: "runs",
                type: "text",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_runs_pipeline",
                table: "runs",
                column: "pipeline",
                filter: "status = 'Running'");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_ended_key",
                table: "passengers",
                columns: new[] { "source", "source_key" },
                filter: "superseded_by is not null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_runs_pipeline",
                table: "runs");

            migrationBuilder.DropIndex(
                name: "ix_passengers_ended_key",
                table: "passengers");

            migrationBuilder.DropColumn(
                name: "as_of",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "is_beside",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "policy",
                table: "runs");
        }
    }
}
