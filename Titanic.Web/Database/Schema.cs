using Npgsql;

namespace Titanic.Web.Database;

/// <summary>
/// Compares the applied migrations with those of this version. It uses plain SQL: most starts have nothing to migrate, and the same check
/// by Entity Framework takes longer than the rest of the startup.
/// </summary>
internal static class Schema
{
    /// <summary>The first migration creates the whole schema. It replaces eleven migrations and keeps the ID of the last of them.</summary>
    private const string FirstMigration = "20261125045503_AnswerLog";

    /// <summary>
    /// The IDs of all migrations: searching the assembly's types for them would take time at every start. A test compares this list with
    /// the migrations of Entity Framework.
    /// </summary>
    public static readonly string[] Migrations =
    [
        FirstMigration, "20261129164138_Persons", "20261129235938_DeclaredPersons", "20261130014048_Drift", "20261130093455_Alerts", "20261130134404_MonitoringHistory",
        "20261130200438_RunsAndCells", "20261201043345_AccountsAndKeys",
    ];

    /// <summary>The newest commit with all eleven migrations.</summary>
    private const string LastCommitWithOlderMigrations = "b9c0c3a";

    /// <summary>Whether all migrations are applied.</summary>
    /// <returns>False if migrations are missing.</returns>
    /// <exception cref="InvalidOperationException">The schema is older than the first migration.</exception>
    public static async Task<bool> IsUpToDate(NpgsqlDataSource postgres, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        await using (var hasHistory = new NpgsqlCommand("""select to_regclass('"__EFMigrationsHistory"') is not null""", connection))
        {
            if (await hasHistory.ExecuteScalarAsync(cancellation) is not true)
                return false;
        }
        await using var history = new NpgsqlCommand(
            """select coalesce(array_agg(migration_id order by migration_id), '{}') from "__EFMigrationsHistory" """, connection);
        var applied = (string[])(await history.ExecuteScalarAsync(cancellation))!;
        if (applied.Length > 0 && !applied.Contains(FirstMigration))
            throw new InvalidOperationException(
                $"The database {connection.Database} has the schema {applied[^1]}; this version of Titanic can upgrade schemas from {FirstMigration} on. " +
                $"Nothing was changed. Start the version of commit {LastCommitWithOlderMigrations} once on this database, then start this version again.");
        return !Migrations.Except(applied).Any();
    }
}
