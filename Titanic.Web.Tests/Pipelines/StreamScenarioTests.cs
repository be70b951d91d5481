using Microsoft.EntityFrameworkCore;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>The pipelines on the streams that are not the default one.</summary>
public sealed class StreamScenarioTests(TestPostgres postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>S14: the original crashed when its stream had no new row left, after about 50 days.</summary>
    [Fact]
    public async Task The_original_stream_comes_to_its_end_says_so_and_succeeds_with_0_rows()
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
        Assert.Equal($"The stream has no passenger left for {Day.AddDays(runs.Count - 1):yyyy-MM-dd}: the scenario \"seed\" has come to its end.", runs[^1].Summary);
        Assert.Equal(runs.Count - 1, await workflow.Scalar<long>("select count(distinct titanic_binned_v1) from passengers where source = 'synthetic'"));
        var monitored = await workflow.LiveThrough(Day.AddDays(runs.Count));
        Assert.All(monitored, run => Assert.Equal(RunStatus.Succeeded, run.Status));
    }

    [Fact]
    public async Task Outcomes_that_come_two_days_later_are_learned_and_judged_two_days_later()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Stream:OutcomeDelayDays", "2"));

        await workflow.LiveThrough(Day);
        var secondDay = await workflow.LiveThrough(Day.AddDays(1));
        Assert.Equal(0, await workflow.Count("outcomes o join passengers p using (passenger_id)", "p.source = 'synthetic'"));
        Assert.Contains("Nothing new to learn", secondDay[2].Summary);
        Assert.Equal(0, await workflow.Scalar<int>("select true_negatives + false_positives + false_negatives + true_positives from daily_performance where logical_date = '2026-03-01'"));

        var thirdDay = await workflow.LiveThrough(Day.AddDays(2));

        Assert.Equal(10, thirdDay[0].Counts["outcomes"]);
        Assert.Equal(10, await workflow.Count(
            "outcomes o join passengers p using (passenger_id)", "p.source = 'synthetic' and p.event_time = '2026-03-01' and o.known_at = '2026-03-03'"));
        Assert.Equal(1319, thirdDay[2].Counts["rows"]);
        Assert.Equal(10, await workflow.Scalar<int>("select true_negatives + false_positives + false_negatives + true_positives from daily_performance where logical_date = '2026-03-01'"));
        Assert.Equal(0, await workflow.Scalar<int>("select true_negatives + false_positives + false_negatives + true_positives from daily_performance where logical_date = '2026-03-02'"));
    }

    /// <summary>The original's rule asks what is new; the answer for a day must not change when outcomes arrive.</summary>
    [Fact]
    public async Task Late_outcomes_of_the_original_stream_change_no_passenger_and_bring_none_twice()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Stream:Scenario", "seed"), ("Stream:OutcomeDelayDays", "3"));
        for (var day = Day; day < Day.AddDays(25); day = day.AddDays(1))
            Assert.Equal(RunStatus.Succeeded, (await workflow.Run(PipelineNames.Feature, day)).Status);

        Assert.Equal(0, await workflow.Count("commits", "rows_updated > 0"));
        Assert.Equal(25, await workflow.Count("passengers", "source = 'synthetic'"));
        Assert.Equal(25, await workflow.Scalar<long>("select count(distinct titanic_binned_v1) from passengers where source = 'synthetic'"));
        Assert.Equal(22, await workflow.Count("outcomes o join passengers p using (passenger_id)", "p.source = 'synthetic'"));
    }

    /// <summary>S16: the drift is for monitoring to show; the pipelines live through it like any other day.</summary>
    [Fact]
    public async Task A_drifting_stream_is_lived_through()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Stream:Scenario", "drift"), ("Stream:DriftFrom", "2026-03-02"), ("Stream:PassengersPerDay", "50"));

        var runs = (await workflow.LiveThrough(Day)).Concat(await workflow.LiveThrough(Day.AddDays(1))).ToList();

        Assert.All(runs, run => Assert.Equal(RunStatus.Succeeded, run.Status));
        var days = await workflow.Ask(db => db.DailyPerformance.OrderBy(day => day.LogicalDate).ToListAsync(Cancellation));
        Assert.Equal([50, 50], days.Select(day => day.Labelled));
    }
}
