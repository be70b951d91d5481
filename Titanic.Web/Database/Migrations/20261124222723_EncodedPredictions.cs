using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class EncodedPredictions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<short>(
                name: "point_code",
                table: "predictions",
                type: "smallint",
                nullable: true,
                oldClrType: typeof(short),
                oldType: "smallint");

            migrationBuilder.AddColumn<double[]>(
                name: "encoded",
                table: "predictions",
                type: "double precision[]",
                nullable: true);

            migrationBuilder.AddCheckConstraint(
                name: "ck_predictions_encoded",
                table: "predictions",
                sql: "num_nonnulls(point_code, encoded) = 1");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_historical",
                table: "passengers",
                columns: new[] { "pclass", "sex" },
                filter: "source = 'titanic3'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_predictions_encoded",
                table: "predictions");

            migrationBuilder.DropIndex(
                name: "ix_passengers_historical",
                table: "passengers");

            migrationBuilder.DropColumn(
                name: "encoded",
                table: "predictions");

            migrationBuilder.AlterColumn<short>(
                name: "point_code",
                table: "predictions",
                type: "smallint",
                nullable: false,
                oldClrType: typeof(short),
                oldType: "smallint",
                oldNullable: true);
        }
    }
}
