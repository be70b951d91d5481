using Hangfire;
using Hangfire.Common;
using Hangfire.Server;
using Hangfire.States;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>The jobs that Hangfire's workers call, on Hangfire's real storage.</summary>
public sealed class PipelineJobsTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    [Fact]
    public async Task Runs_every_missed_day_oldest_first()
    {
        await Workflow.Run(PipelineNames.Feature, Day);
        Workflow.Clock.MoveTo(Day.AddDays(3));

        await Tick(PipelineNames.Feature);

        var runs = await Workflow.Query(db => db.Runs.Where(r => r.Trigger == RunTrigger.Schedule).OrderBy(r => r.RunId).ToListAsync(Cancellation));
        Assert.Equal([Day.AddDays(1), Day.AddDays(2), Day.AddDays(3)], runs.Select(run => run.LogicalDate!.Value));
        Assert.All(runs, run => Assert.Equal(RunStatus.Succeeded, run.Status));
    }

    [Fact]
    public async Task Schedules_a_retry_when_the_upstream_pipeline_has_not_finished()
    {
        await Tick(PipelineNames.Inference);

        Assert.Equal(0, await Workflow.Count("runs"));
        Assert.Equal(1, await Workflow.Count("hangfire.set", "key = 'schedule'"));
        Assert.Equal(1, await Workflow.Count("hangfire.job", "statename = 'Scheduled' and arguments::text like '%inference%'"));
    }

    [Fact]
    public async Task A_retried_job_continues_its_run_record()
    {
        await Workflow.Run(PipelineNames.Feature, Day);
        var job = CreateJob();
        var failure = await Assert.ThrowsAsync<PipelineFailedException>(() => Tick(PipelineNames.Inference, job));
        Assert.Contains("inference run 2 failed: There is no champion model yet.", failure.Message);
        await Workflow.ImportAndTrain();

        await Tick(PipelineNames.Inference, job);

        var run = await Workflow.Query(db => db.Runs.SingleAsync(r => r.Pipeline == PipelineNames.Inference, Cancellation));
        Assert.Equal((RunStatus.Succeeded, 2), (run.Status, run.Attempts));
    }

    [Fact]
    public async Task A_requested_run_waits_in_the_queue_of_its_pipeline()
    {
        var run = await Workflow.InScope<RunQueue, Run>(queue => queue.Enqueue(new RunParameters(PipelineNames.Feature, "2026-03-01"), RunTrigger.Button, "a user", Cancellation));

        Assert.Equal(RunStatus.Queued, (await Workflow.StoredRun(run.RunId)).Status);
        Assert.Equal(1, await Workflow.Count("hangfire.jobqueue", "queue = 'features'"));
        Assert.Equal(
            1, await Workflow.Count("access.audit_log", $"who = 'a user' and what = 'run requested' and subject = 'run {run.RunId}'"));
        await Workflow.InScope<PipelineJobs, bool>(async jobs =>
        {
            await jobs.RunQueued(run.RunId, Cancellation);
            return true;
        });
        Assert.Equal((RunStatus.Succeeded, RunTrigger.Button), ((await Workflow.StoredRun(run.RunId)).Status, (await Workflow.StoredRun(run.RunId)).Trigger));
    }

    [Theory]
    [InlineData("baking", null, null, "pipeline", "There is no pipeline \"baking\"; there are feature, inference, training, monitoring, audit.")]
    [InlineData("feature", "1.3.2026", null, "date", "The date is \"1.3.2026\"; it must be a date such as 2026-11-23.")]
    [InlineData("feature", "9999-01-01", null, "date", "The date is 9999-01-01; it must not be after today")]
    [InlineData("feature", null, "fast-tree", "challenger", "The feature pipeline takes no alternative algorithm; only training does.")]
    [InlineData("training", null, "oracle", "challenger", "There is no alternative algorithm \"oracle\"; there are logistic-regression, fast-tree, light-gbm.")]
    public async Task Rejects_an_invalid_request_and_queues_nothing(string pipeline, string? date, string? alternative, string field, string problem)
    {
        var rejected = await Assert.ThrowsAsync<RunRejectedException>(() =>
            Workflow.InScope<RunQueue, Run>(queue => queue.Enqueue(new RunParameters(pipeline, date, Alternative: alternative), RunTrigger.Button, "a user", Cancellation)));

        Assert.Equal(field, rejected.Field);
        Assert.StartsWith(problem, rejected.Message, StringComparison.Ordinal);
        Assert.Equal(0, await Workflow.Count("runs"));
    }

    private Task<bool> Tick(string pipeline, BackgroundJob? job = null) => Workflow.InScope<PipelineJobs, bool>(async jobs =>
    {
        using var connection = Workflow.GetRequired<JobStorage>().GetConnection();
        var context = job is null ? null : new PerformContext(Workflow.GetRequired<JobStorage>(), connection, job, new JobCancellationToken(false));
        await jobs.RunOwedDays(pipeline, context, Cancellation);
        return true;
    });

    private BackgroundJob CreateJob()
    {
        var job = Job.FromExpression<PipelineJobs>(jobs => jobs.RunOwedDays(PipelineNames.Inference, null, CancellationToken.None));
        return new BackgroundJob(Workflow.GetRequired<IBackgroundJobClient>().Create(job, new ScheduledState(TimeSpan.FromDays(1))), job, Workflow.Now.UtcDateTime);
    }
}
