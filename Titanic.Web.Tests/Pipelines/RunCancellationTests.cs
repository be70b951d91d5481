using System.Diagnostics;
using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Ingest;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Runs that a user cancels. The user's request comes through another process than the one that executes the run.</summary>
public sealed class RunCancellationTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private const string CommitLock = "select pg_advisory_xact_lock(hashtextextended('titanic_passengers', 0))";
    private const string CanceledByUser = "Canceled by an operator. ";

    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    /// <summary>Each long part of each pipeline: waiting for the database, or computing.</summary>
    [Theory]
    [InlineData("feature", CommitLock, "Store the passengers")]
    [InlineData("backfill", CommitLock, "Validate and store the rows")]
    [InlineData("inference", "lock table predictions in share mode", "Predict the passengers without a prediction")]
    [InlineData("monitoring", "lock table rollup_state in share mode", "Count predictions and outcomes by day")]
    [InlineData("audit", "lock table reproductions in share mode", "Reproduce version 1")]
    public async Task A_run_that_waits_for_the_database_stops(string pipeline, string blockingSql, string step)
    {
        if (pipeline == PipelineNames.Inference)
            await Workflow.Run(PipelineNames.Feature, Day);
        var (commits, predictions) = (await Workflow.Count("commits"), await Workflow.Count("predictions"));
        await using var connection = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using (var block = new NpgsqlCommand(blockingSql, connection))
            await block.ExecuteNonQueryAsync(Cancellation);

        var isBackfill = pipeline == "backfill";
        var run = await CancelAt(Workflow, new RunRequest(
            isBackfill ? PipelineNames.Feature : pipeline, Day, RunTrigger.Schedule, isBackfill ? await NewList() : null), step);

        await transaction.RollbackAsync(Cancellation);
        Assert.Equal(
            CanceledByUser + (pipeline == PipelineNames.Monitoring ? "The metrics of completed steps were kept; the next run computes the others." : "Nothing was stored."), run.Error);
        Assert.Equal((commits, predictions, 0L), (await Workflow.Count("commits"), await Workflow.Count("predictions"), await Workflow.Count("reproductions")));
    }

    [Theory]
    [InlineData("Select the hyperparameters", "Training:Selection:Repeats", "200", "Training:Selection:Folds", "5")]
    [InlineData("Compare with other algorithms", "Training:Challengers:Repeats", "100", "Training:Selection:Enabled", "false")]
    public async Task Training_stops_while_it_computes(string step, string setting, string value, string otherSetting, string otherValue)
    {
        await Workflow.Run(PipelineNames.Feature, Day);
        await Workflow.Run(PipelineNames.Inference, Day);
        await using var slow = new TestWorkflow(Database, Workflow.Clock, (setting, value), (otherSetting, otherValue));

        var run = await CancelAt(slow, new RunRequest(PipelineNames.Training, Day, RunTrigger.Button), step);

        Assert.Equal($"{CanceledByUser}Nothing was stored.", run.Error);
        Assert.Equal((1L, 1L), (await Workflow.Count("model_versions"), await Workflow.Count("training_datasets")));
    }

    [Fact]
    public async Task An_upload_stops_while_rows_are_read()
    {
        var running = Workflow.InScope<Uploads, UploadResult>(uploads => uploads.Ingest(
            new Upload(new EndlessRows(), PassengerSources.Upload, IngestionPolicy.Always, RunTrigger.Api, "a sender") { FileName = "endless.csv" }, Cancellation));
        await Eventually.True(async () => running.IsCompleted || await IsAt("Read the rows"), "rows are read");
        Assert.False(running.IsCompleted);

        await Cancel(await Newest());

        var run = await Workflow.StoredRun((await running).Run.RunId);
        Assert.True(run.IsCanceledByUser);
        Assert.Equal(("a sender", "endless.csv", $"{CanceledByUser}Nothing was stored."), (run.RequestedBy, run.FileName, run.Error));
        Assert.Equal(1, await Workflow.Count("commits"));
    }

    [Fact]
    public async Task Predictions_that_are_stored_stay()
    {
        await Workflow.Run(PipelineNames.Feature, Day);
        var running = Workflow.GetRequired<PipelineRunner>().RunConcurrent(new RunRequest(PipelineNames.Inference, Day, RunTrigger.Button, "a test"), async (run, stop) =>
        {
            run.Step("First part");
            await Workflow.InScope<BatchInference, (int, int?)>(batch => batch.PredictUnpredicted(Day, run.RunId, stop));
            run.Step("Second part");
            await Task.Delay(Timeout.Infinite, stop);
            return "";
        }, Cancellation);
        await UntilAt("Second part");

        await Cancel(await Newest());

        Assert.Equal($"{CanceledByUser}Kept: 10 predictions.", (await running).Error);
        Assert.Equal(10, await Workflow.Count("predictions"));
    }

    [Fact]
    public async Task A_queued_run_is_canceled_at_once_and_never_executed()
    {
        var queued = await Workflow.InScope<RunQueue, Run>(queue => queue.Enqueue(new RunParameters(PipelineNames.Feature, "2026-03-01"), RunTrigger.Button, "a user", Cancellation));

        await Cancel(queued.RunId);

        var canceled = await Workflow.StoredRun(queued.RunId);
        Assert.Equal((RunStatus.Cancelled, "an operator", 0), (canceled.Status, canceled.CancelRequestedBy, canceled.Attempts));
        Assert.Equal("Canceled by an operator. No process executed the run.", canceled.DescribeError(isOperator: true));
        Assert.NotNull(canceled.EndedAt);
        Assert.Equal(1, await Workflow.Count("access.audit_log", $"who = 'an operator' and what = 'run canceled' and subject = 'run {queued.RunId}'"));

        await Execute(jobs => jobs.RunQueued(queued.RunId, Cancellation));
        await Execute(jobs => jobs.RunWhenFree(queued.RunId, null, Cancellation));
        Assert.Equal((RunStatus.Cancelled, 0), ((await Workflow.StoredRun(queued.RunId)).Status, (await Workflow.StoredRun(queued.RunId)).Attempts));
        Assert.Equal(0, await Workflow.Count("hangfire.set", "key = 'schedule'"));
    }

    [Fact]
    public async Task A_run_of_a_killed_process_is_canceled_at_once()
    {
        var queued = await Workflow.GetRequired<PipelineRunner>().Queue(new RunRequest(PipelineNames.Feature, Day, RunTrigger.Button), null, Cancellation);
        await Workflow.Execute($"update runs set status = 'Running', started_at = now() where run_id = {queued.RunId}");

        Assert.Equal(RunStatus.Cancelled, (await Cancel(queued.RunId)).Status);
    }

    [Fact]
    public async Task A_run_that_has_ended_cannot_be_canceled()
    {
        var ended = await Workflow.Run(PipelineNames.Feature, Day);

        var (run, error) = await Workflow.InScope<RunCancellation, (Run?, string?)>(cancellations => cancellations.Request(ended.RunId, "an operator", Cancellation));

        Assert.Null(run);
        Assert.Equal($"Run {ended.RunId} has ended with the status succeeded; only a queued, running or interrupted run can be canceled.", error);
        Assert.Equal(0, await Workflow.Count("access.audit_log", "what = 'run canceled'"));
    }

    [Fact]
    public async Task Training_that_waits_for_a_canceled_inference_run_does_not_start()
    {
        var training = await Workflow.InScope<RunQueue, Run>(queue =>
            queue.Enqueue(new RunParameters(PipelineNames.Training, PredictFirst: true), RunTrigger.Button, "a user", Cancellation));
        var inference = training.RunId - 1;
        await Cancel(inference);

        await Execute(jobs => jobs.RunWhenFree(inference, training.RunId, Cancellation));

        var blocked = await Workflow.StoredRun(training.RunId);
        Assert.Equal((RunStatus.Failed, $"Training was not started. The inference run {inference} was canceled."), (blocked.Status, blocked.Error));
    }

    [Fact]
    public async Task The_schedule_does_not_run_a_canceled_day_again_but_a_user_can()
    {
        await Workflow.Run(PipelineNames.Feature, Day);
        Workflow.Clock.MoveTo(Day.AddDays(1));
        var scheduled = await Workflow.GetRequired<PipelineRunner>().Queue(new RunRequest(PipelineNames.Feature, Day.AddDays(1), RunTrigger.Schedule), null, Cancellation);
        await Cancel(scheduled.RunId);

        await Execute(jobs => jobs.RunOwedDays(PipelineNames.Feature, null, Cancellation));
        Assert.Equal(scheduled.RunId, await Newest());

        Workflow.Clock.MoveTo(Day.AddDays(2));
        await Execute(jobs => jobs.RunOwedDays(PipelineNames.Feature, null, Cancellation));
        Assert.Equal([Day, Day.AddDays(2)], await SucceededDays());

        var again = await Workflow.InScope<RunQueue, Run>(queue => queue.EnqueueAgain(scheduled, RunTrigger.Button, "a user", Cancellation));
        await Execute(jobs => jobs.RunQueued(again.RunId, Cancellation));
        Assert.Equal([Day, Day.AddDays(1), Day.AddDays(2)], await SucceededDays());
    }

    private Task<List<DateOnly>> SucceededDays() => Workflow.Query(db => Task.FromResult(db.Runs
        .Where(run => run.Pipeline == PipelineNames.Feature && run.Status == RunStatus.Succeeded && run.LogicalDate != null)
        .Select(run => run.LogicalDate!.Value).Distinct().Order().ToList()));

    /// <summary>Starts a run in a process, cancels it through another process when the step is stored, and waits for its end.</summary>
    private async Task<Run> CancelAt(TestWorkflow process, RunRequest request, string step)
    {
        // On a thread of its own: computing steps block their caller.
        var running = Task.Factory.StartNew(() => process.GetRequired<PipelineRunner>().Run(request, Cancellation), Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        await Eventually.True(async () => running.IsCompleted || await IsAt(step), $"a run is at the step \"{step}\"");
        if (running.IsCompleted)
            Assert.Fail($"The run has ended: {(await running).Summary ?? (await running).Error}");
        await using var other = new TestWorkflow(Database, Workflow.Clock);
        var requestedAt = Stopwatch.GetTimestamp();
        Assert.Equal(RunStatus.Running, (await Cancel(await Newest(), other)).Status);
        var run = await Workflow.StoredRun((await running).RunId);
        TestContext.Current.TestOutputHelper?.WriteLine($"\"{step}\" stopped after {Stopwatch.GetElapsedTime(requestedAt).TotalSeconds:0.0} s");
        Assert.True(run.IsCanceledByUser, $"{run.Status}: {run.Error}");
        Assert.Equal((step, "an operator", 1), (run.Steps[^1].Name, run.CancelRequestedBy, run.Attempts));

        // A repeated job leaves it as it is.
        await Execute(jobs => jobs.RunQueued(run.RunId, Cancellation));
        Assert.Equal((run.EndedAt, 1), ((await Workflow.StoredRun(run.RunId)).EndedAt, (await Workflow.StoredRun(run.RunId)).Attempts));
        return run;
    }

    private Task<TimeSpan> UntilAt(string step) => Eventually.True(() => IsAt(step), $"a run is at the step \"{step}\"");

    private async Task<bool> IsAt(string step) => await Workflow.Count("runs", $"status = 'Running' and steps->-1->>'name' = '{step}'") == 1;

    private Task<long> Newest() => Workflow.Scalar<long>("select max(run_id) from runs");

    private async Task<Run> Cancel(long runId, TestWorkflow? process = null)
    {
        var (run, error) = await (process ?? Workflow).InScope<RunCancellation, (Run?, string?)>(cancellations => cancellations.Request(runId, "an operator", Cancellation));
        Assert.Null(error);
        return run!;
    }

    private Task<bool> Execute(Func<PipelineJobs, Task> job) => Workflow.InScope<PipelineJobs, bool>(async jobs =>
    {
        await job(jobs);
        return true;
    });

    private static async Task<string> NewList()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");
        await File.WriteAllTextAsync(path, "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n1,0,3,A,male,22,7.25\n", Cancellation);
        return path;
    }

    /// <summary>A CSV file without an end.</summary>
    private sealed class EndlessRows : Stream
    {
        private long _line;
        private ReadOnlyMemory<byte> _rest;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

        public override int Read(Span<byte> buffer)
        {
            if (_rest.IsEmpty)
                _rest = _line++ == 0 ? "PassengerId,Survived,Pclass,Sex,Age,Fare\n"u8.ToArray() : System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant($"{_line},1,1,female,29,100\n"));
            var count = Math.Min(buffer.Length, _rest.Length);
            _rest.Span[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
