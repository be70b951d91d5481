using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class AccountsAndKeys : Migration
    {
        /// <summary>
        /// Tables of the schedules, and accounts, API keys and the audit log. The triggers refuse changes of audit entries also to the role of the product, which owns the table. Locks that earlier versions set after
        /// wrong passwords end, because a lock now means a disabled account.
        /// </summary>
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "schedule_pauses",
                columns: table => new
                {
                    schedule_pause_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    pipeline = table.Column<string>(type: "text", nullable: false),
                    paused_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    paused_by = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    resumed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    resumed_by = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_schedule_pauses", x => x.schedule_pause_id);
                });

            migrationBuilder.CreateTable(
                name: "schedules",
                columns: table => new
                {
                    pipeline = table.Column<string>(type: "text", nullable: false),
                    cron = table.Column<string>(type: "text", nullable: false),
                    cron_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    deadline_minutes = table.Column<int>(type: "integer", nullable: true),
                    overlap = table.Column<string>(type: "text", nullable: false),
                    missed_runs = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    changed_by = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_schedules", x => x.pipeline);
                });

            migrationBuilder.CreateIndex(
                name: "ix_schedule_pauses_pipeline",
                table: "schedule_pauses",
                column: "pipeline",
                unique: true,
                filter: "resumed_at is null");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "last_sign_in_at",
                schema: "access",
                table: "users",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "created_by",
                schema: "access",
                table: "api_keys",
                type: "text",
                nullable: false,
                defaultValue: "command line"); // earlier versions create keys by the command line only

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "expires_at",
                schema: "access",
                table: "api_keys",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "last_used_at",
                schema: "access",
                table: "api_keys",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "sign_in_counts",
                schema: "access",
                columns: table => new
                {
                    account = table.Column<byte[]>(type: "bytea", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    next_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sign_in_counts", x => new { x.account, x.source });
                });

            migrationBuilder.CreateIndex(
                name: "ix_sign_in_counts_next_at",
                schema: "access",
                table: "sign_in_counts",
                column: "next_at");

            migrationBuilder.Sql(
                """
                update access.users set lockout_end = null, access_failed_count = 0;

                create function access.refuse_change() returns trigger language plpgsql as $$
                begin
                    raise insufficient_privilege using message = format('rows of %s are never changed or deleted', tg_table_name);
                end $$;
                create trigger refuse_change before update or delete or truncate on access.audit_log
                    for each statement execute function access.refuse_change();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                drop trigger refuse_change on access.audit_log;
                drop function access.refuse_change();
                """);

            migrationBuilder.DropTable(
                name: "sign_in_counts",
                schema: "access");

            migrationBuilder.DropColumn(
                name: "last_sign_in_at",
                schema: "access",
                table: "users");

            migrationBuilder.DropColumn(
                name: "created_by",
                schema: "access",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "expires_at",
                schema: "access",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "last_used_at",
                schema: "access",
                table: "api_keys");

            migrationBuilder.DropTable(
                name: "schedule_pauses");

            migrationBuilder.DropTable(
                name: "schedules");
        }
    }
}
