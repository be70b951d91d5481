using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class AliasHistoryAndVersionLists : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_alias_assignments_model_name_alias",
                table: "alias_assignments");

            migrationBuilder.AddColumn<int>(
                name: "revision",
                table: "model_versions",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "end_reason",
                table: "alias_assignments",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ended_by",
                table: "alias_assignments",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "is_forced",
                table: "alias_assignments",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateIndex(
                name: "ix_alias_assignments_model_name_alias",
                table: "alias_assignments",
                columns: new[] { "model_name", "alias" },
                filter: "ended_at is null");

            migrationBuilder.CreateIndex(
                name: "ix_alias_assignments_model_name_alias_alias_assignment_id",
                table: "alias_assignments",
                columns: new[] { "model_name", "alias", "alias_assignment_id" });

            migrationBuilder.Sql(Extensions);
            migrationBuilder.Sql(StraightenHistory);
            migrationBuilder.Sql(OneHolderAtAnyInstant);
            migrationBuilder.Sql(AddListColumns);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(DropListColumns);
            migrationBuilder.Sql(DropOneHolder);

            migrationBuilder.DropIndex(
                name: "ix_alias_assignments_model_name_alias",
                table: "alias_assignments");

            migrationBuilder.DropIndex(
                name: "ix_alias_assignments_model_name_alias_alias_assignment_id",
                table: "alias_assignments");

            migrationBuilder.DropColumn(
                name: "revision",
                table: "model_versions");

            migrationBuilder.DropColumn(
                name: "end_reason",
                table: "alias_assignments");

            migrationBuilder.DropColumn(
                name: "ended_by",
                table: "alias_assignments");

            migrationBuilder.DropColumn(
                name: "is_forced",
                table: "alias_assignments");

            migrationBuilder.CreateIndex(
                name: "ix_alias_assignments_model_name_alias",
                table: "alias_assignments",
                columns: new[] { "model_name", "alias" },
                unique: true,
                filter: "ended_at is null");
        }
    }
}
