using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>Set expectations: batches whose rows are all valid and whose shares are out of range.</summary>
public sealed class ValidationTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateTimeOffset _time = new(1912, 4, 15, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_bundled_dataset_meets_all_expectations()
    {
        var result = await Ingest(new BundledDataset().Passengers, IngestionPolicy.Strict);

        var report = await Report(result.ValidationId!.Value);
        Assert.True(report.Success);
        Assert.Equal([.. Expectations.ForRows.Select(rule => rule.Name), .. Expectations.ForSets.Select(set => set.Name)], report.Expectations.Select(e => e.Expectation));
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
    public async Task A_share_out_of_range_is_a_warning_or_rejects_the_batch(string expectation, double share)
    {
        var passengers = CreatePassengers(100, expectation, share);

        var exception = await Assert.ThrowsAsync<IngestionRejectedException>(() => Ingest(passengers, IngestionPolicy.Strict));
        await using (var db = Database.NewContext())
            Assert.Equal((0, 0), (await db.Passengers.CountAsync(Cancellation), await db.Commits.CountAsync(Cancellation)));
        var ingested = await Ingest(passengers, IngestionPolicy.Always);

        Assert.Equal(100, ingested.Inserted);
        Assert.StartsWith(FormattableString.Invariant($"{expectation} is {share}; it must be a share between "), Assert.Single(ingested.Warnings), StringComparison.Ordinal);
        foreach (var (id, outcome) in ((long, IngestionOutcome)[])[(exception.ValidationId, IngestionOutcome.Rejected), (ingested.ValidationId!.Value, IngestionOutcome.Ingested)])
        {
            var report = await Report(id);
            Assert.Equal((outcome, false), (report.Outcome, report.Success));
            Assert.Equal(expectation, Assert.Single(report.Expectations, e => e.Success == false).Expectation);
        }
    }

    [Fact]
    public async Task Does_not_evaluate_shares_of_fewer_than_100_rows()
    {
        var result = await Ingest(CreatePassengers(99, "share_of_women", 0), IngestionPolicy.Strict);

        var report = await Report(result.ValidationId!.Value);
        Assert.True(report.Success);
        Assert.All(report.Expectations.Where(e => e.Observed is not null), e => Assert.Null(e.Success));
    }

    [Fact]
    public async Task Deleting_unknown_passengers_creates_no_commit()
    {
        await Ingest(CreatePassengers(3, "share_of_women", 0), IngestionPolicy.Always);

        var result = await new Ingestion(Database.DataSource, TimeProvider.System).Delete(
            PassengerSources.Upload, ["1", "4711"], "a deletion", new Provenance(null, "test"), Cancellation);
        var again = await new Ingestion(Database.DataSource, TimeProvider.System).Delete(
            PassengerSources.Upload, ["1"], "a deletion", new Provenance(null, "test"), Cancellation);

        Assert.Equal((1, 1, 2L), (result.Deleted, result.Unchanged, result.CommitId));
        Assert.Equal((0, 1, null), (again.Deleted, again.Unchanged, again.CommitId));
    }

    private Task<IngestionResult> Ingest(IReadOnlyList<Passenger> passengers, IngestionPolicy policy) => new Ingestion(Database.DataSource, TimeProvider.System).Ingest(
        PassengerBatch.FromPassengers(PassengerSources.Upload, "a list", _time, _time, passengers) with { Policy = policy }, new Provenance(null, "test"), Cancellation);

    private async Task<ValidationReport> Report(long id)
    {
        await using var db = Database.NewContext();
        return await db.ValidationReports.SingleAsync(report => report.ValidationId == id, Cancellation);
    }

    /// <summary>Passengers of whom half are women, half survived, all ages and fares are known, a quarter is in class 1 and half in class 3, except for one share.</summary>
    private static List<Passenger> CreatePassengers(int count, string expectation, double share) => [.. Enumerable.Range(0, count).Select(i =>
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
