using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class TrainingStart : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "event_time_from",
                table: "training_datasets",
                type: "timestamp with time zone",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "event_time_from",
                table: "training_datasets");
        }
    }
}
