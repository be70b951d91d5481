using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Training after a fall in accuracy: from the third day on, the outcomes of the stream are reversed.</summary>
public sealed class TrainingWindowTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly DateOnly ReversedFrom = TestWorkflow.FirstDay.AddDays(2);

    private int _days;

    private protected override TestWorkflow NewWorkflow(TestDatabase database) => new(database, ("Stream:PassengersPerDay", "30"));

    [Fact]
    public async Task Trains_on_the_rows_since_the_fall_until_another_start_is_better()
    {
        await SimulateUntil(async () => await EventTimeFromOfChampion() is not null);

        var champion = await Champion();
        Assert.Equal((ReversedFrom, Verdict.Promote), (DateOnly.FromDateTime((await EventTimeFromOfChampion())!.Value.UtcDateTime), champion.Gate.Verdict));
        Assert.True(champion.Gate.Evidence.Alarm!.Live!.OnlyCandidateRight > champion.Gate.Evidence.Alarm.Live.OnlyChampionRight);
        var training = (await Workflow.Query(db => db.Runs.SingleAsync(run => run.RunId == champion.RunId, Cancellation))).Summary!;
        Assert.Contains("since 2026-03-03: ", training, StringComparison.Ordinal);
        Assert.Contains("1,369 rows before the first event time not used.", training, StringComparison.Ordinal);
        Assert.Equal(await Workflow.Count("passengers", "event_time >= '2026-03-03'"), champion.Evaluations[0].Rows);

        await SimulateDay();
        Assert.InRange(await LiveAccuracyOfNewestDay(), 0.6, 1);
        Assert.Equal(await EventTimeFromOfChampion(), await Workflow.Scalar<DateTime>("select event_time_from from training_datasets order by training_dataset_id desc limit 1"));
        var read = await Workflow.InScope<VersionTrainingRows, TrainingDatasetComparison>(async rows => await rows.Recompute(champion, await rows.ReadDataset(champion, Cancellation), Cancellation));
        Assert.True(read.IsEqual);

        await Workflow.InScope<ModelRegistry, IReadOnlyList<AliasChange>>(registry => registry.Promote(1, new AliasDecision("a test", "a test", Force: true), Cancellation));
        await SimulateDay();
        Assert.Equal(0, await Workflow.Count("training_datasets", $"training_dataset_id = (select max(training_dataset_id) from training_datasets) and event_time_from is not null"));
    }

    [Fact]
    public async Task Without_a_fall_the_alarm_changes_no_start()
    {
        await SimulateDay();
        await SimulateDay();
        await Workflow.Execute("update drift_looks set is_accuracy_alarm = true");
        await SimulateDay(isReversed: false);

        Assert.Equal(0, await Workflow.Count("training_datasets", "event_time_from is not null"));
    }

    private async Task SimulateUntil(Func<Task<bool>> isReached)
    {
        do
        {
            await SimulateDay();
            Assert.True(_days < 12, "The gate promotes no version of the rows since the fall.");
        }
        while (!await isReached());
    }

    private async Task SimulateDay(bool isReversed = true)
    {
        var day = TestWorkflow.FirstDay.AddDays(_days++);
        Workflow.Clock.MoveTo(day);
        await Workflow.Run(PipelineNames.Feature, day);
        if (isReversed && day >= ReversedFrom)
            await Workflow.Execute($"update outcomes set survived = not survived where passenger_id in (select passenger_id from passengers where event_time = '{day:yyyy-MM-dd}')");
        foreach (var pipeline in PipelineNames.Daily.Where(pipeline => pipeline != PipelineNames.Feature))
            Assert.Equal(RunStatus.Succeeded, (await Workflow.Run(pipeline, day)).Status);
    }

    private Task<ModelVersion> Champion() => Workflow.InScope<ModelRegistry, ModelVersion>(async registry => (await registry.FindChampion(Cancellation))!);

    private async Task<DateTimeOffset?> EventTimeFromOfChampion()
    {
        var champion = await Champion();
        return (await Workflow.InScope<ModelRegistry, TrainingDataset>(registry => registry.ReadDataset(champion, Cancellation))).EventTimeFrom;
    }

    private Task<double> LiveAccuracyOfNewestDay() => Workflow.Scalar<double>(
        """
        select avg((a.survived = o.survived)::int)::float8 from predictions a join outcomes o on o.passenger_id = a.passenger_id and o.superseded_by is null
        where a.is_live and a.logical_date = (select max(logical_date) from predictions)
        """);
}
