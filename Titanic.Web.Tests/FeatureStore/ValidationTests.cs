using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>Lists whose rows are all good and whose shares are not.</summary>
public sealed class ValidationTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateTimeOffset _time = new(1912, 4, 15, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_historical_list_meets_every_expectation_also_when_it_is_strict()
    {
        var result = await Ingest(new BundledDataset().Passengers, IngestionPolicy.Strict);

        var report = await Report(result.ValidationId!.Value);
        Assert.True(report.Success);
        Assert.Equal([.. Expectations.OfRows.Select(rule => rule.Name), .. Expectations.OfSets.Select(set => set.Name)], report.Expectations.Select(e => e.Expectation));
        Assert.All(report.Expectations, expectation => Assert.True(expectation.Success));
        Assert.Equal(0.7991, Math.Round(report.Expectations.Single(e => e.Expectation == "age_completeness").Observed!.Value, 4)); // 1046 of 1309
    }

    public static TheoryData<string, double> BrokenSets => new()
    {
        { "age_completeness", 0.49 },
        { "fare_completeness", 0.89 },
        { "share_of_women", 0.04 },
        { "share_of_women", 0.96 },
        { "share_of_first_class", 0.91 },
        { "share_of_third_class", 0.96 },
        { "share_of_survivors", 0.01 },
        { "share_of_survivors", 0.99 },
    };

    [Theory]
    [MemberData(nameof(BrokenSets))]
    public async Task A_share_out_of_bounds_is_a_warning_or_refuses_everything(string expectation, double share)
    {
        var people = People(100, expectation, share);

        var refused = await Assert.ThrowsAsync<IngestionRefusedException>(() => Ingest(people, IngestionPolicy.Strict));
        await using (var db = Database.NewContext())
            Assert.Equal((0, 0), (await db.Passengers.CountAsync(Cancellation), await db.Commits.CountAsync(Cancellation)));
        var kept = await Ingest(people, IngestionPolicy.Always);

        Assert.Equal(100, kept.Inserted);
        Assert.StartsWith(FormattableString.Invariant($"{expectation} is {share}; expected is a share from "), Assert.Single(kept.Warnings), StringComparison.Ordinal);
        foreach (var (id, outcome) in ((long, IngestionOutcome)[])[(refused.ValidationId, IngestionOutcome.Rejected), (kept.ValidationId!.Value, IngestionOutcome.Ingested)])
        {
            var report = await Report(id);
            Assert.Equal((outcome, false), (report.Outcome, report.Success));
            Assert.Equal(expectation, Assert.Single(report.Expectations, e => e.Success == false).Expectation);
        }
    }

    [Fact]
    public async Task Shares_of_a_few_rows_say_nothing()
    {
        var result = await Ingest(People(99, "share_of_women", 0), IngestionPolicy.Strict);

        var report = await Report(result.ValidationId!.Value);
        Assert.True(report.Success);
        Assert.All(report.Expectations.Where(e => e.Observed is not null), e => Assert.Null(e.Success));
    }

    [Fact]
    public async Task Whoever_is_not_there_cannot_be_deleted_and_no_commit_says_so()
    {
        await Ingest(People(3, "share_of_women", 0), IngestionPolicy.Always);

        var result = await new Ingestion(Database.DataSource, TimeProvider.System).Delete(
            PassengerSources.Upload, ["1", "4711"], "a deletion", new Provenance(null, "test"), Cancellation);
        var again = await new Ingestion(Database.DataSource, TimeProvider.System).Delete(
            PassengerSources.Upload, ["1"], "a deletion", new Provenance(null, "test"), Cancellation);

        Assert.Equal((1, 1, 2L), (result.Deleted, result.Unchanged, result.CommitId));
        Assert.Equal((0, 1, null), (again.Deleted, again.Unchanged, again.CommitId));
    }

    private Task<IngestionResult> Ingest(IReadOnlyList<Passenger> people, IngestionPolicy policy) => new Ingestion(Database.DataSource, TimeProvider.System).Ingest(
        PassengerBatch.Of(PassengerSources.Upload, "a list", _time, _time, people) with { Policy = policy }, new Provenance(null, "test"), Cancellation);

    private async Task<ValidationReport> Report(long id)
    {
        await using var db = Database.NewContext();
        return await db.ValidationReports.SingleAsync(report => report.ValidationId == id, Cancellation);
    }

    /// <summary>Every second one a woman, a survivor, of known age and fare, a quarter in the first class and half in the third, but for one share.</summary>
    private static List<Passenger> People(int count, string expectation, double share) => [.. Enumerable.Range(0, count).Select(i =>
    {
        var inShare = i < Math.Round(share * count);
        var isEven = i % 2 == 0;
        var pclass = (expectation, inShare) switch
        {
            ("share_of_first_class", true) => 1,
            ("share_of_third_class", true) => 3,
            ("share_of_first_class" or "share_of_third_class", false) => 2,
            _ => (i % 4) switch { 0 => 1, 1 => 2, _ => 3 },
        };
        return new Passenger(
            $"{i + 1}", $"Passenger {i + 1}", pclass,
            (expectation == "share_of_women" ? inShare : isEven) ? Sex.Female : Sex.Male,
            (expectation == "age_completeness" ? inShare : true) ? 30 : null,
            (expectation == "fare_completeness" ? inShare : true) ? 8 : null,
            expectation == "share_of_survivors" ? inShare : isEven);
    })];
}
