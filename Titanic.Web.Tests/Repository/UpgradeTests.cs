using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.Tests.Repository;

/// <summary>One migration replaces the eleven migrations of the first releases and keeps the ID of the last of them.</summary>
public sealed class UpgradeTests(TestPostgres postgres)
{
    /// <summary>The replaced migrations, in the order in which they were applied.</summary>
    private static readonly string[] _replaced =
    [
        "20261123073806_Initial", "20261124041932_ValidationAndStatistics", "20261124045145_ViewsAndDatasets", "20261124045218_RunSettings", "20261124222723_EncodedPredictions",
        "20261124223148_SelectionAndChallengers", "20261125013938_AliasHistoryAndVersionLists", "20261125014459_Reproductions", "20261125015941_ImportedVersions",
        "20261125044354_FeedbackAndDailyAnswers", "20261125045503_AnswerLog",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_with_all_eleven_migrations_is_up_to_date()
    {
        await using var database = await postgres.CreateDatabase();
        await ReplaceHistory(database, _replaced);

        Assert.True(await Schema.IsUpToDate(database.DataSource, Cancellation));
        await using var db = database.NewContext();
        Assert.Empty(await db.Database.GetPendingMigrationsAsync(Cancellation));
        await db.Database.MigrateAsync(Cancellation);
        Assert.Equal(_replaced, await db.Database.GetAppliedMigrationsAsync(Cancellation));
    }

    [Fact]
    public async Task An_empty_database_is_not_up_to_date()
    {
        await using var database = await postgres.CreateEmptyDatabase();

        Assert.False(await Schema.IsUpToDate(database.DataSource, Cancellation));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task Rejects_a_database_with_an_older_migration_and_names_the_version_to_start_once(int applied)
    {
        await using var database = await postgres.CreateDatabase();
        await ReplaceHistory(database, _replaced[..applied]);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => Schema.IsUpToDate(database.DataSource, Cancellation));

        Assert.Contains($"has the schema {_replaced[applied - 1]};", exception.Message, StringComparison.Ordinal);
        Assert.Contains(
            "Nothing was changed. Start the version of commit b9c0c3a once on this database, then start this version again.",
            exception.Message,
            StringComparison.Ordinal);
    }

    private static async Task ReplaceHistory(TestDatabase database, string[] migrations)
    {
        await using var command = database.DataSource.CreateCommand(
            """
            delete from "__EFMigrationsHistory";
            insert into "__EFMigrationsHistory" select unnest($1), '10.0.15';
            """.Replace("$1", $"array['{string.Join("','", migrations)}']", StringComparison.Ordinal));
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
