using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class WhatIf : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "daily_policy_performance",
                columns: table => new
                {
                    logical_date = table.Column<DateOnly>(type: "date", nullable: false),
                    policy = table.Column<string>(type: "text", nullable: false),
                    rows = table.Column<int>(type: "integer", nullable: false),
                    correct = table.Column<int>(type: "integer", nullable: false),
                    only_served_correct = table.Column<int>(type: "integer", nullable: false),
                    only_policy_correct = table.Column<int>(type: "integer", nullable: false),
                    squared_error = table.Column<double>(type: "double precision", nullable: false),
                    left_out = table.Column<int>(type: "integer", nullable: false),
                    as_of_commit_id = table.Column<long>(type: "bigint", nullable: false),
                    last_prediction_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_daily_policy_performance", x => new { x.logical_date, x.policy });
                });

            migrationBuilder.CreateIndex(
                name: "ix_daily_policy_performance_as_of_commit_id",
                table: "daily_policy_performance",
                column: "as_of_commit_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "daily_policy_performance");
        }
    }
}
