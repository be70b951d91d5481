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
    public async Task Ingests_the_bundled_dataset_once()
    {
        var first = await Workflow.Run(PipelineNames.Feature, Day, RunRequest.BundledDataset);
        var second = await Workflow.Run(PipelineNames.Feature, Day, RunRequest.BundledDataset);

        Assert.Equal((1309L, 0L, 0L, 0L, 1309L), (first.Counts["inserted"], first.Counts["updated"], first.Counts["unchanged"], first.Counts["rejected"], first.Counts["outcomes"]));
        Assert.Equal((0L, 0L, 1309L, 0L, 0L), (second.Counts["inserted"], second.Counts["updated"], second.Counts["unchanged"], second.Counts["rejected"], second.Counts["outcomes"]));
        Assert.Equal(1, await Workflow.Count("commits"));
        Assert.Equal(500, await Workflow.Count("outcomes", "survived and superseded_by is null"));
    }

    /// <summary>Defects of the original: it kept 129 of these rows (S6), failed for passenger 1226 without a fare (S10), and had invalid event times (S5, S8).</summary>
    [Fact]
    public async Task Keeps_all_rows_and_missing_values_of_the_bundled_dataset()
    {
        await Workflow.Run(PipelineNames.Feature, Day, RunRequest.BundledDataset);

        Assert.Equal(1309, await Workflow.Count("passengers"));
        Assert.Equal(263, await Workflow.Count("passengers", "age is null"));
        Assert.Equal(1, await Workflow.Count("passengers", "fare is null and source_key = '1226' and titanic_binned_v1 % 11 = 1"));
        Assert.Equal(1309, await Workflow.Count("passengers", "event_time = '1912-04-15 00:00:00+00'"));
        Assert.Equal(1309, await Workflow.Count("outcomes", "known_at = '1912-04-15 00:00:00+00'"));
    }

    /// <summary>S10: the original failed for files without a fare above 300 pounds.</summary>
    [Fact]
    public async Task Ingests_a_file_without_fares_above_300_pounds()
    {
        var result = await Workflow.Ingest(PassengerSources.Upload, Day, Anna with { FareInPounds = 300 }, Bert with { FareInPounds = 0 });

        Assert.Equal((2, 2), (result.Inserted, result.OutcomesRecorded));
    }

    [Fact]
    public async Task Stores_a_correction_as_a_new_version()
    {
        var first = await Workflow.Ingest(PassengerSources.Upload, Day, Anna, Bert);
        var second = await Workflow.Ingest(PassengerSources.Upload, Day, Anna with { Pclass = 2 }, Bert);

        Assert.Equal((0, 1, 1, 0), (second.Inserted, second.Updated, second.Unchanged, second.OutcomesRecorded));
        var versions = await Workflow.Query(db => db.Passengers.Where(p => p.SourceKey == "a").OrderBy(p => p.CommitId).ToListAsync(Cancellation));
        Assert.Equal([(1, first.CommitId, second.CommitId), (2, second.CommitId, null)], versions.Select(v => ((int)v.Pclass, (long?)v.CommitId, v.SupersededBy)));
        Assert.Single(versions.Select(version => version.PassengerId).Distinct());
        Assert.Equal((1, 2), (await PclassOfAnnaAsOf(first.CommitId!.Value), await PclassOfAnnaAsOf(second.CommitId!.Value)));
    }

    [Fact]
    public async Task Stores_late_and_corrected_outcomes_as_versions()
    {
        await Workflow.Ingest(PassengerSources.Upload, Day, Anna with { Survived = null });
        var known = await Workflow.Ingest(PassengerSources.Upload, Day, Day.AddDays(2), Anna with { Survived = false });
        var withoutOutcome = await Workflow.Ingest(PassengerSources.Upload, Day, Day.AddDays(3), Anna with { Survived = null });
        var corrected = await Workflow.Ingest(PassengerSources.Upload, Day, Day.AddDays(4), Anna);

        Assert.Equal((0, 0, 1, 1), (known.Inserted, known.Updated, known.Unchanged, known.OutcomesRecorded));
        Assert.Null(withoutOutcome.CommitId);
        Assert.Equal((0, 1, 0, 1), (corrected.Inserted, corrected.Updated, corrected.Unchanged, corrected.OutcomesRecorded));
        var outcomes = await Workflow.Query(db => db.Outcomes.OrderBy(o => o.CommitId).ToListAsync(Cancellation));
        Assert.Equal(
            [(false, known.CommitId, corrected.CommitId, Day.AddDays(2)), (true, corrected.CommitId, null, Day.AddDays(4))],
            outcomes.Select(o => (o.Survived, (long?)o.CommitId, o.SupersededBy, DateOnly.FromDateTime(o.KnownAt.UtcDateTime))));
        Assert.Equal(1, await Workflow.Count("passengers"));
    }

    [Fact]
    public async Task Stores_rejected_rows_with_line_reasons_and_excerpt()
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
        var rejection = await Workflow.Query(db => db.RejectedRows.SingleAsync(Cancellation));
        Assert.Equal((result.ValidationId, 3L), ((long?)rejection.ValidationId, rejection.Line));
        Assert.Equal(2, rejection.Reasons.Length);
        Assert.StartsWith("2,0,7", rejection.Excerpt, StringComparison.Ordinal);
        Assert.Equal(["pclass_in_set", "sex_in_set"], rejection.Rules);
        var report = await Workflow.Query(db => db.ValidationReports.SingleAsync(Cancellation));
        Assert.Equal((3, 1, false), (report.RowsRead, report.RowsRejected, report.Success));
        Assert.Equal(
            [("pclass_in_set", 1), ("sex_in_set", 1)],
            report.Expectations.Where(expectation => expectation.Success == false).Select(broken => (broken.Expectation, broken.UnexpectedRows!.Value)));
    }

    [Fact]
    public async Task Rolls_back_if_reading_rows_fails()
    {
        var rows = new PassengerBatch(PassengerSources.Upload, "a truncated file", FeatureReader.StartOf(Day), FeatureReader.StartOf(Day), TruncatedFile(), () => []);

        await Assert.ThrowsAsync<PassengerFileException>(() => Workflow.Ingest(rows));

        Assert.Equal((0L, 0L, 0L), (await Workflow.Count("commits"), await Workflow.Count("passengers"), await Workflow.Count("rejected_rows")));
        Assert.Equal(1, (await Workflow.Ingest(PassengerSources.Upload, Day, Anna)).Inserted);

        static async IAsyncEnumerable<PassengerRow> TruncatedFile()
        {
            yield return new AcceptedRow(2, Anna);
            yield return new RejectedRow(3, [new RowProblem(PassengerRules.PclassInSet, "The class is 7.")], "2,0,7");
            await Task.Yield();
            throw new PassengerFileException("The file was interrupted.");
        }
    }

    [Fact]
    public async Task Source_keys_are_unique_per_source()
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
        var rows = await Workflow.Rows(TrainingDatasetHelpers.Definition(commit));
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
