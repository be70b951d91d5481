using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class ViewsAndDatasets : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "held_out_rows",
                table: "training_datasets",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "schema_sha256",
                table: "feature_views",
                type: "character(64)",
                fixedLength: true,
                maxLength: 64,
                nullable: false,
                defaultValue: "");

            migrationBuilder.UpdateData(
                table: "feature_views",
                keyColumns: new[] { "name", "version" },
                keyValues: new object[] { "titanic_binned", 1 },
                column: "schema_sha256",
                value: "ae133ac5d661e77892d3317944152d8eae7f4e7387512777755a323e8f191428");

            migrationBuilder.InsertData(
                table: "feature_views",
                columns: new[] { "name", "version", "description", "encoder_id", "feature_group", "feature_group_version", "features", "label", "schema_sha256" },
                values: new object[] { "titanic_numeric", 1, "Class, sex, age in years and the logarithm of the fare; medians of history for what is missing.", "titanic_numeric/1", "titanic_passengers", 1, new[] { "pclass", "sex", "age", "log_fare" }, "survived", "2108ea02733a7a64b8d2cdd4a144e9f9a7811d39b8baed93c849c354362d340e" });

            migrationBuilder.Sql(FillNewColumns);
            migrationBuilder.Sql(Guards);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(DropGuards);

            migrationBuilder.DeleteData(
                table: "feature_views",
                keyColumns: new[] { "name", "version" },
                keyValues: new object[] { "titanic_numeric", 1 });

            migrationBuilder.DropColumn(
                name: "held_out_rows",
                table: "training_datasets");

            migrationBuilder.DropColumn(
                name: "schema_sha256",
                table: "feature_views");
        }
    }
}
