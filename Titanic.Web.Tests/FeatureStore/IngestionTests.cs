using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class IngestionTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;
    private static readonly Passenger Anna = new("a", "Anna", 1, Sex.Female, 30, 80, true);
    private static readonly Passenger Bert = new("b", "Bert", 3, Sex.Male, null, null, false);

    [Fact]
    public async Task The_shipped_list_comes_in_whole_and_a_second_time_changes_nothing()
    {
        var first = await Workflow.Run(PipelineNames.Feature, Day, RunRequest.BundledDataset);
        var second = await Workflow.Run(PipelineNames.Feature, Day, RunRequest.BundledDataset);

        Assert.Equal((1309L, 0L, 0L, 0L, 1309L), (first.Counts["inserted"], first.Counts["updated"], first.Counts["unchanged"], first.Counts["rejected"], first.Counts["outcomes"]));
        Assert.Equal((0L, 0L, 1309L, 0L, 0L), (second.Counts["inserted"], second.Counts["updated"], second.Counts["unchanged"], second.Counts["rejected"], second.Counts["outcomes"]));
        Assert.Equal(1, await Workflow.Count("commits"));
        Assert.Equal(500, await Workflow.Count("outcomes", "survived and superseded_by is null"));
    }

    /// <summary>S6: the original kept 129 of these rows. S10: passenger 1226 has no fare. S5 and S8: event times are real instants.</summary>
    [Fact]
    public async Task Of_the_shipped_list_no_row_is_lost_and_what_is_missing_stays_missing()
    {
        await Workflow.Run(PipelineNames.Feature, Day, RunRequest.BundledDataset);

        Assert.Equal(1309, await Workflow.Count("passengers"));
        Assert.Equal(263, await Workflow.Count("passengers", "age is null"));
        Assert.Equal(1, await Workflow.Count("passengers", "fare is null and source_key = '1226' and titanic_binned_v1 % 11 = 1"));
        Assert.Equal(1309, await Workflow.Count("passengers", "event_time = '1912-04-15 00:00:00+00'"));
        Assert.Equal(1309, await Workflow.Count("outcomes", "known_at = '1912-04-15 00:00:00+00'"));
    }

    /// <summary>S10: a list whose dearest ticket costs 300 pounds or less crashed the original.</summary>
    [Fact]
    public async Task A_list_of_cheap_tickets_comes_in_like_any_other()
    {
        var result = await Workflow.Ingest(PassengerSources.Upload, Day, Anna with { FareInPounds = 300 }, Bert with { FareInPounds = 0 });

        Assert.Equal((2, 2), (result.Inserted, result.OutcomesRecorded));
    }

    [Fact]
    public async Task A_corrected_row_is_a_new_version_and_both_commits_can_be_read()
    {
        var first = await Workflow.Ingest(PassengerSources.Upload, Day, Anna, Bert);
        var second = await Workflow.Ingest(PassengerSources.Upload, Day, Anna with { Pclass = 2 }, Bert);

        Assert.Equal((0, 1, 1, 0), (second.Inserted, second.Updated, second.Unchanged, second.OutcomesRecorded));
        var versions = await Workflow.Ask(db => db.Passengers.Where(p => p.SourceKey == "a").OrderBy(p => p.CommitId).ToListAsync(Cancellation));
        Assert.Equal([(1, first.CommitId, second.CommitId), (2, second.CommitId, null)], versions.Select(v => ((int)v.Pclass, (long?)v.CommitId, v.SupersededBy)));
        Assert.Single(versions.Select(version => version.PassengerId).Distinct());
        Assert.Equal((1, 2), (await PclassOfAnnaAsOf(first.CommitId!.Value), await PclassOfAnnaAsOf(second.CommitId!.Value)));
    }

    [Fact]
    public async Task An_outcome_may_come_later_and_may_be_corrected()
    {
        await Workflow.Ingest(PassengerSources.Upload, Day, Anna with { Survived = null });
        var known = await Workflow.Ingest(PassengerSources.Upload, Day, Day.AddDays(2), Anna with { Survived = false });
        var forgotten = await Workflow.Ingest(PassengerSources.Upload, Day, Day.AddDays(3), Anna with { Survived = null });
        var corrected = await Workflow.Ingest(PassengerSources.Upload, Day, Day.AddDays(4), Anna);

        Assert.Equal((0, 0, 1, 1), (known.Inserted, known.Updated, known.Unchanged, known.OutcomesRecorded));
        Assert.Null(forgotten.CommitId);
        Assert.Equal((0, 1, 0, 1), (corrected.Inserted, corrected.Updated, corrected.Unchanged, corrected.OutcomesRecorded));
        var outcomes = await Workflow.Ask(db => db.Outcomes.OrderBy(o => o.CommitId).ToListAsync(Cancellation));
        Assert.Equal(
            [(false, known.CommitId, corrected.CommitId, Day.AddDays(2)), (true, corrected.CommitId, null, Day.AddDays(4))],
            outcomes.Select(o => (o.Survived, (long?)o.CommitId, o.SupersededBy, DateOnly.FromDateTime(o.KnownAt.UtcDateTime))));
        Assert.Equal(1, await Workflow.Count("passengers"));
    }

    [Fact]
    public async Task Rejected_rows_are_kept_with_their_line_all_their_reasons_and_an_excerpt()
    {
        const string file =
            """
            PassengerId,Survived,Pclass,Name,Sex,Age,Fare
            1,1,1,Anna,female,30,80
            2,0,7,"Bert
            the second",man,30,80
            3,0,3,Carl,male,,
            """;
        var result = await IngestFile(file);

        Assert.Equal((2, 1), (result.Inserted, result.Rejected));
        var rejection = await Workflow.Ask(db => db.RejectedRows.SingleAsync(Cancellation));
        Assert.Equal((result.ValidationId, 3L), ((long?)rejection.ValidationId, rejection.Line));
        Assert.Equal(2, rejection.Reasons.Length);
        Assert.StartsWith("2,0,7", rejection.Excerpt, StringComparison.Ordinal);
        Assert.Equal(["pclass_in_set", "sex_in_set"], rejection.Rules);
        var report = await Workflow.Ask(db => db.ValidationReports.SingleAsync(Cancellation));
        Assert.Equal((3, 1, false), (report.RowsRead, report.RowsRejected, report.Success));
        Assert.Equal(
            [("pclass_in_set", 1), ("sex_in_set", 1)],
            report.Expectations.Where(expectation => expectation.Success == false).Select(broken => (broken.Expectation, broken.UnexpectedRows!.Value)));
    }

    [Fact]
    public async Task What_breaks_off_in_the_middle_leaves_nothing_behind()
    {
        var rows = new PassengerBatch(PassengerSources.Upload, "a torn file", FeatureReader.StartOf(Day), FeatureReader.StartOf(Day), TornFile(), () => []);

        await Assert.ThrowsAsync<PassengerFileException>(() => Workflow.Ingest(rows));

        Assert.Equal((0L, 0L, 0L), (await Workflow.Count("commits"), await Workflow.Count("passengers"), await Workflow.Count("rejected_rows")));
        Assert.Equal(1, (await Workflow.Ingest(PassengerSources.Upload, Day, Anna)).Inserted);

        static async IAsyncEnumerable<PassengerRow> TornFile()
        {
            yield return new AcceptedRow(2, Anna);
            yield return new RejectedRow(3, [new RowProblem(PassengerRules.PclassInSet, "The class is 7.")], "2,0,7");
            await Task.Yield();
            throw new PassengerFileException("The file broke off.");
        }
    }

    [Fact]
    public async Task A_key_is_unique_within_its_source_and_not_beyond()
    {
        await Workflow.Ingest(PassengerSources.Upload, Day, Anna);
        var other = await Workflow.Ingest(PassengerSources.Api, Day, Anna);

        Assert.Equal(1, other.Inserted);
        Assert.Equal(2, await Workflow.Scalar<long>("select count(distinct passenger_id) from passengers"));
        var twice = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => Workflow.Ingest(PassengerSources.Upload, Day, Bert, Bert));
        Assert.Equal(Npgsql.PostgresErrorCodes.UniqueViolation, twice.SqlState);
    }

    private async Task<int> PclassOfAnnaAsOf(long commit)
    {
        var rows = await Workflow.Rows(DatasetReading.Definition(commit));
        Assert.Equal(2, rows.Count);
        return (int)rows.Single(row => row.SourceKey == "a").Features[0];
    }

    private async Task<IngestionResult> IngestFile(string text)
    {
        using var file = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
        var list = await PassengerCsv.OpenAsync(file, new PassengersOptions(), Cancellation);
        return await Workflow.Ingest(new PassengerBatch(
            PassengerSources.Upload, "a file", FeatureReader.StartOf(Day), FeatureReader.StartOf(Day), list.RowsAsync(Cancellation), () => []));
    }
}
