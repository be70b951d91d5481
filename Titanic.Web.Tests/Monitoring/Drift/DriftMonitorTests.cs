using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Tests.Pipelines.Schedules;

namespace Titanic.Web.Tests.Monitoring.Drift;

/// <summary>The looks of the detectors on a site whose stream changes on the fourth day.</summary>
public sealed class DriftMonitorTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly DateOnly ShiftedFrom = TestWorkflow.FirstDay.AddDays(3);

    private static readonly (string Key, string Value)[] Settings =
        [("Stream:Scenario", "drift"), ("Stream:DriftFrom", ShiftedFrom.ToString("O")), ("Stream:PassengersPerDay", "30")];

    private protected override TestWorkflow NewWorkflow(TestDatabase database) => new(database, Settings);

    [Fact]
    public async Task Raises_the_input_alarm_after_a_shift_and_finds_its_day()
    {
        await SimulateDays(8);

        var state = (await Read(asOf: null))!;
        Assert.Equal(TestWorkflow.FirstDay, state.Period.StartedOn);
        Assert.Equal(7, state.Looks.Count);
        Assert.All(state.Looks, look => Assert.Equal(30, look.Rows));
        var age = state.Features.Single(of => of.Feature.Name == "age");
        Assert.InRange(age.Alarm!.Value, ShiftedFrom, ShiftedFrom.AddDays(3));
        Assert.Equal(ShiftedFrom, age.Since);
        Assert.Null(state.Features.Single(of => of.Feature.Name == "sex").Alarm);
        Assert.Equal(1309 + 30, state.Features[0].Reference.Sum()); // the champion of the first day has learned its passengers
        Assert.Null((await Read(FeatureReader.StartOf(ShiftedFrom)))!.InputAlarm);
        var raised = Assert.Single(await Workflow.InScope<DriftReader, IReadOnlyList<RaisedAlarm>>(drift => drift.ReadAlarms(TestWorkflow.FirstDay, asOf: null, Cancellation)));
        Assert.Equal((state.InputAlarm, "input alarm"), (raised.LogicalDate, raised.Name));
    }

    [Fact]
    public async Task A_repeated_run_adds_nothing_and_all_values_can_be_recomputed()
    {
        await SimulateDays(6);
        await Workflow.Run("monitoring", TestWorkflow.FirstDay.AddDays(5));
        await Workflow.Run("monitoring", TestWorkflow.FirstDay.AddDays(2));

        var stored = (await Read(asOf: null))!;
        Assert.Equal(5, stored.Looks.Count);
        var recomputed = await Workflow.InScope<DriftMonitor, IReadOnlyList<DriftLook>>(drift => drift.Recompute(stored.Period.PeriodId, Cancellation));
        Assert.Equal(5, recomputed.Count);
        foreach (var (expected, actual) in stored.Looks.Zip(recomputed))
        {
            Assert.Equal(expected.LogStatistics, actual.LogStatistics);
            Assert.Equal(expected.LogValue, actual.LogValue);
            Assert.Equal(expected.Features.Select(of => of.LogValue), actual.Features.Select(of => of.LogValue));
            Assert.Equal(expected.Features.SelectMany(of => of.Bins), actual.Features.SelectMany(of => of.Bins));
        }
    }

    [Fact]
    public async Task A_corrected_outcome_counts_once_with_its_first_value()
    {
        await SimulateDays(3);
        var before = (await Read(asOf: null))!.Accuracy.Realized;
        await CorrectNewestOutcome();
        await SimulateDays(1, from: 3);

        var after = (await Read(asOf: null))!;
        Assert.Equal(before.Trials + 30, after.Accuracy.Realized.Trials);
        Assert.Equal(before.Successes + after.Looks[^1].Correct, after.Accuracy.Realized.Successes);
    }

    [Fact]
    public async Task A_promotion_during_an_accuracy_alarm_starts_a_new_period()
    {
        await SimulateDays(2);
        var first = (await Read(asOf: null))!;
        await Workflow.Execute("update drift_looks set is_accuracy_alarm = true, champion_version = 0");

        var run = await SimulateDays(1, from: 2);

        var state = (await Read(asOf: null))!;
        Assert.NotEqual(first.Period.PeriodId, state.Period.PeriodId);
        Assert.Matches(@"^Version \d+ was promoted after the accuracy alarm of 2026-03-02\.$", state.Period.Reason);
        Assert.Empty(state.Looks);
        Assert.Contains(state.Period.Reason, run);
    }

    [Fact]
    public async Task Outcomes_of_an_earlier_period_count_when_they_arrive_and_deleted_passengers_do_not()
    {
        await using var workflow = new TestWorkflow(Database, [.. Settings, ("Stream:OutcomeDelayDays", "1")]);
        for (var day = 0; day < 4; day++)
        {
            if (day == 2)
                await Workflow.Execute("update drift_periods set horizon_days = 2");
            if (day == 3) // the outcomes of these passengers arrive on this day, after the end of the period
                await workflow.InScope<Ingestion, IngestionResult>(ingestion => ingestion.Delete(PassengerSources.Synthetic, NewestKeys(2), "a test", new(null, "test"), Cancellation));
            await workflow.SimulateDay(TestWorkflow.FirstDay.AddDays(day));
        }

        var state = (await Read(asOf: null))!;
        Assert.Equal(("The horizon of 2 looks ended.", 28), (state.Period.Reason, state.Accuracy.Realized.Trials));
        Assert.Equal(1, Assert.Single(state.Looks).Delays.Single().Days);
    }

    [Fact]
    public async Task The_gate_compares_with_the_champion_since_an_accuracy_alarm()
    {
        await SimulateDays(2);
        await Workflow.Execute("update drift_looks set is_accuracy_alarm = true");

        await SimulateDays(1, from: 2);

        await using var db = Database.NewContext();
        var decision = (await db.ModelVersions.OrderByDescending(version => version.Version).FirstAsync(Cancellation)).Gate;
        Assert.Equal(new DateOnly(2026, 3, 2), decision.Evidence.Alarm!.RaisedOn);
        Assert.Equal(30, decision.Evidence.Alarm.Live!.Rows);
    }

    [Fact]
    public async Task An_accuracy_alarm_starts_training_once()
    {
        await SimulateDays(2);
        await Workflow.Execute("update drift_looks set is_accuracy_alarm = true");
        Workflow.Clock.MoveTo(TestWorkflow.FirstDay.AddDays(2));
        await using var disabled = new TestWorkflow(Database, [.. Settings, ("Schedule:TrainingOnAlarm", "false")]);
        var trained = await Workflow.Count("runs", "pipeline = 'training'");

        await Tick(disabled);
        Assert.Equal(trained, await Workflow.Count("runs", "pipeline = 'training'"));
        await Workflow.Pause(PipelineNames.Training);
        await Tick(Workflow);
        Assert.Equal(trained, await Workflow.Count("runs", "pipeline = 'training'"));
        await Workflow.Execute("delete from schedule_pauses");

        await Tick(Workflow);
        await Tick(Workflow);
        Assert.Equal(trained + 1, await Workflow.Count("runs", "pipeline = 'training'"));
        Assert.Equal(1, await Workflow.Count("hangfire.jobqueue", "queue = 'training'"));

        Task<bool> Tick(TestWorkflow workflow) => workflow.InScope<PipelineJobs, bool>(async jobs =>
        {
            await jobs.RunOwedDays(PipelineNames.Monitoring, null, Cancellation);
            return true;
        });
    }

    [Fact]
    public async Task The_end_of_the_horizon_starts_a_new_period()
    {
        await SimulateDays(2);
        await Workflow.Execute("update drift_periods set horizon_days = 2");

        await SimulateDays(1, from: 2);

        Assert.Equal("The horizon of 2 looks ended.", (await Read(asOf: null))!.Period.Reason);
        Assert.Equal(1, await Workflow.Count("drift_periods", "ended_on is null"));
    }

    private async Task CorrectNewestOutcome()
    {
        await using var db = Database.NewContext();
        var row = await db.Passengers.Where(p => p.Source == PassengerSources.Synthetic).OrderByDescending(p => p.PassengerId).FirstAsync(Cancellation);
        var survived = await db.Outcomes.Where(o => o.PassengerId == row.PassengerId).Select(o => o.Survived).SingleAsync(Cancellation);
        var corrected = new Passenger(row.SourceKey, row.Name, row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds, !survived);
        var result = await Workflow.Ingest(PassengerBatch.FromPassengers(PassengerSources.Synthetic, "a correction", row.EventTime, row.EventTime, [corrected]));
        Assert.Equal(1, result.OutcomesRecorded);
    }

    private async Task<string?> SimulateDays(int days, int from = 0)
    {
        string? summary = null;
        for (var day = from; day < from + days; day++)
            summary = (await Workflow.SimulateDay(TestWorkflow.FirstDay.AddDays(day))).Single(run => run.Pipeline == "monitoring").Summary;
        return summary;
    }

    private string[] NewestKeys(int count)
    {
        using var db = Database.NewContext();
        return [.. db.Passengers.Where(p => p.Source == PassengerSources.Synthetic).OrderByDescending(p => p.PassengerId).Take(count).Select(p => p.SourceKey)];
    }

    private Task<DriftState?> Read(DateTimeOffset? asOf = null) => Workflow.InScope<DriftReader, DriftState?>(drift => drift.Read(asOf, Cancellation));
}
