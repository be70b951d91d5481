using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Repository;

/// <summary>The first migration replaces the eleven migrations of the first releases and keeps the ID of the last of them.</summary>
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
    public async Task Upgrades_a_database_with_all_eleven_migrations_and_links_its_copies()
    {
        await using var database = await postgres.CreateEmptyDatabase();
        await using var db = database.NewContext();
        await db.Database.MigrateAsync(_replaced[^1], Cancellation);
        await ReplaceHistory(database, _replaced);
        await Execute(database,
            """
            insert into commits (committed_at, source, description, rows_inserted, rows_updated, rows_deleted, rows_rejected, rows_unchanged, outcomes_recorded, code_version)
            values (now(), 'upload', 'a test', 5, 0, 0, 0, 0, 0, 'test');
            insert into passengers (passenger_id, commit_id, source, source_key, name, pclass, sex, age, fare, event_time, titanic_binned_v1, person_key)
            select row_number() over (), commit_id, rows.source, key, name, 3, 'male', age, fare, now(), 0, person_key
            from commits, (values ('titanic3', '1', 'Kelly', 34.5, 7.83, 7), ('titanic3', '2', 'Kelly', 44, 8.05, 7), ('upload', '1', 'Kelly', 34, 7.83, 7),
                ('upload', '2', 'Kelly', 44, 8.05, 7), ('upload', '3', null, 44, 8.05, 8)) rows (source, key, name, age, fare, person_key);
            """);
        Assert.False(await Schema.IsUpToDate(database.DataSource, Cancellation));

        await db.Database.MigrateAsync(Cancellation);

        Assert.True(await Schema.IsUpToDate(database.DataSource, Cancellation));
        Assert.Equal([1, 2, 1, 2, 5], await db.Passengers.OrderBy(p => p.PassengerId).Select(p => p.PersonId).ToListAsync(Cancellation));
    }

    /// <summary>As of commit 1: a copy, and a first row, that were deleted before the upgrade, and a copy that has got another name since.</summary>
    [Fact]
    public async Task Reads_of_an_upgraded_database_as_of_an_earlier_commit_count_a_person_once()
    {
        await using var database = await postgres.CreateEmptyDatabase();
        await using var db = database.NewContext();
        await db.Database.MigrateAsync(_replaced[^1], Cancellation);
        await Execute(database,
            """
            insert into commits (committed_at, source, description, rows_inserted, rows_updated, rows_deleted, rows_rejected, rows_unchanged, outcomes_recorded, code_version)
            select now() - interval '1 day' * (3 - number), 'upload', 'a test', 6, 0, 0, 0, 0, 0, 'test' from generate_series(1, 2) number;
            insert into passengers (passenger_id, commit_id, superseded_by, source, source_key, name, pclass, sex, age, fare, event_time, titanic_binned_v1, person_key)
            values (1, 1, null, 'titanic3', '1', 'Kelly', 3, 'male', 34.5, 7.83, '1912-04-15Z', 0, 7),
                   (2, 1, 2, 'upload', '1', 'Kelly', 3, 'male', 34, 7.83, '1912-04-15Z', 0, 7),
                   (3, 1, 2, 'titanic3', '2', 'Brown', 3, 'male', 50, 20, '1912-04-15Z', 0, 8),
                   (4, 1, null, 'upload', '2', 'Brown', 3, 'male', 50, 20, '1912-04-15Z', 0, 8),
                   (5, 1, 2, 'upload', '3', 'Kelly', 3, 'male', 34.5, 7.83, '1912-04-15Z', 0, 7),
                   (5, 2, null, 'upload', '3', 'White', 3, 'male', 34.5, 7.83, '1912-04-15Z', 0, 9);
            insert into outcomes (passenger_id, commit_id, superseded_by, survived, known_at)
            select passenger_id, 1, case when passenger_id in (2, 3) then 2 end, false, '1912-04-15Z' from generate_series(1, 5) passenger_id;
            """);

        await db.Database.MigrateAsync(Cancellation);

        await using var workflow = new TestWorkflow(database);
        Assert.Equal(["titanic3/1", "titanic3/2"], await Learned(1));
        Assert.Equal(["titanic3/1", "upload/2", "upload/3"], await Learned(2));

        Task<string[]> Learned(long commit) => workflow.InScope<TrainingDatasets, string[]>(async datasets => await datasets
            .Rows(new(TrainingViews.Binned, commit, workflow.Now, PassengerSources.All), Cancellation).Select(row => $"{row.Source}/{row.SourceKey}").ToArrayAsync(Cancellation));
    }

    /// <summary>Earlier releases ignored combining marks; both spellings of a stored name are one person after the upgrade.</summary>
    [Fact]
    public async Task Upgrades_the_keys_of_names_with_combining_marks_in_a_new_commit()
    {
        const string composed = "Öberg, Mr. Å 2", decomposed = "O\u0308berg, Mr. A\u030A 2";
        var (key, earlierKey) = (KeyOf(composed), KeyOf("Oberg, Mr. A 2"));
        await using var database = await postgres.CreateEmptyDatabase();
        await using var db = database.NewContext();
        await db.Database.MigrateAsync(_replaced[^1], Cancellation);
        await Execute(database,
            $"""
            insert into commits (committed_at, source, description, rows_inserted, rows_updated, rows_deleted, rows_rejected, rows_unchanged, outcomes_recorded, code_version)
            values (now(), 'upload', 'a test', 2, 0, 0, 0, 0, 0, 'test');
            insert into passengers (passenger_id, commit_id, source, source_key, name, pclass, sex, age, fare, event_time, titanic_binned_v1, person_key)
            values (1, 1, 'titanic3', '1', '{composed}', 3, 'male', 30, 8, now(), 0, {key}), (2, 1, 'upload', '1', '{decomposed}', 3, 'male', 30, 8, now(), 0, {earlierKey})
            """);

        await db.Database.MigrateAsync(Cancellation);

        Assert.Equal(
            [(1L, 1L, null, key, 1L), (2L, 1L, 2L, earlierKey, 2L), (2L, 2L, null, key, 1L)],
            (await db.Passengers.OrderBy(p => p.PassengerId).ThenBy(p => p.CommitId).ToListAsync(Cancellation)).Select(p => (p.PassengerId, p.CommitId, p.SupersededBy, p.PersonKey, p.PersonId)));

        static long KeyOf(string name) => PersonKey.Of(PassengerSources.Upload, new Passenger("1", name, 3, Sex.Male, null, null, null));
    }

    /// <summary>The look of the first day was stored by the monitoring run of that day; the run of the second day is not recorded.</summary>
    [Fact]
    public async Task Upgrades_looks_with_the_time_of_their_monitoring_run()
    {
        await using var database = await postgres.CreateEmptyDatabase();
        await using var db = database.NewContext();
        await db.Database.MigrateAsync("20261130093455_Alerts", Cancellation);
        await Execute(database,
            """
            insert into runs (pipeline, logical_date, is_beside, trigger, status, attempts, counts, code_version, queued_at, started_at, ended_at)
            select 'monitoring', '2026-11-01', false, 'Schedule', status, 1, '{}', 'test', ended_at, ended_at, ended_at
            from (values ('Failed', timestamptz '2026-11-01 00:20Z'), ('Succeeded', '2026-11-01 00:21Z'), ('Succeeded', '2026-11-05 12:00Z')) runs (status, ended_at);
            insert into drift_periods (started_on, reason, model_version, held_out_correct, held_out_rows, reference, false_alarm_rate, horizon_days, accuracy_falls, seed,
                                       last_prediction_id, last_uncounted_prediction_id, as_of_commit_id)
            values ('2026-11-01', 'a test', 1, 8, 10, '{}', 0.05, 90, '{0.1}', 1912, 0, 0, 0);
            insert into drift_looks (period_id, logical_date, number, champion_version, as_of_commit_id, last_prediction_id, rows, correct, delays, log_statistics, log_value,
                                     log_threshold, features, is_accuracy_alarm, is_input_alarm)
            select 1, date '2026-11-01' + number, number, 1, 0, 0, 0, 0, '[]', '{}', 0, 1, '[]', false, false from generate_series(1, 1) number;
            """);

        await db.Database.MigrateAsync(Cancellation);

        Assert.Equal(new DateTimeOffset(2026, 11, 1, 0, 21, 0, TimeSpan.Zero), await db.DriftPeriods.Select(period => period.CreatedAt).SingleAsync(Cancellation));
        Assert.Equal(new DateTimeOffset(2026, 11, 3, 0, 0, 0, TimeSpan.Zero), await db.DriftLooks.Select(look => look.CreatedAt).SingleAsync(Cancellation));
    }

    /// <summary>The upgrade, and its reversal, convert the counted cells; nothing is counted again.</summary>
    [Fact]
    public async Task Upgrades_counted_cells_to_arrays_and_back()
    {
        const string single = "select string_agg(c::text, E'\n' order by c::text collate \"C\") from prediction_cells c";
        await using var database = await postgres.CreateEmptyDatabase();
        await using var db = database.NewContext();
        await db.Database.MigrateAsync("20261130134404_MonitoringHistory", Cancellation);
        await Execute(database,
            """
            insert into prediction_cells (logical_date, source, is_live, model_version, pclass, sex, survived, probability, predictions, outcome_died, outcome_survived)
            values ('2026-11-01', 'batch', true, 1, 3, 'male', false, 0.125, 5, 3, 1), ('2026-11-01', 'batch', true, 1, 1, 'female', true, 0.75, 2, 0, 2),
                   ('2026-11-01', 'batch', true, 1, 1, 'male', true, 0.75, 7, 1, 0), ('2026-11-01', 'batch', false, 1, 1, 'male', true, 0.75, 1, 0, 0),
                   ('2026-11-01', 'ui', null, 1, 2, 'female', true, 0.9, 4, 0, 0), ('2026-11-02', 'batch', true, 2, 2, 'female', true, 0.9, 4, 0, 4);
            """);
        var before = await Read(single);

        await db.Database.MigrateAsync("20261130200438_RunsAndCells", Cancellation);

        Assert.Equal(
            """
            2026-11-01 batch f 1: {1} {f} {t} {0.75} {1} {0} {0}
            2026-11-01 batch t 1: {1,1,3} {f,t,f} {t,t,f} {0.75,0.75,0.125} {7,2,5} {1,0,3} {0,2,1}
            2026-11-01 ui  1: {2} {t} {t} {0.9} {4} {0} {0}
            2026-11-02 batch t 2: {2} {t} {t} {0.9} {4} {0} {4}
            """,
            await Read(
            """
            select string_agg(format('%s %s %s %s: %s %s %s %s %s %s %s', logical_date, source, is_live, model_version, pclass, is_female, survived, probability, predictions, outcome_died, outcome_survived),
                              E'\n' order by logical_date, source, is_live) from prediction_cells
            """));

        await db.Database.MigrateAsync("20261130134404_MonitoringHistory", Cancellation);

        Assert.Equal(before, await Read(single));

        async Task<string?> Read(string sql)
        {
            await using var command = database.DataSource.CreateCommand(sql);
            return (string?)await command.ExecuteScalarAsync(Cancellation);
        }
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

    private static Task ReplaceHistory(TestDatabase database, string[] migrations) => Execute(
        database,
        $"""
        delete from "__EFMigrationsHistory";
        insert into "__EFMigrationsHistory" select unnest(array['{string.Join("','", migrations)}']), '10.0.15';
        """);

    private static async Task Execute(TestDatabase database, string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
