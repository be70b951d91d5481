using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class ImportedVersions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<long>(
                name: "training_dataset_id",
                table: "model_versions",
                type: "bigint",
                nullable: true,
                oldClrType: typeof(long),
                oldType: "bigint");

            migrationBuilder.AddColumn<string>(
                name: "origin",
                table: "model_versions",
                type: "jsonb",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "imported_datasets",
                columns: table => new
                {
                    model_name = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    csv = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_imported_datasets", x => new { x.model_name, x.version });
                    table.ForeignKey(
                        name: "fk_imported_datasets_model_versions_model_name_version",
                        columns: x => new { x.model_name, x.version },
                        principalTable: "model_versions",
                        principalColumns: new[] { "name", "version" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.AddCheckConstraint(
                name: "ck_model_versions_rows_are_known",
                table: "model_versions",
                sql: "training_dataset_id is not null or origin is not null");

            migrationBuilder.Sql(Guard);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "imported_datasets");

            migrationBuilder.DropCheckConstraint(
                name: "ck_model_versions_rows_are_known",
                table: "model_versions");

            migrationBuilder.DropColumn(
                name: "origin",
                table: "model_versions");

            migrationBuilder.AlterColumn<long>(
                name: "training_dataset_id",
                table: "model_versions",
                type: "bigint",
                nullable: false,
                defaultValue: 0L,
                oldClrType: typeof(long),
                oldType: "bigint",
                oldNullable: true);
        }
    }
}
