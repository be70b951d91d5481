using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Monitoring.Rollups;

/// <summary>Compares the SQL roll-up with counts of the same rows in C#, on a site with three days of the stream.</summary>
public sealed class PredictionRollupTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private protected override Task<TestDatabase> NewDatabase(TestPostgres postgres) => new FullSite(postgres).CreateDatabase();

    private protected override TestWorkflow NewWorkflow(TestDatabase database) => new(database, new FakeTimeProvider(TimeProvider.System.GetUtcNow()));

    [Fact]
    public async Task The_rollup_equals_counts_of_the_rows()
    {
        Assert.Equal(await CountRows(), await ReadRollup());
        Assert.Equal(30, (await ReadRollup()).Sum(day => day.Predictions));
    }

    [Fact]
    public async Task Recounts_the_day_of_a_corrected_outcome()
    {
        var (first, last) = await FirstAndLastDay();
        var before = await ReadRollup();
        await CorrectOutcomeOf(first);

        var days = await Refresh(last);

        Assert.Equal([first], days);
        var after = await ReadRollup();
        Assert.Equal(await CountRows(), after);
        Assert.NotEqual(before.Single(day => day.Date == first), after.Single(day => day.Date == first));
        var rows = await ReadRowVersions();
        Assert.Empty(await Refresh(last)); // counting again changes nothing
        Assert.Equal(rows, await ReadRowVersions());
    }

    [Fact]
    public async Task Recounts_the_day_of_a_deleted_passenger()
    {
        var (first, last) = await FirstAndLastDay();
        await DeletePassengerOf(first);

        var days = await Refresh(last);

        Assert.Equal([first], days);
        Assert.Equal(await CountRows(), await ReadRollup());
        Assert.Empty(await Refresh(last));
    }

    [Fact]
    public async Task Counts_live_and_in_sample_predictions_separately()
    {
        var (_, last) = await FirstAndLastDay();
        await using var db = Database.NewContext();
        var some = await db.Predictions.Where(p => p.LogicalDate == last && p.PassengerId != null).OrderBy(p => p.PredictionId).Take(4).Select(p => p.PredictionId).ToListAsync(Cancellation);
        await db.Predictions.Where(p => some.Contains(p.PredictionId)).ExecuteUpdateAsync(set => set.SetProperty(p => p.IsLive, false), Cancellation);

        await Refresh(last);

        var counted = await ReadRollup();
        Assert.Equal(await CountRows(), counted);
        Assert.Equal([(false, 4), (true, 6)], counted.Where(day => day.Date == last).Select(day => (day.IsLive, day.Predictions)));
    }

    private sealed record DayCounts(DateOnly Date, bool IsLive, int Predictions, int Tn, int Fp, int Fn, int Tp, double SquaredError);

    private async Task<List<DayCounts>> ReadRollup()
    {
        await using var db = Database.NewContext();
        return await db.DailyPerformance.OrderBy(d => d.LogicalDate).ThenBy(d => d.IsLive)
            .Select(d => new DayCounts(d.LogicalDate, d.IsLive, d.Predictions, d.TrueNegatives, d.FalsePositives, d.FalseNegatives, d.TruePositives, Math.Round(d.SquaredError, 9)))
            .ToListAsync(Cancellation);
    }

    private async Task<List<DayCounts>> CountRows()
    {
        await using var db = Database.NewContext();
        var outcomes = await db.Outcomes.Where(o => o.SupersededBy == null).ToDictionaryAsync(o => o.PassengerId, o => o.Survived, Cancellation);
        var predictions = await db.Predictions.AsNoTracking().Where(p => p.PassengerId != null).ToListAsync(Cancellation);
        var counts = new SortedDictionary<(DateOnly, bool), DayCounts>();
        foreach (var prediction in predictions)
        {
            var key = (prediction.LogicalDate, prediction.IsLive!.Value);
            var sum = counts.GetValueOrDefault(key) ?? new DayCounts(key.LogicalDate, key.Value, 0, 0, 0, 0, 0, 0);
            sum = sum with { Predictions = sum.Predictions + 1 };
            if (outcomes.TryGetValue(prediction.PassengerId!.Value, out var survived))
            {
                var error = prediction.Probability - (survived ? 1 : 0);
                sum = (prediction.Survived, survived) switch
                {
                    (false, false) => sum with { Tn = sum.Tn + 1, SquaredError = sum.SquaredError + error * error },
                    (true, false) => sum with { Fp = sum.Fp + 1, SquaredError = sum.SquaredError + error * error },
                    (false, true) => sum with { Fn = sum.Fn + 1, SquaredError = sum.SquaredError + error * error },
                    _ => sum with { Tp = sum.Tp + 1, SquaredError = sum.SquaredError + error * error },
                };
            }
            counts[key] = sum;
        }
        return [.. counts.Values.Select(day => day with { SquaredError = Math.Round(day.SquaredError, 9) })];
    }

    private async Task<(DateOnly First, DateOnly Last)> FirstAndLastDay()
    {
        await using var db = Database.NewContext();
        return (await db.DailyPerformance.MinAsync(d => d.LogicalDate, Cancellation), await db.DailyPerformance.MaxAsync(d => d.LogicalDate, Cancellation));
    }

    private async Task CorrectOutcomeOf(DateOnly day)
    {
        await using var db = Database.NewContext();
        var start = FeatureReader.StartOf(day);
        var row = await db.Passengers.FirstAsync(p => p.SupersededBy == null && p.Source == PassengerSources.Synthetic && p.EventTime == start, Cancellation);
        var survived = await db.Outcomes.Where(o => o.PassengerId == row.PassengerId && o.SupersededBy == null).Select(o => o.Survived).SingleAsync(Cancellation);
        var corrected = new Passenger(row.SourceKey, row.Name, row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds, !survived);
        var result = await Workflow.Ingest(PassengerBatch.FromPassengers(PassengerSources.Synthetic, "a correction", start, start, [corrected]));
        Assert.Equal(1, result.OutcomesRecorded);
    }

    private async Task DeletePassengerOf(DateOnly day)
    {
        await using var db = Database.NewContext();
        var start = FeatureReader.StartOf(day);
        var key = await db.Passengers.Where(p => p.SupersededBy == null && p.Source == PassengerSources.Synthetic && p.EventTime == start)
            .OrderBy(p => p.PassengerId).Select(p => p.SourceKey).FirstAsync(Cancellation);
        var result = await Workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.Delete(
            PassengerSources.Synthetic, [key], "a deletion", new Provenance(null, "test"), Cancellation));
        Assert.Equal(1, result.Deleted);
    }

    private Task<string> ReadRowVersions() => Workflow.Scalar<string>("select string_agg(xmin::text, ' ' order by logical_date, is_live) from prediction_cells");

    private async Task<IReadOnlyList<DateOnly>> Refresh(DateOnly day) =>
        (await Workflow.InScope<PredictionRollup, RefreshedDays>(rollup => rollup.Refresh(day, Cancellation))).Performance;
}
