using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>The pipelines with the stream scenarios other than the default.</summary>
public sealed class StreamScenarioTests(TestPostgres postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>S14: the original program crashed when its stream had no new row left, after about 50 days.</summary>
    [Fact]
    public async Task An_exhausted_stream_succeeds_with_0_rows()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Stream:Scenario", "seed"));
        var runs = new List<Run>();
        for (var day = Day; runs.Count == 0 || runs[^1].Counts["inserted"] > 0; day = day.AddDays(1))
        {
            runs.Add(await workflow.Run(PipelineNames.Feature, day));
            Assert.Equal(RunStatus.Succeeded, runs[^1].Status);
            Assert.True(runs.Count <= 65, "64 combinations cannot last longer than 64 days.");
        }

        Assert.InRange(runs.Count - 1, 40, 64);
        Assert.All(runs.SkipLast(1), run => Assert.Equal(1, run.Counts["inserted"]));
        Assert.Equal($"The stream has no passengers for {Day.AddDays(runs.Count - 1):yyyy-MM-dd}: the scenario \"seed\" is exhausted.", runs[^1].Summary);
        Assert.Equal(runs.Count - 1, await workflow.Scalar<long>("select count(distinct titanic_binned_v1) from passengers where source = 'synthetic'"));
        var monitored = await workflow.SimulateDay(Day.AddDays(runs.Count));
        Assert.All(monitored, run => Assert.Equal(RunStatus.Succeeded, run.Status));
    }

    [Fact]
    public async Task Delayed_outcomes_are_used_for_training_and_monitoring_when_they_become_known()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Stream:OutcomeDelayDays", "2"));

        await workflow.SimulateDay(Day);
        var secondDay = await workflow.SimulateDay(Day.AddDays(1));
        Assert.Equal(0, await workflow.Count("outcomes o join passengers p using (passenger_id)", "p.source = 'synthetic'"));
        Assert.Contains("Nothing to train", secondDay[2].Summary);
        Assert.Equal(0, await workflow.Scalar<int>("select true_negatives + false_positives + false_negatives + true_positives from daily_performance where logical_date = '2026-03-01'"));

        var thirdDay = await workflow.SimulateDay(Day.AddDays(2));

        Assert.Equal(10, thirdDay[0].Counts["outcomes"]);
        Assert.Equal(10, await workflow.Count(
            "outcomes o join passengers p using (passenger_id)", "p.source = 'synthetic' and p.event_time = '2026-03-01' and o.known_at = '2026-03-03'"));
        Assert.Equal(1319, thirdDay[2].Counts["rows"]);
        Assert.Equal(10, await workflow.Scalar<int>("select true_negatives + false_positives + false_negatives + true_positives from daily_performance where logical_date = '2026-03-01'"));
        Assert.Equal(0, await workflow.Scalar<int>("select true_negatives + false_positives + false_negatives + true_positives from daily_performance where logical_date = '2026-03-02'"));
    }

    /// <summary>The seed rule generates only new rows; which rows are new on a day must not change when outcomes become known.</summary>
    [Fact]
    public async Task Delayed_outcomes_of_the_seed_stream_change_and_duplicate_no_passenger()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Stream:Scenario", "seed"), ("Stream:OutcomeDelayDays", "3"));
        for (var day = Day; day < Day.AddDays(25); day = day.AddDays(1))
            Assert.Equal(RunStatus.Succeeded, (await workflow.Run(PipelineNames.Feature, day)).Status);

        Assert.Equal(0, await workflow.Count("commits", "rows_updated > 0"));
        Assert.Equal(25, await workflow.Count("passengers", "source = 'synthetic'"));
        Assert.Equal(
            25, await workflow.Scalar<long>("select count(distinct titanic_binned_v1) from passengers where source = 'synthetic'"));
        Assert.Equal(22, await workflow.Count("outcomes o join passengers p using (passenger_id)", "p.source = 'synthetic'"));
    }

    /// <summary>S16: drift is reported by monitoring; the pipelines run as on any other day.</summary>
    [Fact]
    public async Task All_pipelines_succeed_on_a_drifting_stream()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Stream:Scenario", "drift"), ("Stream:DriftFrom", "2026-03-02"), ("Stream:PassengersPerDay", "50"));

        var runs = (await workflow.SimulateDay(Day)).Concat(await workflow.SimulateDay(Day.AddDays(1))).ToList();

        Assert.All(runs, run => Assert.Equal(RunStatus.Succeeded, run.Status));
        var days = await workflow.Query(db => db.DailyPerformance.OrderBy(day => day.LogicalDate).ToListAsync(Cancellation));
        Assert.Equal([50, 50], days.Select(day => day.Labeled));
    }

    /// <summary>A store of an earlier version of the product: its days keep their passengers, and their outcomes arrive when they are due.</summary>
    [Fact]
    public async Task A_day_of_the_earlier_generator_keeps_its_passengers_and_receives_their_outcomes()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Stream:OutcomeDelayDays", "1"));
        var population = new ResampledPopulation(new BundledDataset());
        var random = SeededRandom.For(1912, "stream realistic", Day);
        Passenger[] earlier = [.. Enumerable.Range(1, 10).Select(number => population.Draw($"realistic-{Day:yyyy-MM-dd}-{number}", random))];
        await workflow.Ingest(PassengerSources.Synthetic, Day, [.. earlier.Select(passenger => passenger with { Survived = null })]);

        var again = await workflow.Run(PipelineNames.Feature, Day);
        var next = await workflow.Run(PipelineNames.Feature, Day.AddDays(1));
        var nextAgain = await workflow.Run(PipelineNames.Feature, Day.AddDays(1));

        Assert.Contains("nothing changed, so there is no commit. The earlier generator realistic v1 made this day, which keeps its passengers.", again.Summary);
        Assert.Equal((0, 10, 10), (again.Counts["inserted"], next.Counts["inserted"], next.Counts["outcomes"]));
        Assert.DoesNotContain("earlier generator", next.Summary);
        Assert.Equal((0, 0), (nextAgain.Counts["inserted"], nextAgain.Counts["outcomes"]));
        var outcomes = await workflow.Query(db => db.Passengers.Where(p => p.Source == "synthetic")
            .Join(db.Outcomes, p => p.PassengerId, o => o.PassengerId, (p, o) => new { p.SourceKey, o.Survived }).ToDictionaryAsync(p => p.SourceKey, p => (bool?)p.Survived, Cancellation));
        Assert.Equal(earlier.ToDictionary(passenger => passenger.SourceKey, passenger => passenger.Survived), outcomes);
        Assert.Equal(1, await workflow.Count("commits", "description = 'realistic v1 stream of 2026-03-01'"));
        Assert.Equal(1, await workflow.Count("commits", "description = 'realistic v2 stream of 2026-03-02'"));
    }
}
