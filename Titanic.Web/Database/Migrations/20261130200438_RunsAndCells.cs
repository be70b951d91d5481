using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class RunsAndCells : Migration
    {
        private static readonly string[] _sources = ["batch", "ui", "api"];

        /// <summary>The stored cells are converted, so that no prediction is counted again. The ids of a source are indexed apart from those of the others.</summary>
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "cancel_requested_at",
                table: "runs",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "cancel_requested_by",
                table: "runs",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "file_name",
                table: "runs",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "requested_by",
                table: "runs",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "steps",
                table: "runs",
                type: "jsonb",
                nullable: false,
                defaultValueSql: "'[]'");

            migrationBuilder.AddColumn<int>(
                name: "interruptions",
                table: "runs",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateIndex(
                name: "ix_runs_run_id",
                table: "runs",
                column: "run_id",
                filter: "status = 'Interrupted'");

            migrationBuilder.Sql(
                """
                create temp table single_cells on commit drop as select * from prediction_cells;
                drop table prediction_cells;
                """);

            migrationBuilder.CreateTable(
                name: "prediction_cells",
                columns: table => new
                {
                    logical_date = table.Column<DateOnly>(type: "date", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    is_live = table.Column<bool>(type: "boolean", nullable: true),
                    model_version = table.Column<int>(type: "integer", nullable: false),
                    pclass = table.Column<short[]>(type: "smallint[]", nullable: false),
                    is_female = table.Column<bool[]>(type: "boolean[]", nullable: false),
                    survived = table.Column<bool[]>(type: "boolean[]", nullable: false),
                    probability = table.Column<double[]>(type: "double precision[]", nullable: false),
                    predictions = table.Column<int[]>(type: "integer[]", nullable: false),
                    outcome_died = table.Column<int[]>(type: "integer[]", nullable: false),
                    outcome_survived = table.Column<int[]>(type: "integer[]", nullable: false)
                },
                constraints: table =>
                {
                })
                .Annotation("Npgsql:StorageParameter:toast_tuple_target", 8160);

            migrationBuilder.Sql(
                """
                insert into prediction_cells
                select logical_date, source, is_live, model_version, array_agg(pclass), array_agg(sex = 'female'), array_agg(survived), array_agg(probability),
                       array_agg(predictions), array_agg(outcome_died), array_agg(outcome_survived)
                from (select * from single_cells order by logical_date, source, is_live, model_version, pclass, sex = 'female', survived, probability) ordered
                group by logical_date, source, is_live, model_version;
                """);

            migrationBuilder.CreateIndex(
                name: "ix_prediction_cells_values",
                table: "prediction_cells",
                columns: new[] { "logical_date", "source", "is_live", "model_version" },
                unique: true)
                .Annotation("Npgsql:NullsDistinct", false);

            foreach (var source in _sources)
            {
                migrationBuilder.CreateIndex(
                    name: $"ix_predictions_{source}_prediction_id",
                    table: "predictions",
                    column: "prediction_id",
                    filter: $"source = '{source}'");
            }

            migrationBuilder.DropIndex(
                name: "ix_predictions_source_prediction_id",
                table: "predictions");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_predictions_source_prediction_id",
                table: "predictions",
                columns: new[] { "source", "prediction_id" });

            foreach (var source in _sources)
            {
                migrationBuilder.DropIndex(
                    name: $"ix_predictions_{source}_prediction_id",
                    table: "predictions");
            }

            migrationBuilder.Sql(
                """
                create temp table cell_arrays on commit drop as select * from prediction_cells;
                drop table prediction_cells;
                """);

            migrationBuilder.CreateTable(
                name: "prediction_cells",
                columns: table => new
                {
                    logical_date = table.Column<DateOnly>(type: "date", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    is_live = table.Column<bool>(type: "boolean", nullable: true),
                    model_version = table.Column<int>(type: "integer", nullable: false),
                    pclass = table.Column<short>(type: "smallint", nullable: false),
                    sex = table.Column<string>(type: "text", nullable: false),
                    survived = table.Column<bool>(type: "boolean", nullable: false),
                    probability = table.Column<double>(type: "double precision", nullable: false),
                    predictions = table.Column<int>(type: "integer", nullable: false),
                    outcome_died = table.Column<int>(type: "integer", nullable: false),
                    outcome_survived = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                });

            migrationBuilder.Sql(
                """
                insert into prediction_cells
                select c.logical_date, c.source, c.is_live, c.model_version, v.pclass, case when v.is_female then 'female' else 'male' end, v.survived, v.probability,
                       v.predictions, v.outcome_died, v.outcome_survived
                from cell_arrays c
                cross join unnest(c.pclass, c.is_female, c.survived, c.probability, c.predictions, c.outcome_died, c.outcome_survived)
                    v (pclass, is_female, survived, probability, predictions, outcome_died, outcome_survived);
                """);

            migrationBuilder.CreateIndex(
                name: "ix_prediction_cells_values",
                table: "prediction_cells",
                columns: new[] { "logical_date", "source", "is_live", "model_version", "pclass", "sex", "survived", "probability" },
                unique: true)
                .Annotation("Npgsql:NullsDistinct", false);

            migrationBuilder.DropIndex(
                name: "ix_runs_run_id",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "interruptions",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "cancel_requested_at",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "cancel_requested_by",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "file_name",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "requested_by",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "steps",
                table: "runs");
        }
    }
}
