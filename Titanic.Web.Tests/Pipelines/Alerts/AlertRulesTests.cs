using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Schedules;
using Titanic.Web.Tests.Pipelines.Schedules;

namespace Titanic.Web.Tests.Pipelines.Alerts;

/// <summary>Each rule opens an alert when its condition is met and resolves it afterwards, and healthy states open none.</summary>
public sealed class AlertRulesTests(TestPostgres postgres)
{
    private const string Never = "0 0 29 2 *";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_missed_run_is_that_of_the_first_pipeline_that_did_not_start()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Schedule:Audit", Never));
        await workflow.CompleteFirstStart();
        Assert.True(await workflow.Evaluate());

        await workflow.EvaluateFor(TimeSpan.FromMinutes(116));
        Assert.Empty(await workflow.Unresolved());

        await workflow.EvaluateFor(TimeSpan.FromMinutes(4));
        Assert.Equal(["missed-run feature"], await workflow.Unresolved());
        Assert.Equal("The feature run of 2026-03-01 was due at 2026-03-01 00:05 UTC and has not started.", (await workflow.SingleAlert()).Message);

        await workflow.Run(PipelineNames.Feature, TestWorkflow.FirstDay);
        await workflow.EvaluateUntilEnded();
        Assert.Equal(["missed-run inference"], await workflow.Unresolved());

        await workflow.Run(PipelineNames.Inference, TestWorkflow.FirstDay);
        await workflow.Run(PipelineNames.Training, TestWorkflow.FirstDay);
        await workflow.Run(PipelineNames.Monitoring, TestWorkflow.FirstDay);
        await workflow.EvaluateUntilEnded();
        Assert.Empty(await workflow.Unresolved());
    }

    [Fact]
    public async Task An_overdue_run_is_resolved_when_it_succeeds()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Schedule:Audit", Never));
        await workflow.CompleteFirstStart();
        await workflow.Edit(PipelineNames.Inference, values => values with { DeadlineMinutes = 30 });
        await workflow.Run(PipelineNames.Feature, TestWorkflow.FirstDay);
        var running = await workflow.QueueRun(PipelineNames.Inference);
        await workflow.Execute($"update runs set status = 'Running', started_at = queued_at where run_id = {running.RunId}");
        await workflow.Evaluate();
        await workflow.EvaluateFor(TimeSpan.FromMinutes(24));
        Assert.Empty(await workflow.Unresolved()); // due at 00:10; it is 00:54, but rules about time count from the first evaluation at 00:30

        await workflow.EvaluateFor(TimeSpan.FromMinutes(8));
        Assert.Equal(["overdue inference"], await workflow.Unresolved());
        var alert = await workflow.SingleAlert();
        Assert.Equal(
            ($"The inference run of 2026-03-01 was due at 2026-03-01 00:10 UTC and has not succeeded by 2026-03-01 00:40 UTC; run {running.RunId} is running.", $"/runs/{running.RunId}"),
            (alert.Message, alert.Link));

        await workflow.Execute($"update runs set status = 'Succeeded', ended_at = '{workflow.Now:O}' where run_id = {running.RunId}");
        await workflow.EvaluateUntilEnded();
        Assert.Empty(await workflow.Unresolved());
        Assert.Equal("Opened Resolved", await workflow.Events());
    }

    /// <summary>The feature run does not start: neither its deadline nor those of the pipelines that wait for it are alerts of their own.</summary>
    [Fact]
    public async Task One_incident_of_a_missed_deadline_is_one_alert()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Schedule:Audit", Never), ("Alerts:LateDataAfter", "1.00:00:00"));
        await workflow.CompleteFirstStart();
        foreach (var pipeline in PipelineNames.Daily)
            await workflow.Edit(pipeline, values => values with { DeadlineMinutes = pipeline == PipelineNames.Feature ? 180 : 60 });
        await workflow.Evaluate();

        await workflow.EvaluateFor(TimeSpan.FromHours(1.5));
        Assert.Equal(["overdue inference"], await workflow.Unresolved()); // the first deadline that is missed; nothing has reported feature yet

        await workflow.EvaluateFor(TimeSpan.FromHours(4));
        Assert.Equal(["missed-run feature"], await workflow.Unresolved());

        await workflow.Execute("alter table passengers rename to hidden");
        Assert.Equal(RunStatus.Failed, (await workflow.Run(PipelineNames.Feature, TestWorkflow.FirstDay)).Status);
        await workflow.Execute("alter table hidden rename to passengers");
        await workflow.EvaluateUntilEnded();
        Assert.Equal(["failed-run feature 2026-03-01"], await workflow.Unresolved());
    }

    [Fact]
    public async Task A_deadline_before_the_limit_of_missed_runs_keeps_its_alert()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Schedule:Audit", Never));
        await workflow.CompleteFirstStart();
        await workflow.Edit(PipelineNames.Feature, values => values with { DeadlineMinutes = 60 });
        await workflow.Evaluate();

        await workflow.EvaluateFor(TimeSpan.FromHours(3));

        Assert.Equal(["overdue feature"], await workflow.Unresolved());
        Assert.Equal("Opened", await workflow.Events());
    }

    [Fact]
    public async Task Nothing_is_missed_or_overdue_while_a_pipeline_is_paused_and_the_time_counts_from_the_end_of_the_pause()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Schedule:Audit", Never));
        await workflow.CompleteFirstStart();
        await workflow.SimulateDay(TestWorkflow.FirstDay);
        await workflow.Pause(PipelineNames.Feature);
        await workflow.Evaluate();
        await workflow.EvaluateFor(TimeSpan.FromHours(32)); // until 2 March, 08:30; feature was due at 00:05
        Assert.Empty(await workflow.Unresolved()); // the later pipelines wait for it

        await workflow.Resume(PipelineNames.Feature);
        await workflow.EvaluateFor(TimeSpan.FromMinutes(116));
        Assert.Empty(await workflow.Unresolved());
        await workflow.EvaluateFor(TimeSpan.FromMinutes(8));
        Assert.Equal(["missed-run feature"], await workflow.Unresolved());
    }

    [Fact]
    public async Task A_time_that_the_policy_skips_and_one_before_the_edit_of_the_schedule_are_not_due()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Schedule:Audit", Never), ("Alerts:LateDataAfter", "1.00:00:00"));
        await workflow.CompleteFirstStart();
        await workflow.SimulateDay(TestWorkflow.FirstDay);
        await workflow.Edit(PipelineNames.Feature, values => values with { MissedRuns = MissedRunPolicy.Skip });
        await workflow.Pause(PipelineNames.Feature);
        workflow.Clock.Advance(TimeSpan.FromHours(25));
        await workflow.Resume(PipelineNames.Feature); // 2 March, 01:30
        await workflow.Edit(PipelineNames.Inference, values => values with { Cron = "0 1 * * *" });
        await workflow.Evaluate();

        await workflow.EvaluateFor(TimeSpan.FromHours(5));

        Assert.Empty(await workflow.Unresolved());
    }

    [Fact]
    public async Task Late_passengers_are_resolved_by_their_feature_run()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database, ("Alerts:LateDataAfter", "00:20:00"));
        await workflow.CompleteFirstStart();
        Assert.True(await workflow.Evaluate());

        await workflow.EvaluateFor(TimeSpan.FromMinutes(20));
        Assert.Equal(["late-data passengers"], await workflow.Unresolved());
        Assert.Equal(
            "The passengers of 2026-03-01 are not stored; their feature run was due at 2026-03-01 00:05 UTC. No feature run of a day has succeeded yet.",
            (await workflow.SingleAlert()).Message);

        await workflow.Run(PipelineNames.Feature, TestWorkflow.FirstDay);
        await workflow.EvaluateUntilEnded();
        Assert.Empty(await workflow.Unresolved());
    }

    [Fact]
    public async Task An_overdue_outcome_is_resolved_by_the_outcome()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database, ("Alerts:LateDataAfter", "00:01:00"), ("Stream:OutcomeDelayDays", "2"));
        var waiting = new Passenger("p", null, 3, Sex.Male, 20, 7, null);
        await workflow.Ingest("api", TestWorkflow.FirstDay.AddDays(-8), waiting with { SourceKey = "not due yet" });
        await workflow.EvaluateFor(TimeSpan.FromMinutes(8));
        Assert.Empty(await workflow.Unresolved());

        await workflow.Ingest("api", TestWorkflow.FirstDay.AddDays(-9), waiting);
        await workflow.Evaluate();
        Assert.Equal(["late-data outcomes"], await workflow.Unresolved());
        Assert.Equal(
            "1 outcome of passengers from 2026-02-20 to 2026-02-20 is not known 7 days after the expected delay of 2 days.", (await workflow.SingleAlert()).Message);

        await workflow.Ingest("api", TestWorkflow.FirstDay.AddDays(-9), waiting with { Survived = true });
        await workflow.EvaluateUntilEnded();
        Assert.Empty(await workflow.Unresolved());
    }

    [Fact]
    public async Task A_failed_run_is_resolved_by_a_later_run_of_its_date()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Execute("alter table passengers rename to hidden");
        var failed = await workflow.Run(PipelineNames.Inference, TestWorkflow.FirstDay);
        Assert.Equal(RunStatus.Failed, failed.Status);
        await workflow.Execute("alter table hidden rename to passengers");
        await workflow.Run(PipelineNames.Inference, TestWorkflow.FirstDay.AddDays(1));

        await workflow.Evaluate();
        Assert.Equal(["failed-run inference 2026-03-01"], await workflow.Unresolved());
        Assert.Equal($"/runs/{failed.RunId}", (await workflow.SingleAlert()).Link);

        workflow.Clock.Advance(TimeSpan.FromMinutes(1));
        await workflow.Run(PipelineNames.Inference, TestWorkflow.FirstDay);
        await workflow.EvaluateUntilEnded();
        Assert.Empty(await workflow.Unresolved());
    }

    [Fact]
    public async Task A_failed_training_is_replaced_by_one_of_a_later_date()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Execute("alter table passengers rename to hidden");
        Assert.Equal(RunStatus.Failed, (await workflow.Run(PipelineNames.Training, TestWorkflow.FirstDay)).Status);
        await workflow.Execute("alter table hidden rename to passengers");
        await workflow.Evaluate();
        Assert.Equal(["failed-run training 2026-03-01"], await workflow.Unresolved());

        workflow.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(RunStatus.Succeeded, (await workflow.Run(PipelineNames.Training, TestWorkflow.FirstDay.AddDays(1))).Status);
        await workflow.EvaluateUntilEnded();
        Assert.Empty(await workflow.Unresolved());
    }

    [Fact]
    public async Task A_stalled_queue_is_resolved_when_a_run_starts()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        var queued = await workflow.QueueRun(PipelineNames.Monitoring);
        await workflow.Evaluate();
        await workflow.EvaluateFor(TimeSpan.FromMinutes(14));
        Assert.Empty(await workflow.Unresolved());

        await workflow.EvaluateFor(TimeSpan.FromMinutes(1));
        Assert.Equal(["stalled-queue monitoring"], await workflow.Unresolved());
        Assert.Equal($"/runs/{queued.RunId}", (await workflow.SingleAlert()).Link);

        await workflow.Run(PipelineNames.Monitoring, TestWorkflow.FirstDay);
        await workflow.EvaluateUntilEnded();
        Assert.Empty(await workflow.Unresolved());
    }

    [Fact]
    public async Task A_damaged_champion_is_resolved_by_its_registered_bytes()
    {
        const string flipBit = "update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1)";
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Execute(flipBit);

        await workflow.Evaluate();
        Assert.Equal(["damaged-model version 1"], await workflow.Unresolved());

        await workflow.Execute(flipBit);
        await workflow.EvaluateUntilEnded();
        Assert.Empty(await workflow.Unresolved());
    }

    [Fact]
    public async Task Drift_and_accuracy_alarms_are_resolved_by_the_next_period()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database);
        await AddPeriod(database, TestWorkflow.FirstDay, isAlarm: true);

        await workflow.Evaluate();
        Assert.Equal(["accuracy accuracy", "drift age", "drift sex"], await workflow.Unresolved());

        await workflow.Execute("update drift_periods set ended_on = '2026-03-02'");
        await AddPeriod(database, TestWorkflow.FirstDay.AddDays(1), isAlarm: false);
        await workflow.EvaluateUntilEnded();
        Assert.Empty(await workflow.Unresolved());
    }

    /// <summary>A process that was away for a week: nothing is late before the missed days could be caught up.</summary>
    [Fact]
    public async Task Nothing_is_late_before_processes_run_again_for_the_grace()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Schedule:Audit", Never));
        await workflow.CompleteFirstStart();
        await workflow.SimulateDay(TestWorkflow.FirstDay);
        await workflow.QueueRun(PipelineNames.Feature);
        await workflow.EvaluateFor(TimeSpan.FromMinutes(8));

        workflow.Clock.Advance(TimeSpan.FromDays(7));
        await workflow.Evaluate();
        await workflow.EvaluateFor(TimeSpan.FromMinutes(12));
        Assert.Empty(await workflow.Unresolved());

        await workflow.EvaluateFor(TimeSpan.FromHours(2));
        Assert.Equal(["missed-run feature", "stalled-queue feature"], await workflow.Unresolved());
        Assert.Equal(
            "The feature run of 2026-03-08 was due at 2026-03-08 00:05 UTC and has not started.",
            await workflow.Scalar<string>("select message from alerts where rule = 'missed-run'"));
    }

    [Fact]
    public async Task Scheduled_times_before_the_end_of_the_first_start_are_not_due()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Alerts:MissedRunAfter", "00:10:00"), ("Alerts:LateDataAfter", "00:10:00"));
        await workflow.Execute(
            "insert into setup_progress (setup_progress_id, step, steps_done, steps_total, started_at) values (1, 'Starting', 0, 0, '2026-03-01 00:20Z')");
        Assert.False(await workflow.Evaluate());

        await workflow.Execute("update setup_progress set finished_at = '2026-03-01 00:30:01Z'");
        await workflow.Evaluate();
        await workflow.EvaluateFor(TimeSpan.FromHours(12));
        Assert.Empty(await workflow.Unresolved());
    }

    [Fact]
    public async Task A_stream_without_passengers_is_not_late()
    {
        await using var database = await postgres.CreateTrainedDatabase();
        await using var workflow = new TestWorkflow(database, ("Schedule:Audit", Never));
        await workflow.CompleteFirstStart();
        await workflow.SimulateDay(TestWorkflow.FirstDay);
        await workflow.Execute(
            """
            delete from predictions;
            delete from outcomes where passenger_id in (select passenger_id from passengers where source = 'synthetic');
            delete from passengers where source = 'synthetic';
            """);

        await workflow.Evaluate();
        await workflow.EvaluateFor(TimeSpan.FromHours(12));
        Assert.Empty(await workflow.Unresolved());
    }

    private static async Task AddPeriod(TestDatabase database, DateOnly day, bool isAlarm)
    {
        await using var db = database.NewContext();
        var period = new DriftPeriod
        {
            StartedOn = day,
            Reason = "A test.",
            ModelVersion = 1,
            HeldOutCorrect = 80,
            HeldOutRows = 100,
            Reference = new Dictionary<string, long[]>(),
            FalseAlarmRate = 0.05,
            HorizonDays = 90,
            AccuracyFalls = [0.1],
        };
        db.Add(period);
        await db.SaveChangesAsync(Cancellation);
        db.Add(new DriftLook
        {
            PeriodId = period.PeriodId,
            LogicalDate = day,
            Number = 1,
            ChampionVersion = 1,
            Delays = [],
            LogStatistics = [1],
            LogValue = 1,
            LogThreshold = 2,
            IsAccuracyAlarm = isAlarm,
            IsInputAlarm = isAlarm,
            Features = [.. ((string[])["age", "fare", "sex"]).Select(name => new FeatureLook(name, [1], [1], isAlarm && name != "fare" ? 10 : 1, 9))],
        });
        await db.SaveChangesAsync(Cancellation);
    }
}
