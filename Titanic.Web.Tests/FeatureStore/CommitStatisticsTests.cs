using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>The incremental statistics of every commit must equal those that a simpler implementation computes from all rows.</summary>
public sealed class CommitStatisticsTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    [Fact]
    public async Task Returns_the_known_statistics_of_the_bundled_dataset()
    {
        await Workflow.Ingest(PassengerSources.Titanic3, Day, new BundledDataset().Passengers);

        var age = await Newest(FeatureStatistics.All, "age");
        var fare = await Newest(PassengerSources.Titanic3, "fare");
        Assert.Equal((1309L, 263L, 0.1667, 80.0), (age.Count, age.NumNullValues, age.Min!.Value, age.Max!.Value));
        Assert.Equal((28.0, 14.45), (age.Percentiles![3], fare.Percentiles![3]));
        Assert.Equal((1L, 0.0, 512.3292), (fare.NumNullValues, fare.Min!.Value, fare.Max!.Value));
        var survived = await Newest(FeatureStatistics.All, "survived");
        Assert.Equal([809L, 500L], survived.Histogram);
        Assert.Equal(2.294881588999236, (await Newest(FeatureStatistics.All, "pclass")).Mean!.Value, 12);
        Assert.Equal(0.4788142854276048, (await Newest(FeatureStatistics.All, "sex")).StdDev!.Value, 12);
    }

    [Fact]
    public async Task Incremental_statistics_equal_those_of_the_rows()
    {
        var random = new SeededRandom(7);
        string[] sources = [PassengerSources.Upload, PassengerSources.Api];
        for (var step = 0; step < 40; step++)
        {
            var source = sources[random.Next(2)];
            if (random.Next(4) == 0)
            {
                await Workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.Delete(
                    source, [$"{random.Next(12)}", $"{random.Next(12)}"], "a test", new Provenance(null, "test"), Cancellation));
            }
            else
            {
                await Workflow.Ingest(source, Day, [.. Enumerable.Range(0, 12).Where(_ => random.Next(2) == 0).Select(key => AnyPassenger($"{key}", random))]);
            }
            foreach (var scope in (string[])[.. sources, FeatureStatistics.All])
                await AssertEqualToRows(scope);
        }
        Assert.True(await Workflow.Count("commits", "rows_deleted > 0") > 3 && await Workflow.Count("commits", "rows_updated > 0") > 3);
    }

    private static Passenger AnyPassenger(string key, SeededRandom random) => new(
        key, null, 1 + random.Next(3), random.Next(2) == 0 ? Sex.Male : Sex.Female,
        random.Next(4) == 0 ? null : random.Next(1000) / 12.5, random.Next(5) == 0 ? null : Math.Round(random.NextDouble() * 700, 4),
        random.Next(3) switch { 0 => null, 1 => false, _ => true });

    private async Task AssertEqualToRows(string scope)
    {
        var rows = await Workflow.Query(db => (
            from p in db.Passengers
            where p.SupersededBy == null && (scope == FeatureStatistics.All || p.Source == scope)
            from o in db.Outcomes.Where(o => o.PassengerId == p.PassengerId && o.SupersededBy == null).DefaultIfEmpty()
            select new { Row = p, Survived = (bool?)o.Survived }).ToListAsync(Cancellation));
        foreach (var feature in FeatureGroup.Features)
        {
            var pairs = rows.Select(row => (Value: ValueOf(feature, row.Row, row.Survived), row.Survived)).ToList();
            var values = pairs.Where(pair => pair.Value is not null).Select(pair => pair.Value!.Value).Order().ToList();
            var found = await Find(scope, feature.Name);
            if (found is null)
            {
                Assert.Empty(rows);
                continue;
            }
            Assert.Equal((rows.Count, rows.Count - values.Count), (found.Count, found.NumNullValues));
            Assert.Equal(values.Select(Hundredths).Distinct().Count(), found.ApproxNumDistinctValues);
            Assert.Equal(values.Count, found.Histogram.Sum());
            Assert.Equal(values.Count == 0 ? null : values[0], found.Min);
            Assert.Equal(values.Count == 0 ? null : values[^1], found.Max);
            AssertClose(values.Count == 0 ? null : values.Average(), found.Mean);
            AssertClose(values.Count == 0 ? null : Math.Sqrt(values.Average(value => Math.Pow(value - values.Average(), 2))), found.StdDev);
            AssertClose(feature.Name == "survived" ? null : Correlation([.. pairs.Where(p => p is { Value: not null, Survived: not null }).Select(p => (p.Value!.Value, p.Survived!.Value ? 1.0 : 0))]), found.CorrelationWithOutcome);
            if (feature.IsNumeric && values.Count > 0)
                Assert.Equal(FeatureStatistics.PercentileRanks.Select(rank => Hundredths(values[(int)Math.Ceiling(rank * values.Count / 100.0) - 1])), found.Percentiles!.Select(Hundredths));
            Assert.Equal(
                values.GroupBy(Hundredths).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).Take(5).Select(group => (group.Key, (long)group.Count())),
                found.TopValues.Select(top => (Hundredths(top.Value), top.Rows)));
        }
    }

    private static double? ValueOf(Feature feature, PassengerVersion row, bool? survived) => feature.Name switch
    {
        "pclass" => row.Pclass,
        "sex" => (double)row.Sex,
        "age" => row.AgeInYears,
        "fare" => row.FareInPounds,
        _ => survived is { } known ? (known ? 1 : 0) : null,
    };

    private static double? Correlation(List<(double X, double Y)> pairs)
    {
        if (pairs.Count == 0)
            return null;
        var (x, y) = (pairs.Average(p => p.X), pairs.Average(p => p.Y));
        var spread = Math.Sqrt(pairs.Sum(p => Math.Pow(p.X - x, 2)) * pairs.Sum(p => Math.Pow(p.Y - y, 2)));
        return spread < 1e-9 ? null : pairs.Sum(p => (p.X - x) * (p.Y - y)) / spread;
    }

    private static long Hundredths(double value) => (long)Math.Round(value * 100);

    private static void AssertClose(double? expected, double? found)
    {
        Assert.Equal(expected is null, found is null);
        if (expected is { } number)
            Assert.Equal(number, found!.Value, 9);
    }

    private async Task<FeatureStatistics> Newest(string scope, string feature) => (await Find(scope, feature))!;

    private Task<FeatureStatistics?> Find(string scope, string feature) => Workflow.Query(db => db.FeatureStatistics
        .Where(s => s.Scope == scope && s.Feature == feature).OrderByDescending(s => s.CommitId).FirstOrDefaultAsync(Cancellation));
}
