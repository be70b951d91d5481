using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;
using Titanic.Web.Tests.Pages;

namespace Titanic.Web.Tests.Repository;

/// <summary>A database that the first release filled is brought up to date with all it holds.</summary>
public sealed class UpgradeTests(TestPostgres postgres)
{
    private const string FilledByTheFirstRelease =
        """
        insert into commits (committed_at, source, description, rows_inserted, rows_updated, rows_deleted, rows_rejected, rows_unchanged, outcomes_recorded, validation_report, code_version)
        values ('2026-03-01T10:00Z', 'upload', 'a list', 3, 0, 0, 1, 0, 2, '{"rowsRead": 4, "reasons": {"Pclass": 1}, "warnings": ["Columns that were not read: Deck."]}', '0.1.0'),
               ('2026-03-02T10:00Z', 'upload', 'the list, corrected', 0, 1, 0, 0, 2, 1, '{"rowsRead": 3, "reasons": {}, "warnings": []}', '0.1.0');
        insert into passengers (passenger_id, commit_id, superseded_by, source, source_key, name, pclass, sex, age, fare, event_time, titanic_binned_v1)
        values (1, 1, 2, 'upload', '1', 'Ärzte, Mrs. "A"', 1, 'female', 30, 80, '1912-04-15T00:00Z', 102),
               (1, 2, null, 'upload', '1', 'Ärzte, Mrs. "A"', 1, 'female', 31, 80, '1912-04-15T00:00Z', 102),
               (2, 1, null, 'upload', '2', 'Bert', 3, 'male', null, 8, '1912-04-15T00:00Z', 264),
               (3, 1, null, 'upload', '3', null, 3, 'male', 20, null, '1912-04-15T00:00Z', 298);
        insert into outcomes (passenger_id, commit_id, superseded_by, survived, known_at)
        values (1, 1, 2, false, '1912-04-15T00:00Z'), (1, 2, null, true, '1912-04-15T00:00Z'), (2, 1, null, false, '1912-04-15T00:00Z');
        insert into rejected_rows (commit_id, line, reasons, excerpt) values (1, 5, array['Pclass is "9"; it must be 1, 2 or 3.'], '4,0,9,Carl,male,,');
        insert into training_datasets (view_name, view_version, as_of_commit_id, known_before, sources, split_salt, test_share, rows, survivors, sha256, created_at)
        values ('titanic_binned', 1, 2, '2026-03-03T00:00Z', array['upload'], 'salt', 0.5, 2, 1, repeat('0', 64), '2026-03-03T00:00Z');
        insert into model_versions (name, version, algorithm, hyperparameters, evaluations, signature, input_example, artifact, artifact_sha256, training_dataset_id, code_version, description, tags, created_at, gate)
        values ('titanic_knn', 1, 'K-NN', '{}', '[]', '{}', '{}', '', repeat('0', 64), 1, '0.1.0', '', '{}', '2026-03-03T00:00Z', '{}');
        insert into alias_assignments (model_name, alias, version, assigned_at, ended_at, assigned_by, reason)
        values ('titanic_knn', 'champion', 1, '2026-03-03T10:00Z', '2026-03-03T11:00Z', 'run 1', 'first'),
               ('titanic_knn', 'champion', 1, '2026-03-03T11:00Z', '2026-03-03T11:00Z', 'run 2', 'within the same microsecond as the next'),
               ('titanic_knn', 'champion', 1, '2026-03-03T11:00Z', '2026-03-03T09:00Z', 'run 3', 'before the clock was set back'),
               ('titanic_knn', 'champion', 1, '2026-03-03T09:00Z', '2026-03-03T12:00Z', 'run 4', 'after the clock was set back'),
               ('titanic_knn', 'champion', 1, '2026-03-03T12:00Z', null, 'run 5', 'last');
        insert into predictions (created_at, source, logical_date, pclass, sex, age, fare, point_code, model_name, model_version, survived, probability, survivors, neighbors)
        values ('2026-03-03T12:00Z', 'api', '2026-03-03', 3, 'male', 20, null, 298, 'titanic_knn', 1, false, 0.125, 0, 6);
        select setval('passenger_ids', 3);
        """;

    private static readonly Provenance _provenance = new(null, "test");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_first_release_stored_is_still_there_and_new_rows_come_on_top()
    {
        await using var database = await postgres.CreateEmptyDatabase();
        await using var db = database.NewContext();
        await db.GetService<IMigrator>().MigrateAsync("Initial", Cancellation);
        await using (var fill = database.DataSource.CreateCommand(FilledByTheFirstRelease))
            await fill.ExecuteNonQueryAsync(Cancellation);

        await db.Database.MigrateAsync(Cancellation);
        await MissingStatistics.Fill(database.DataSource, Cancellation);

        Assert.Equal((4, 3, 2), (await db.Passengers.CountAsync(Cancellation), await db.Outcomes.CountAsync(Cancellation), await db.Commits.CountAsync(Cancellation)));
        Assert.All(
            await db.Passengers.ToListAsync(Cancellation),
            row => Assert.Equal(PersonKey.Of(row.Source, new Passenger(row.SourceKey, row.Name, row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds, null)), row.PersonKey));
        var report = await db.ValidationReports.SingleAsync(report => report.ValidationId == 1, Cancellation);
        Assert.Equal((4, 1, false, "Columns that were not read: Deck."), (report.RowsRead, report.RowsRejected, report.Success, Assert.Single(report.Warnings)));
        var rejected = await db.RejectedRows.SingleAsync(Cancellation);
        Assert.Equal((1L, 5L, "unnamed"), (rejected.ValidationId, rejected.Line, Assert.Single(rejected.Rules)));
        Assert.Equal(
            ["10:00:00.000000 11:00:00.000000", "11:00:00.000000 11:00:00.000001", "11:00:00.000001 11:00:00.000002", "11:00:00.000002 12:00:00.000000", "12:00:00.000000 "],
            (await db.AliasAssignments.OrderBy(a => a.AliasAssignmentId).ToListAsync(Cancellation)).Select(a => FormattableString.Invariant($"{a.AssignedAt:HH:mm:ss.ffffff} {a.EndedAt:HH:mm:ss.ffffff}")));
        await StatisticsAre(db, commit: 2, "age 3 1 25.5", "survived 3 1 0.5");
        var stored = await new PredictionReader(db).Find(1, Cancellation);
        Assert.Equal((298, null, 0.125), ((int)stored!.Prediction.PointCode!.Value, stored.Prediction.Encoded, stored.Prediction.Probability));
        Assert.Equal(BinnedEncoder.Encode(3, Sex.Male, 20, null).Features, stored.Prediction.PointIn(stored.View));

        var person = new Passenger("4", "Dora", 2, Sex.Female, 40, 26, true);
        var time = new DateTimeOffset(1912, 4, 15, 0, 0, 0, TimeSpan.Zero);
        var result = await new Ingestion(database.DataSource, TimeProvider.System).Ingest(
            PassengerBatch.Of(PassengerSources.Upload, "a new list", time, time, [person, new("2", "Bert", 3, Sex.Male, 32, 8, null)]), _provenance, Cancellation);

        Assert.Equal((3, 1, 1), (result.CommitId, result.Inserted, result.Updated));
        await StatisticsAre(db, commit: 3, "age 4 0 30.75", $"survived 4 1 {2.0 / 3:0.####}");
    }

    [Fact]
    public async Task Where_nothing_is_missing_nothing_is_counted_again()
    {
        await using var database = await postgres.CreateDatabase();
        await MissingStatistics.Fill(database.DataSource, Cancellation);
        var time = new DateTimeOffset(1912, 4, 15, 0, 0, 0, TimeSpan.Zero);
        await new Ingestion(database.DataSource, TimeProvider.System).Ingest(
            PassengerBatch.Of(PassengerSources.Upload, "a list", time, time, [new("1", "Anna", 1, Sex.Female, 30, 80, true)]), _provenance, Cancellation);
        var before = await Versions();

        await MissingStatistics.Fill(database.DataSource, Cancellation);

        Assert.Equal(before, await Versions());

        Task<string> Versions() => database.Ask<string>($"""select string_agg(xmin::text, ' ' order by scope, feature) as "Value" from feature_statistics""");
    }

    private static async Task StatisticsAre(Database.TitanicDb db, long commit, params string[] expected)
    {
        foreach (var scope in (string[])[FeatureStatistics.All, PassengerSources.Upload])
        {
            var features = await new StatisticsReader(db).Read(scope, commit, Cancellation);
            var told = features.Where(f => f.Feature is "age" or "survived").Select(f => FormattableString.Invariant($"{f.Feature} {f.Count} {f.NumNullValues} {f.Mean:0.####}"));
            Assert.Equal(expected, told);
        }
    }
}
