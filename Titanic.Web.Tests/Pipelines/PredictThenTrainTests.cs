using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Schedules;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>A training run that starts after an inference run, by the jobs that Hangfire's workers call.</summary>
public sealed class PredictThenTrainTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Workflow.Clock.MoveTo(Day);
        await Workflow.Ingest(PassengerSources.Api, Day, new Passenger("1", "Anna", 1, Sex.Female, 30, 80, true));
    }

    [Fact]
    public async Task Trains_on_the_passengers_that_inference_predicted()
    {
        var (inference, training) = await Enqueue();

        Assert.Equal((RunStatus.Queued, RunStatus.Queued), await Statuses(inference, training));
        Assert.Equal("inference", await Workflow.Scalar<string>("select string_agg(queue, ' ') from hangfire.jobqueue"));
        await RunJob(inference, training);
        Assert.Equal((RunStatus.Succeeded, RunStatus.Queued), await Statuses(inference, training));
        Assert.Equal(
            "inference training", await Workflow.Scalar<string>("select string_agg(queue, ' ' order by queue) from hangfire.jobqueue"));
        await RunJob(training, null);

        var run = await Workflow.StoredRun(training);
        Assert.StartsWith("Version 2 was trained on 1,310 rows", run.Summary, StringComparison.Ordinal);
        Assert.Equal((0L, RunTrigger.Button), (run.Counts["unused"], run.Trigger));
        Assert.Equal($"Waiting for inference run {inference}.", await Workflow.Scalar<string>($"select message from run_log where run_id = {training} order by run_log_line_id limit 1"));
        Assert.Equal(
            $"inference for 2026-03-01|training for 2026-03-01, after inference run {inference}",
            await Workflow.Scalar<string>("select string_agg(details, '|' order by id) from access.audit_log where who = 'a user' and what = 'run requested'"));
    }

    /// <summary>A worker that is killed after inference, or after queuing the training run, has its job executed again.</summary>
    [Fact]
    public async Task A_repeated_job_executes_no_run_twice()
    {
        var (inference, training) = await Enqueue();

        await RunJob(inference, training);
        await RunJob(inference, training);
        await RunJob(training, null);
        await RunJob(training, null);

        Assert.Equal((1, 1), ((await Workflow.StoredRun(inference)).Attempts, (await Workflow.StoredRun(training)).Attempts));
        Assert.Equal((1, 2), (await Workflow.Count("predictions"), await Workflow.Count("model_versions")));
    }

    [Fact]
    public async Task Training_fails_with_inference_and_starts_after_a_successful_retry()
    {
        var (inference, training) = await Enqueue();
        await Workflow.Execute("alter table predictions rename to predictions_elsewhere");

        await Assert.ThrowsAsync<PipelineFailedException>(() => RunJob(inference, training));
        var blocked = await Workflow.StoredRun(training);
        await Workflow.Execute("alter table predictions_elsewhere rename to predictions");
        await RunJob(inference, training);
        await RunJob(training, null);

        Assert.Equal((RunStatus.Failed, 0), (blocked.Status, blocked.Attempts));
        Assert.StartsWith($"Training was not started. The inference run {inference} failed: ", blocked.Error, StringComparison.Ordinal);
        var run = await Workflow.StoredRun(training);
        Assert.Equal((RunStatus.Succeeded, null), (run.Status, run.Error));
    }

    [Fact]
    public async Task Waits_while_another_run_of_the_pipeline_is_running()
    {
        var (inference, training) = await Enqueue();

        await using (await PipelineLock.TryAcquire(Workflow.Database.DataSource, PipelineNames.Inference, Cancellation))
            await RunJob(inference, training);

        Assert.Equal((RunStatus.Queued, RunStatus.Queued), await Statuses(inference, training));
        Assert.Equal(1, await Workflow.Count("hangfire.job", "statename = 'Scheduled' and invocationdata::text like '%RunWhenFree%'"));
        await RunJob(inference, training);
        Assert.Equal((RunStatus.Succeeded, RunStatus.Queued), await Statuses(inference, training));
    }

    [Fact]
    public async Task Only_training_takes_the_parameter()
    {
        var rejected = await Assert.ThrowsAsync<RunRejectedException>(() => Workflow.InScope<RunQueue, Run>(queue =>
            queue.Enqueue(new RunParameters(PipelineNames.Inference, PredictFirst: true), RunTrigger.Api, "a user", Cancellation)));

        Assert.Equal(
            ("predictFirst", "The inference pipeline takes no predictFirst; only training does."), (rejected.Field, rejected.Message));
        Assert.Equal(0, await Workflow.Count("runs", "status = 'Queued'"));
    }

    [Fact]
    public async Task A_run_after_an_upload_is_shared_by_uploads_until_it_starts()
    {
        var first = await EnqueueForUpload();
        var second = await EnqueueForUpload();
        await RunJob(first, null);
        var third = await EnqueueForUpload();
        Workflow.Clock.Advance(TimeSpan.FromMinutes(2));
        var fourth = await EnqueueForUpload();

        Assert.Equal(first, second);
        Assert.Equal(3, new[] { first, third, fourth }.Distinct().Count());
        Assert.Equal((RunTrigger.Upload, RunStatus.Succeeded), ((await Workflow.StoredRun(first)).Trigger, (await Workflow.StoredRun(first)).Status));
    }

    /// <summary>Otherwise the scheduled run of the day would be omitted, and the stream's passengers would wait for a day.</summary>
    [Fact]
    public async Task A_run_after_an_upload_does_not_replace_the_scheduled_run()
    {
        await Workflow.Run(PipelineNames.Feature, Day);
        await RunJob(await EnqueueForUpload(), null);

        var schedule = await Workflow.InScope<ScheduleReader, Schedule>(schedules => schedules.Read(PipelineNames.Inference, Cancellation));
        var (days, _) = await Workflow.InScope<CatchUp, (IReadOnlyList<DateOnly>, bool)>(catchUp => catchUp.PendingDates(schedule, Day, Cancellation));

        Assert.Equal([Day], days);
    }

    private async Task<(long Inference, long Training)> Enqueue()
    {
        var training = await Workflow.InScope<RunQueue, Run>(queue =>
            queue.Enqueue(new RunParameters(PipelineNames.Training, PredictFirst: true), RunTrigger.Button, "a user", Cancellation));
        var inference = await Workflow.Query(db => db.Runs.SingleAsync(run => run.Pipeline == PipelineNames.Inference, Cancellation));
        return (inference.RunId, training.RunId);
    }

    private async Task<long> EnqueueForUpload() =>
        (await Workflow.InScope<RunQueue, Run>(queue => queue.EnqueueInferenceFor(1, "a sender", Cancellation))).RunId;

    private Task<bool> RunJob(long run, long? training) => Workflow.InScope<PipelineJobs, bool>(async jobs =>
    {
        await jobs.RunWhenFree(run, training, Cancellation);
        return true;
    });

    private async Task<(RunStatus, RunStatus)> Statuses(long inference, long training) =>
        ((await Workflow.StoredRun(inference)).Status, (await Workflow.StoredRun(training)).Status);
}
