using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Titanic.Web.Database.Migrations
{
    /// <inheritdoc />
    public partial class AccountsAndKeys : Migration
    {
        /// <summary>
        /// The triggers refuse changes of audit entries also to the role of the product, which owns the table. Locks that earlier versions set after
        /// wrong passwords end, because a lock now means a disabled account.
        /// </summary>
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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
        }
    }
}
