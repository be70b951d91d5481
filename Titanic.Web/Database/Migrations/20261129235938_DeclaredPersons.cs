using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class DeclaredPersons : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_passengers_person_key",
                table: "passengers");

            migrationBuilder.AddColumn<string>(
                name: "input",
                table: "runs",
                type: "json",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "read_options",
                table: "runs",
                type: "jsonb",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "person",
                table: "passengers",
                type: "text",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_passengers_person_key",
                table: "passengers",
                column: "person_key",
                filter: "name is not null or person is not null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_passengers_person_key",
                table: "passengers");

            migrationBuilder.DropColumn(
                name: "input",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "read_options",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "person",
                table: "passengers");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_person_key",
                table: "passengers",
                column: "person_key",
                filter: "name is not null");
        }
    }
}
