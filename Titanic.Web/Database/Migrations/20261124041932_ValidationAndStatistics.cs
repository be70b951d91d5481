using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class ValidationAndStatistics : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_outcomes_commits_commit_id",
                table: "outcomes");

            migrationBuilder.DropForeignKey(
                name: "fk_outcomes_commits_superseded_by",
                table: "outcomes");

            migrationBuilder.DropForeignKey(
                name: "fk_passengers_commits_commit_id",
                table: "passengers");

            migrationBuilder.DropForeignKey(
                name: "fk_passengers_commits_superseded_by",
                table: "passengers");

            migrationBuilder.DropForeignKey(
                name: "fk_rejected_rows_commits_commit_id",
                table: "rejected_rows");

            migrationBuilder.DropIndex(
                name: "ix_passengers_superseded_by",
                table: "passengers");

            migrationBuilder.DropIndex(
                name: "ix_outcomes_superseded_by",
                table: "outcomes");

            migrationBuilder.CreateTable(
                name: "validation_reports",
                columns: table => new
                {
                    validation_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    validated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    description = table.Column<string>(type: "text", nullable: false),
                    policy = table.Column<string>(type: "text", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    success = table.Column<bool>(type: "boolean", nullable: false),
                    rows_read = table.Column<int>(type: "integer", nullable: false),
                    rows_rejected = table.Column<int>(type: "integer", nullable: false),
                    expectations = table.Column<string>(type: "jsonb", nullable: false),
                    warnings = table.Column<string>(type: "jsonb", nullable: false),
                    run_id = table.Column<long>(type: "bigint", nullable: true),
                    code_version = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_validation_reports", x => x.validation_id);
                    table.ForeignKey(
                        name: "fk_validation_reports_runs_run_id",
                        column: x => x.run_id,
                        principalTable: "runs",
                        principalColumn: "run_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.AddColumn<long>(
                name: "validation_id",
                table: "commits",
                type: "bigint",
                nullable: true);

            migrationBuilder.Sql(MoveReports);

            migrationBuilder.DropColumn(
                name: "validation_report",
                table: "commits");

            migrationBuilder.RenameColumn(
                name: "commit_id",
                table: "rejected_rows",
                newName: "validation_id");

            migrationBuilder.RenameIndex(
                name: "ix_rejected_rows_commit_id_line",
                table: "rejected_rows",
                newName: "ix_rejected_rows_validation_id_line");

            migrationBuilder.AddColumn<string[]>(
                name: "rules",
                table: "rejected_rows",
                type: "text[]",
                nullable: false,
                defaultValue: new string[0]);

            migrationBuilder.AddColumn<long>(
                name: "person_key",
                table: "passengers",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "feature_statistics",
                columns: table => new
                {
                    commit_id = table.Column<long>(type: "bigint", nullable: false),
                    scope = table.Column<string>(type: "text", nullable: false),
                    feature = table.Column<string>(type: "text", nullable: false),
                    count = table.Column<long>(type: "bigint", nullable: false),
                    num_null_values = table.Column<long>(type: "bigint", nullable: false),
                    min = table.Column<double>(type: "double precision", nullable: true),
                    max = table.Column<double>(type: "double precision", nullable: true),
                    mean = table.Column<double>(type: "double precision", nullable: true),
                    std_dev = table.Column<double>(type: "double precision", nullable: true),
                    percentiles = table.Column<double[]>(type: "double precision[]", nullable: true),
                    approx_num_distinct_values = table.Column<long>(type: "bigint", nullable: false),
                    histogram = table.Column<long[]>(type: "bigint[]", nullable: false),
                    top_values = table.Column<string>(type: "jsonb", nullable: false),
                    correlation_with_outcome = table.Column<double>(type: "double precision", nullable: true),
                    sums_labelled = table.Column<long>(type: "bigint", nullable: false),
                    sums_labelled_square = table.Column<decimal>(type: "numeric", nullable: false),
                    sums_labelled_value = table.Column<decimal>(type: "numeric", nullable: false),
                    sums_square = table.Column<decimal>(type: "numeric", nullable: false),
                    sums_survivor_value = table.Column<decimal>(type: "numeric", nullable: false),
                    sums_survivors = table.Column<long>(type: "bigint", nullable: false),
                    sums_value = table.Column<decimal>(type: "numeric", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_feature_statistics", x => new { x.scope, x.feature, x.commit_id });
                    table.ForeignKey(
                        name: "fk_feature_statistics_commits_commit_id",
                        column: x => x.commit_id,
                        principalTable: "commits",
                        principalColumn: "commit_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "feature_values",
                columns: table => new
                {
                    scope = table.Column<string>(type: "text", nullable: false),
                    feature = table.Column<string>(type: "text", nullable: false),
                    value = table.Column<double>(type: "double precision", nullable: false),
                    rows = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_feature_values", x => new { x.scope, x.feature, x.value });
                });

            migrationBuilder.DropIndex(
                name: "ix_passengers_commit_id",
                table: "passengers");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_commit_id",
                table: "passengers",
                column: "commit_id")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.DropIndex(
                name: "ix_outcomes_commit_id",
                table: "outcomes");

            migrationBuilder.CreateIndex(
                name: "ix_outcomes_commit_id",
                table: "outcomes",
                column: "commit_id")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_superseded_by",
                table: "passengers",
                column: "superseded_by",
                filter: "superseded_by is not null");

            migrationBuilder.CreateIndex(
                name: "ix_outcomes_superseded_by",
                table: "outcomes",
                column: "superseded_by",
                filter: "superseded_by is not null");

            migrationBuilder.CreateIndex(
                name: "ix_commits_validation_id",
                table: "commits",
                column: "validation_id");

            migrationBuilder.CreateIndex(
                name: "ix_feature_statistics_commit_id",
                table: "feature_statistics",
                column: "commit_id");

            migrationBuilder.CreateIndex(
                name: "ix_feature_values_scope_feature_rows",
                table: "feature_values",
                columns: new[] { "scope", "feature", "rows" });

            migrationBuilder.CreateIndex(
                name: "ix_validation_reports_run_id",
                table: "validation_reports",
                column: "run_id");

            migrationBuilder.AddForeignKey(
                name: "fk_commits_validation_reports_validation_id",
                table: "commits",
                column: "validation_id",
                principalTable: "validation_reports",
                principalColumn: "validation_id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.AddForeignKey(
                name: "fk_rejected_rows_validation_reports_validation_id",
                table: "rejected_rows",
                column: "validation_id",
                principalTable: "validation_reports",
                principalColumn: "validation_id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.Sql(FillNewColumns);
            migrationBuilder.Sql(Guards);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(DropGuards);

            migrationBuilder.DropIndex(
                name: "ix_passengers_commit_id",
                table: "passengers");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_commit_id",
                table: "passengers",
                column: "commit_id");

            migrationBuilder.DropIndex(
                name: "ix_outcomes_commit_id",
                table: "outcomes");

            migrationBuilder.CreateIndex(
                name: "ix_outcomes_commit_id",
                table: "outcomes",
                column: "commit_id");

            migrationBuilder.DropForeignKey(
                name: "fk_commits_validation_reports_validation_id",
                table: "commits");

            migrationBuilder.DropForeignKey(
                name: "fk_rejected_rows_validation_reports_validation_id",
                table: "rejected_rows");

            migrationBuilder.DropTable(
                name: "feature_statistics");

            migrationBuilder.DropTable(
                name: "feature_values");

            migrationBuilder.DropTable(
                name: "validation_reports");

            migrationBuilder.DropIndex(
                name: "ix_passengers_superseded_by",
                table: "passengers");

            migrationBuilder.DropIndex(
                name: "ix_outcomes_superseded_by",
                table: "outcomes");

            migrationBuilder.DropIndex(
                name: "ix_commits_validation_id",
                table: "commits");

            migrationBuilder.DropColumn(
                name: "rules",
                table: "rejected_rows");

            migrationBuilder.DropColumn(
                name: "person_key",
                table: "passengers");

            migrationBuilder.DropColumn(
                name: "validation_id",
                table: "commits");

            migrationBuilder.RenameColumn(
                name: "validation_id",
                table: "rejected_rows",
                newName: "commit_id");

            migrationBuilder.RenameIndex(
                name: "ix_rejected_rows_validation_id_line",
                table: "rejected_rows",
                newName: "ix_rejected_rows_commit_id_line");

            migrationBuilder.AddColumn<string>(
                name: "validation_report",
                table: "commits",
                type: "jsonb",
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateIndex(
                name: "ix_passengers_superseded_by",
                table: "passengers",
                column: "superseded_by");

            migrationBuilder.CreateIndex(
                name: "ix_outcomes_superseded_by",
                table: "outcomes",
                column: "superseded_by");

            migrationBuilder.AddForeignKey(
                name: "fk_outcomes_commits_commit_id",
                table: "outcomes",
                column: "commit_id",
                principalTable: "commits",
                principalColumn: "commit_id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.AddForeignKey(
                name: "fk_outcomes_commits_superseded_by",
                table: "outcomes",
                column: "superseded_by",
                principalTable: "commits",
                principalColumn: "commit_id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.AddForeignKey(
                name: "fk_passengers_commits_commit_id",
                table: "passengers",
                column: "commit_id",
                principalTable: "commits",
                principalColumn: "commit_id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.AddForeignKey(
                name: "fk_passengers_commits_superseded_by",
                table: "passengers",
                column: "superseded_by",
                principalTable: "commits",
                principalColumn: "commit_id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.AddForeignKey(
                name: "fk_rejected_rows_commits_commit_id",
                table: "rejected_rows",
                column: "commit_id",
                principalTable: "commits",
                principalColumn: "commit_id",
                onDelete: ReferentialAction.Restrict);
        }
    }
}
