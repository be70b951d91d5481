using Hangfire;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Schedules;

namespace Titanic.Web.Tests.Pipelines.Schedules;

/// <summary>The schedules on a real database and Hangfire's real storage; the clock stands at 1 March 2026, 00:30.</summary>
public sealed class ScheduleEditorTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    [Fact]
    public async Task An_edit_changes_the_recurring_job_and_is_in_the_audit_log_with_the_values_before_and_after()
    {
        await Workflow.InstallSchedules();

        var schedule = await Workflow.Edit(PipelineNames.Training, _ => new("0 6 * * MON-FRI", null, OverlapPolicy.Queue, MissedRunPolicy.Skip));

        Assert.Equal((1, "ann", Workflow.Now), (schedule.Version, schedule.Stored!.ChangedBy, schedule.Stored.ChangedAt));
        Assert.Equal("0 6 * * MON-FRI", await Workflow.RegisteredCron(PipelineNames.Training));
        Assert.Equal("15 0 * * *", new PipelineSchedule().Training);
        Assert.Equal(
            "ann schedule changed training cron: 15 0 * * * to 0 6 * * MON-FRI; deadline: 240 minutes to none; overlap: Skip to Queue; missed runs: Latest to Skip",
            await Workflow.Scalar<string>("select concat_ws(' ', who, what, subject, details) from access.audit_log"));
    }

    [Fact]
    public async Task An_edit_without_a_change_is_not_recorded()
    {
        Assert.Equal(0, (await Workflow.Edit(PipelineNames.Training, values => values)).Version);

        Assert.Equal((0, 0), (await Workflow.Count("schedules"), await Workflow.Count("access.audit_log")));
    }

    [Fact]
    public async Task A_process_with_other_settings_does_not_overwrite_the_stored_schedule()
    {
        await using var other = new TestWorkflow(Database, ("Schedule:Feature", "0 9 * * *"), ("Schedule:Audit", "0 10 * * *"));
        await Workflow.InstallSchedules();
        await Workflow.Edit(PipelineNames.Feature, values => values with { Cron = "0 7 * * *" });

        await other.InstallSchedules();

        Assert.Equal("0 7 * * *", await Workflow.RegisteredCron(PipelineNames.Feature));
        Assert.Equal("0 10 * * *", await Workflow.RegisteredCron(PipelineNames.Audit)); // not edited: its settings apply
        Assert.Equal("0 7 * * *", (await other.ReadSchedule(PipelineNames.Feature)).Values.Cron);
    }

    /// <summary>A process of an earlier version registers the schedule of its settings.</summary>
    [Fact]
    public async Task The_repair_restores_a_recurring_job_that_differs_from_the_stored_schedule()
    {
        await Workflow.Edit(PipelineNames.Feature, values => values with { Cron = "0 7 * * *" });
        Workflow.GetRequired<IRecurringJobManager>().AddOrUpdate<PipelineJobs>(
            PipelineNames.Feature, job => job.RunOwedDays(PipelineNames.Feature, null, CancellationToken.None), "5 0 * * *", new RecurringJobOptions());
        Assert.Equal("5 0 * * *", await Workflow.RegisteredCron(PipelineNames.Feature));

        await Workflow.InstallSchedules(onlyEdited: true);

        Assert.Equal("0 7 * * *", await Workflow.RegisteredCron(PipelineNames.Feature));
        Assert.Equal(1, await Workflow.Count("hangfire.set", "key = 'recurring-jobs'"));
    }

    [Fact]
    public async Task One_of_several_edits_of_the_same_version_is_stored()
    {
        var edits = await Task.WhenAll(Enumerable.Range(1, 8).Select(async hour =>
        {
            try
            {
                await Workflow.Edit(PipelineNames.Audit, values => values with { Cron = $"0 {hour} * * *" }, version: 0);
                return true;
            }
            catch (ScheduleRejectedException rejected) when (rejected.Status == 409)
            {
                return false;
            }
        }));

        Assert.Single(edits, isStored => isStored);
        Assert.Equal(1, await Workflow.Count("access.audit_log", "what = 'schedule changed'"));
        Assert.Equal((await Workflow.ReadSchedule(PipelineNames.Audit)).Values.Cron, await Workflow.RegisteredCron(PipelineNames.Audit));
    }

    [Fact]
    public async Task A_paused_pipeline_starts_no_run_and_a_request_still_does()
    {
        await Workflow.Pause(PipelineNames.Feature);

        await Workflow.Tick(PipelineNames.Feature);
        Assert.Equal(0, await Workflow.Count("runs"));

        Assert.Equal(RunStatus.Succeeded, (await Workflow.Run(PipelineNames.Feature, Day)).Status);
        Assert.Equal(
            "ann schedule paused feature The source is being repaired.", await Workflow.Scalar<string>("select concat_ws(' ', who, what, subject, details) from access.audit_log"));
    }

    [Theory]
    [InlineData(MissedRunPolicy.All, "2 3 4")]
    [InlineData(MissedRunPolicy.Latest, "4")]
    [InlineData(MissedRunPolicy.Skip, "")]
    public async Task Resuming_runs_the_missed_dates_of_the_policy(MissedRunPolicy policy, string expectedDays)
    {
        await Workflow.Edit(PipelineNames.Feature, values => values with { MissedRuns = policy });
        await Workflow.Run(PipelineNames.Feature, Day);
        await Workflow.Pause(PipelineNames.Feature);
        Workflow.Clock.MoveTo(Day.AddDays(3));
        await Workflow.Tick(PipelineNames.Feature);

        await Workflow.Resume(PipelineNames.Feature);

        var queued = await Workflow.Count("hangfire.jobqueue", "queue = 'features'");
        Assert.Equal(policy == MissedRunPolicy.Skip ? 0 : 1, queued);
        if (queued > 0)
            await Workflow.Tick(PipelineNames.Feature);
        var days = await Workflow.Query(db => db.Runs.Where(run => run.Trigger == RunTrigger.Schedule).OrderBy(run => run.RunId).Select(run => run.LogicalDate!.Value.Day)
            .ToListAsync(TestWorkflow.Cancellation));
        Assert.Equal(expectedDays, string.Join(' ', days));
        Assert.Equal(
            "paused since 2026-03-01 00:30 UTC by ann: The source is being repaired.",
            await Workflow.Scalar<string>("select details from access.audit_log where who = 'ben' and what = 'schedule resumed'"));
    }

    [Fact]
    public async Task Resuming_before_the_next_scheduled_time_runs_nothing()
    {
        await Workflow.Pause(PipelineNames.Feature);
        Workflow.Clock.Advance(TimeSpan.FromHours(1));

        await Workflow.Resume(PipelineNames.Feature);

        Assert.Equal(0, await Workflow.Count("hangfire.jobqueue"));
    }

    [Fact]
    public async Task A_pause_needs_a_reason_and_the_state_must_fit()
    {
        Assert.Equal("The reason is empty; it must be a text of 1 to 500 characters.", (await Rejected(() => Workflow.Pause(PipelineNames.Audit, " "))).Message);
        Assert.Equal(400, (await Rejected(() => Workflow.Pause(PipelineNames.Audit, new string('x', 501)))).Status);
        Assert.Equal(409, (await Rejected(() => Workflow.Resume(PipelineNames.Audit))).Status);
        Assert.Equal(404, (await Rejected(() => Workflow.Pause("baking"))).Status);
        await Workflow.Pause(PipelineNames.Audit);
        var again = await Rejected(() => Workflow.Pause(PipelineNames.Audit, "Another reason."));
        Assert.Equal((409, "The audit pipeline has been paused since 2026-03-01 00:30 UTC: The source is being repaired."), (again.Status, again.Message));
    }

    [Fact]
    public async Task Invalid_values_are_all_named_and_change_nothing()
    {
        var rejected = await Rejected(() => Workflow.InScope<ScheduleEditor, Schedule>(
            editor => editor.Update(PipelineNames.Audit, new("61 0 * * *", "0", "wait", null), null, "ann", TestWorkflow.Cancellation)));

        Assert.Equal(["cron", "deadlineMinutes", "missedRuns", "overlap"], rejected.Errors.Keys.Order());
        Assert.Equal("The deadline in minutes is \"0\"; it must be a whole number between 1 and 10,080, or empty for none.", rejected.Errors["deadlineMinutes"]);
        Assert.Equal("The policy for overlapping runs is \"wait\"; it must be skip or queue.", rejected.Errors["overlap"]);
        Assert.Equal(0, await Workflow.Count("schedules"));
    }

    [Fact]
    public async Task A_run_that_is_due_while_another_one_runs_is_skipped_by_default()
    {
        await using (await Busy())
            await Workflow.Tick(PipelineNames.Feature);

        Assert.Equal("Skipped", await Workflow.Scalar<string>("select status from runs"));
        Assert.Equal(0, await Workflow.Count("hangfire.job"));
        await Workflow.Tick(PipelineNames.Feature); // the next scheduled time
        Assert.Equal(1, await Workflow.Count("runs", "status = 'Succeeded'"));
    }

    [Fact]
    public async Task A_run_that_is_due_while_another_one_runs_waits_if_the_policy_is_to_queue_it()
    {
        await Workflow.Edit(PipelineNames.Feature, values => values with { Overlap = OverlapPolicy.Queue });
        await using (await Busy())
        {
            await Workflow.Tick(PipelineNames.Feature);
            await Workflow.Tick(PipelineNames.Feature); // the next scheduled time: one run of a date waits
        }

        Assert.Equal("Queued", await Workflow.Scalar<string>("select status from runs"));
        Assert.Equal(1, await Workflow.Count("hangfire.job", "statename = 'Scheduled' and invocationdata ->> 'Method' = 'RunWhenFree'"));
        await Workflow.InScope<PipelineJobs, bool>(async jobs =>
        {
            await jobs.RunWhenFree(1, null, TestWorkflow.Cancellation);
            return true;
        });
        Assert.Equal("Succeeded", await Workflow.Scalar<string>("select status from runs"));
    }

    [Fact]
    public async Task Several_missed_dates_wait_in_order()
    {
        await Workflow.Edit(PipelineNames.Feature, values => values with { Overlap = OverlapPolicy.Queue });
        await Workflow.Run(PipelineNames.Feature, Day);
        Workflow.Clock.MoveTo(Day.AddDays(3));
        await using (await Busy())
            await Workflow.Tick(PipelineNames.Feature);

        Assert.Equal("[2, 3, 4]", (await Workflow.Scalar<string>(
            "select arguments ->> 0 from hangfire.job where statename = 'Scheduled' and invocationdata ->> 'Method' = 'RunInOrder'")).Replace(",", ", ", StringComparison.Ordinal));
        Assert.Equal("2 3 4", await Workflow.Scalar<string>("select string_agg(extract(day from logical_date)::text, ' ' order by run_id) from runs where status = 'Queued'"));
    }

    /// <summary>A real Hangfire server that starts after a scheduled time, on 1 January.</summary>
    [Theory]
    [InlineData(MissedRunPolicy.Skip, 0)]
    [InlineData(MissedRunPolicy.All, 1)]
    public async Task A_scheduled_time_without_a_process_starts_a_job_unless_the_policy_is_to_skip_it(MissedRunPolicy policy, int expectedJobs)
    {
        await Workflow.Edit(PipelineNames.Audit, values => values with { Cron = "0 0 1 1 *", MissedRuns = policy });
        var missed = new DateTimeOffset(DateTime.UtcNow.Year, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await Workflow.Execute(
            $"""
            update hangfire.hash set value = '{missed.ToUnixTimeMilliseconds()}' where key = 'recurring-job:audit' and field = 'NextExecution';
            update hangfire.hash set value = '{missed.AddDays(-1).ToUnixTimeMilliseconds()}' where key = 'recurring-job:audit' and field = 'CreatedAt';
            update hangfire.set set score = {missed.ToUnixTimeSeconds()} where key = 'recurring-jobs' and value = 'audit';
            """);

        using (new BackgroundJobServer(
            new BackgroundJobServerOptions { Queues = ["none"], WorkerCount = 1, SchedulePollingInterval = TimeSpan.FromSeconds(1) }, Workflow.GetRequired<JobStorage>()))
        {
            await Eventually.True(
                async () => await Workflow.Count("hangfire.hash", $"key = 'recurring-job:audit' and field = 'NextExecution' and value::bigint > {DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}") == 1,
                "the server has handled the missed time");
        }

        Assert.Equal(expectedJobs, await Workflow.Count("hangfire.job"));
    }

    private Task<IAsyncDisposable> Busy() => Busy(Workflow.GetRequired<NpgsqlDataSource>());

    /// <summary>Another run of the feature pipeline is in progress.</summary>
    private static async Task<IAsyncDisposable> Busy(NpgsqlDataSource data) =>
        await PipelineLock.TryAcquire(data, PipelineNames.Feature, TestWorkflow.Cancellation) ?? throw new InvalidOperationException("The pipeline is running.");

    private static Task<ScheduleRejectedException> Rejected(Func<Task> action) => Assert.ThrowsAsync<ScheduleRejectedException>(action);
}
