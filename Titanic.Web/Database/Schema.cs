using Npgsql;

namespace Titanic.Web.Database;

/// <summary>
/// Compares the database's migrations with those of this code. Asked in plain SQL: most starts have nothing to migrate, and Entity Framework
/// takes longer to find that out than everything else that a start does.
/// </summary>
internal static class Schema
{
    /// <summary>The first migration creates the whole schema. It replaces eleven and keeps the id of the last of them.</summary>
    private const string First = "20261125045503_AnswerLog";

    /// <summary>All, by name: looking through the assembly's types for them takes time at every start. A test compares the list with Entity Framework's.</summary>
    public static readonly string[] Migrations = [First];

    /// <summary>Newest code that has all eleven.</summary>
    private const string LastCommitWithOlderMigrations = "b9c0c3a";

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
        await using var history = new NpgsqlCommand("""select coalesce(array_agg(migration_id order by migration_id), '{}') from "__EFMigrationsHistory" """, connection);
        var applied = (string[])(await history.ExecuteScalarAsync(cancellation))!;
        if (applied.Length > 0 && !applied.Contains(First))
            throw new InvalidOperationException(
                $"The database {connection.Database} has the schema {applied[^1]}; this version of Titanic upgrades schemas from {First} on. " +
                $"Nothing was changed. Start the version of commit {LastCommitWithOlderMigrations} once on this database, then start this version again.");
        return !Migrations.Except(applied).Any();
    }
}
