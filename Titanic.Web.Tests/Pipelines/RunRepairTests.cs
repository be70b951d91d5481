using Hangfire;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Records of runs without a process or without a job, on Hangfire's real storage. <see cref="KilledRunTests"/> kills processes.</summary>
public sealed class RunRepairTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    [Fact]
    public async Task Queues_a_job_for_a_queued_run_without_one_and_only_once()
    {
        var run = await Queue(RunTrigger.Api);
        await Repair();
        Assert.Equal(0, await Workflow.Count("hangfire.jobqueue")); // its process may be about to queue the job

        Workflow.Clock.Advance(TimeSpan.FromMinutes(1));
        await Repair();
        await Repair();

        Assert.Equal(1, await Workflow.Count("hangfire.jobqueue", "queue = 'features'"));
        Assert.Equal($"{run.RunId}", await Workflow.Scalar<string>("select arguments ->> 0 from hangfire.job"));
        await Workflow.InScope<PipelineJobs, bool>(async jobs =>
        {
            await jobs.RunWhenFree(run.RunId, null, Cancellation);
            return true;
        });
        Assert.Equal(RunStatus.Succeeded, (await Workflow.StoredRun(run.RunId)).Status);
    }

    [Fact]
    public async Task Queues_no_job_for_a_run_that_has_one()
    {
        await Workflow.InScope<RunQueue, Run>(queue => queue.Enqueue(new RunParameters(PipelineNames.Training, PredictFirst: true), RunTrigger.Button, "a user", Cancellation));
        Workflow.Clock.Advance(TimeSpan.FromMinutes(1));

        await Repair();

        Assert.Equal(1, await Workflow.Count("hangfire.jobqueue")); // the job of inference starts training
    }

    [Fact]
    public async Task Queues_training_after_the_inference_run_that_may_belong_to_it()
    {
        await Queue(RunTrigger.Button, PipelineNames.Inference);
        await Queue(RunTrigger.Button, PipelineNames.Training);
        Workflow.Clock.Advance(TimeSpan.FromMinutes(1));
        await Repair();
        Assert.Equal("inference", await Workflow.Scalar<string>("select string_agg(queue, ' ') from hangfire.jobqueue"));

        await Workflow.Execute("update runs set status = 'Succeeded' where pipeline = 'inference'");
        await Repair();

        Assert.Equal("inference training", await Workflow.Scalar<string>("select string_agg(queue, ' ' order by queue) from hangfire.jobqueue"));
    }

    [Theory]
    [InlineData(RunTrigger.Schedule, "It continues by itself.", true)]
    [InlineData(RunTrigger.Upload, "It continues by itself.", true)]
    [InlineData(RunTrigger.CommandLine, "Run it again.", false)]
    [InlineData(RunTrigger.Bootstrap, "The first start continues with a new run.", false)]
    public async Task Continues_interrupted_runs_that_were_queued(RunTrigger trigger, string next, bool continues)
    {
        var run = await Queue(trigger);
        await Workflow.Execute("update runs set status = 'Running', attempts = 1, started_at = now()");

        await Repair();

        var interrupted = await Workflow.StoredRun(run.RunId);
        Assert.Equal(
            (RunStatus.Interrupted, 1, $"The process or its database connection ended before the run completed. {next}", Workflow.Now),
            (interrupted.Status, interrupted.Interruptions, interrupted.Error, interrupted.EndedAt));
        Assert.Equal(continues, interrupted.WillContinue);
        Assert.Equal(continues ? 1 : 0, await Workflow.Count("hangfire.jobqueue"));
        Assert.Equal(continues, RunRules.FindRepetitionError(interrupted) is not null);
        Assert.Equal(1, await Workflow.Count("run_log", "message like 'Attempt 1: The process%' and not is_error"));
    }

    [Fact]
    public async Task Does_not_start_a_run_again_that_was_interrupted_three_times()
    {
        var run = await Queue(RunTrigger.Api);
        await Workflow.Execute("update runs set status = 'Running', attempts = 3, interruptions = 2, started_at = now()");

        await Repair();
        await Workflow.GetRequired<PipelineRunner>().Run(run.RunId, Cancellation);
        await Workflow.InScope<PipelineJobs, bool>(async jobs =>
        {
            await jobs.RunQueued(run.RunId, Cancellation); // the job is delivered again
            return true;
        });

        var quarantined = await Workflow.StoredRun(run.RunId);
        Assert.Equal(
            (RunStatus.Failed, 3, "The process or its database connection ended 3 times during this run; it is not started again automatically."),
            (quarantined.Status, quarantined.Attempts, quarantined.Error));
        Assert.Equal(0, await Workflow.Count("hangfire.jobqueue"));
        Assert.Null(RunRules.FindRepetitionError(quarantined));
    }

    [Fact]
    public async Task Releases_the_jobs_of_an_ended_server_but_not_those_of_a_living_one()
    {
        await Queue(RunTrigger.Api);
        Workflow.Clock.Advance(TimeSpan.FromMinutes(1));
        await Repair();
        await Workflow.Execute(
            """
            insert into hangfire.server (id, data, lastheartbeat) values ('ended', '{}', now() - interval '1 minute'), ('living', '{}', now());
            update hangfire.jobqueue set fetchedat = now();
            with processing as (insert into hangfire.state (jobid, name, createdat, data) select id, 'Processing', now() + interval '1 hour', '{"ServerId": "living"}' from hangfire.job returning id)
            update hangfire.job set statename = 'Processing', stateid = (select id from processing)
            """);
        await Repair();
        Assert.Equal(1, await Workflow.Count("hangfire.jobqueue", "fetchedat is not null"));

        await Workflow.Execute("""update hangfire.state set data = '{"ServerId": "ended"}' where name = 'Processing'""");
        await Repair();

        Assert.Equal(1, await Workflow.Count("hangfire.jobqueue", "fetchedat is null"));
    }

    [Fact]
    public async Task Releases_the_job_of_a_living_server_that_does_not_start_its_run()
    {
        var run = await Queue(RunTrigger.Api);
        Workflow.Clock.Advance(TimeSpan.FromMinutes(1));
        await Repair();
        await Workflow.Execute(
            """
            insert into hangfire.server (id, data, lastheartbeat) values ('living', '{}', now());
            update hangfire.jobqueue set fetchedat = now();
            with processing as (insert into hangfire.state (jobid, name, createdat, data) select id, 'Processing', now() - interval '1 minute', '{"ServerId": "living"}' from hangfire.job returning id)
            update hangfire.job set statename = 'Processing', stateid = (select id from processing)
            """);
        await Workflow.Execute($"update runs set status = 'Skipped' where run_id = {run.RunId}");
        await Repair();
        Assert.Equal(1, await Workflow.Count("hangfire.jobqueue", "fetchedat is not null"));

        await Workflow.Execute($"update runs set status = 'Queued' where run_id = {run.RunId}");
        await Repair();

        Assert.Equal(1, await Workflow.Count("hangfire.jobqueue", "fetchedat is null"));
    }

    [Fact]
    public async Task Cancels_a_run_whose_job_was_deleted()
    {
        var run = await Workflow.InScope<RunQueue, Run>(queue => queue.Enqueue(new RunParameters(PipelineNames.Feature), RunTrigger.Button, "a user", Cancellation));
        Workflow.GetRequired<IBackgroundJobClient>().Delete(await Workflow.Scalar<string>("select id::text from hangfire.job"));

        await Repair();

        Assert.Equal((RunStatus.Cancelled, "The job of the run was deleted."), ((await Workflow.StoredRun(run.RunId)).Status, (await Workflow.StoredRun(run.RunId)).Error));
    }

    private Task<Run> Queue(RunTrigger trigger, string pipeline = PipelineNames.Feature) =>
        Workflow.GetRequired<PipelineRunner>().Queue(new RunRequest(pipeline, Day, trigger), null, Cancellation);

    private Task Repair() => Workflow.GetRequired<RunRepair>().Repair(Cancellation);
}
