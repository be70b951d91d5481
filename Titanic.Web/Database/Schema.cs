using System.Reflection;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace Titanic.Web.Database;

/// <summary>
/// Whether the database has every migration that this code brings. Asked in plain SQL: most starts have nothing to migrate, and Entity
/// Framework takes longer to say so than everything else that a start does.
/// </summary>
internal static class Schema
{
    public static async Task<bool> IsUpToDate(NpgsqlDataSource postgres, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        await using (var hasHistory = new NpgsqlCommand("""select to_regclass('"__EFMigrationsHistory"') is not null""", connection))
        {
            if (await hasHistory.ExecuteScalarAsync(cancellation) is not true)
                return false;
        }
        await using var missing = new NpgsqlCommand("""select not exists (select unnest(@known) except select migration_id from "__EFMigrationsHistory")""", connection);
        missing.Parameters.AddWithValue("known", KnownMigrations);
        return await missing.ExecuteScalarAsync(cancellation) is true;
    }

    private static string[] KnownMigrations =>
        [.. typeof(Schema).Assembly.GetTypes().Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>()];
}
