using Microsoft.EntityFrameworkCore;
using Titanic.Web.Pipelines;
using Titanic.Web.Tests.Pipelines.Schedules;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Today is 10 March 2026, 12:00; days are given as days of that month.</summary>
public sealed class RunCalendarTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    [Theory]
    // statuses of the runs of 9 March in the order of their numbers
    [InlineData("", CalendarState.Missed)]
    [InlineData("Succeeded", CalendarState.Done)]
    [InlineData("Failed", CalendarState.Failed)]
    [InlineData("Failed Succeeded", CalendarState.Done)]
    [InlineData("Succeeded Failed", CalendarState.Failed)]
    [InlineData("Succeeded Skipped", CalendarState.Done)]
    [InlineData("Skipped", CalendarState.Skipped)]
    [InlineData("Cancelled", CalendarState.Skipped)]
    [InlineData("Succeeded Queued", CalendarState.Running)]
    [InlineData("Running Failed", CalendarState.Running)]
    public async Task The_newest_run_decides_the_state_of_a_date(string statuses, CalendarState expected)
    {
        await Insert(PipelineNames.Feature, 8, "Succeeded");
        foreach (var status in statuses.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            await Insert(PipelineNames.Feature, 9, status);

        Assert.Equal(expected, (await Cell(PipelineNames.Feature, 9)).State);
    }

    [Fact]
    public async Task Dates_before_the_first_scheduled_run_are_not_missed()
    {
        await Insert(PipelineNames.Feature, 2, "Succeeded", trigger: "Button");
        await Insert(PipelineNames.Feature, 5, "Succeeded");
        await Insert(PipelineNames.Feature, 9, "Succeeded");

        Assert.Equal(
            "1 None, 2 Done, 3 None, 4 None, 5 Done, 6 Missed, 7 Missed, 8 Missed, 9 Done, 10 Missed", await States(PipelineNames.Feature));
        Assert.Equal("1 None, 2 None, 3 None, 4 None, 5 None, 6 None, 7 None, 8 None, 9 None, 10 None", await States(PipelineNames.Audit));
    }

    [Fact]
    public async Task A_run_is_missed_when_it_is_later_than_a_run_may_be()
    {
        await Insert(PipelineNames.Feature, 9, "Succeeded");

        Workflow.Clock.SetUtcNow(new(2026, 3, 10, 2, 4, 0, TimeSpan.Zero)); // due at 00:05, may be two hours late
        Assert.Equal(CalendarState.None, (await Cell(PipelineNames.Feature, 10)).State);
        Workflow.Clock.SetUtcNow(new(2026, 3, 10, 2, 6, 0, TimeSpan.Zero));
        Assert.Equal(CalendarState.Missed, (await Cell(PipelineNames.Feature, 10)).State);
    }

    [Fact]
    public async Task A_later_training_run_replaces_a_missed_one()
    {
        await Insert(PipelineNames.Training, 5, "Succeeded");
        await Insert(PipelineNames.Training, 7, "Failed");
        await Insert(PipelineNames.Training, 8, "Succeeded");

        Assert.Equal("5 Done, 6 Replaced, 7 Failed, 8 Done, 9 Missed, 10 Missed", string.Join(", ", (await States(PipelineNames.Training)).Split(", ")[4..]));
    }

    [Fact]
    public async Task Dates_in_a_pause_are_paused_also_after_it()
    {
        await Insert(PipelineNames.Feature, 6, "Succeeded");
        Workflow.Clock.SetUtcNow(new(2026, 3, 7, 12, 0, 0, TimeSpan.Zero));
        await Workflow.Pause(PipelineNames.Feature);
        Workflow.Clock.SetUtcNow(new(2026, 3, 9, 12, 0, 0, TimeSpan.Zero));
        Assert.Equal("6 Done, 7 Missed, 8 Paused, 9 Paused, 10 None", string.Join(", ", (await States(PipelineNames.Feature)).Split(", ")[5..]));

        await Workflow.Resume(PipelineNames.Feature);
        Workflow.Clock.SetUtcNow(new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));

        Assert.Equal("6 Done, 7 Missed, 8 Paused, 9 Paused, 10 Missed", string.Join(", ", (await States(PipelineNames.Feature)).Split(", ")[5..]));
        Assert.False((await Cell(PipelineNames.Feature, 9)).IsMissing);
    }

    [Fact]
    public async Task Uploads_and_backfills_belong_to_no_date()
    {
        await Insert(PipelineNames.Inference, 8, "Succeeded");
        await Insert(PipelineNames.Inference, 9, "Succeeded", trigger: "Upload");

        Assert.Equal(CalendarState.Missed, (await Cell(PipelineNames.Inference, 9)).State);
    }

    /// <summary>With 365 holes in continuous integration.</summary>
    [Fact]
    public async Task Fills_holes_with_each_effect_exactly_once()
    {
        var holes = Repetitions.Of(developer: 30, continuousIntegration: 365);
        var (first, last) = (TestWorkflow.FirstDay, TestWorkflow.FirstDay.AddDays(holes + 1));
        await Workflow.ImportAndTrain();
        Workflow.Clock.MoveTo(last);
        foreach (var day in (DateOnly[])[first, last])
        {
            await Workflow.Execute(
                $"insert into runs (pipeline, logical_date, trigger, status, attempts, counts, code_version, queued_at) values ('feature', '{day:yyyy-MM-dd}', 'Schedule', 'Succeeded', 1, '{"{}"}', 'test', now())");
        }
        var range = new RunRange(first, last.AddDays(-1), [PipelineNames.Feature, PipelineNames.Inference], OnlyMissing: true);

        var twice = await Task.WhenAll(Enqueue(range), Enqueue(range)); // two users select the button at the same time

        Assert.Equal([0, holes], twice.Select(runs => runs.Count).Order());
        var queued = twice.Single(runs => runs.Count > 0);
        Assert.Equal(Enumerable.Range(1, holes).Select(first.AddDays), queued.Select(run => run.Date));
        Assert.All(queued, run => Assert.Equal((PipelineNames.Feature, CalendarState.Missed), (run.Pipeline, run.State)));
        long[] ids = [.. queued.Select(run => run.RunId!.Value)];
        await Task.WhenAll(RunInOrder(ids), RunInOrder(ids)); // two workers execute the job at the same time
        await RunInOrder(ids);

        Assert.Equal(holes, await Workflow.Count("runs", "status = 'Succeeded' and trigger = 'Button'"));
        Assert.Equal(0, await Workflow.Count("runs", "status in ('Queued', 'Running', 'Failed')"));
        var perDay = await Workflow.Query(db => db.Database.SqlQueryRaw<int>(
            """select count(*)::int as "Value" from passengers where source = 'synthetic' and superseded_by is null group by event_time::date""").ToListAsync(Cancellation));
        Assert.Equal(holes, perDay.Count);
        Assert.All(perDay, passengers => Assert.Equal(perDay[0], passengers));
        Assert.DoesNotContain(await Plan(range), run => run.Pipeline == PipelineNames.Feature);
    }

    [Fact]
    public async Task A_run_whose_upstream_run_failed_is_not_started_and_the_next_date_is_run()
    {
        await Workflow.ImportAndTrain();
        Workflow.Clock.MoveTo(TestWorkflow.FirstDay.AddDays(1));
        var runs = await Enqueue(new(TestWorkflow.FirstDay, TestWorkflow.FirstDay.AddDays(1), [PipelineNames.Feature, PipelineNames.Inference], OnlyMissing: false));
        long IdOf(string pipeline, int day) => runs.Single(run => run.Pipeline == pipeline && run.Date == TestWorkflow.FirstDay.AddDays(day)).RunId!.Value;
        await Workflow.Execute($"update runs set status = 'Failed', error = 'The stream is unavailable.' where run_id = {IdOf(PipelineNames.Feature, 0)}");

        await RunInOrder([IdOf(PipelineNames.Feature, 0), IdOf(PipelineNames.Feature, 1)]);
        await RunInOrder([IdOf(PipelineNames.Inference, 0), IdOf(PipelineNames.Inference, 1)]);

        var blocked = await Workflow.StoredRun(IdOf(PipelineNames.Inference, 0));
        Assert.Equal((RunStatus.Failed, 0), (blocked.Status, blocked.Attempts));
        Assert.Contains("The run was not started. The feature run", blocked.Error);
        Assert.Equal(RunStatus.Succeeded, (await Workflow.StoredRun(IdOf(PipelineNames.Inference, 1))).Status);
    }

    [Fact]
    public async Task Waits_for_the_upstream_run_of_the_same_date()
    {
        await Workflow.ImportAndTrain();
        var runs = await Enqueue(new(TestWorkflow.FirstDay, TestWorkflow.FirstDay, [PipelineNames.Feature, PipelineNames.Inference], OnlyMissing: false));

        await RunInOrder([runs[1].RunId!.Value]);

        Assert.Equal(RunStatus.Queued, (await Workflow.StoredRun(runs[1].RunId!.Value)).Status);
        Assert.Equal(1, await Workflow.Count("hangfire.job", "statename = 'Scheduled'"));
    }

    [Theory]
    [InlineData(null, null, null, "The parameter from is missing; it must be the first date, such as 2026-11-23.")]
    [InlineData("9.3.2026", null, null, "The date is \"9.3.2026\"; it must be a date such as 2026-11-23.")]
    [InlineData("2026-03-09", "2026-03-11", null, "The date is 2026-03-11; it must not be after today, 2026-03-10 (UTC).")]
    [InlineData("2026-03-09", "2026-03-08", null, "The last date is 2026-03-08; it must not be before the first date, 2026-03-09.")]
    [InlineData("2025-03-09", null, null, "2025-03-09 to 2026-03-10 are 367 days; there must be at most 366.")]
    [InlineData("2026-03-09", null, "baking", "There is no pipeline \"baking\"; there are feature, inference, training, monitoring, audit.")]
    public void Rejects_an_invalid_range(string? from, string? to, string? pipeline, string error) => Assert.Equal(
        error,
        Assert.Throws<RunRejectedException>(() => RunRange.Parse(from, to, pipeline is null ? null : [pipeline], true, new DateOnly(2026, 3, 10))).Message);

    private Task<IReadOnlyList<PlannedRun>> Plan(RunRange range) =>
        Workflow.InScope<RunRanges, IReadOnlyList<PlannedRun>>(ranges => ranges.Plan(range, Cancellation));

    private Task<IReadOnlyList<PlannedRun>> Enqueue(RunRange range) =>
        Workflow.InScope<RunRanges, IReadOnlyList<PlannedRun>>(ranges => ranges.Enqueue(range, RunTrigger.Button, "a user", Cancellation));

    private Task RunInOrder(long[] ids) => Workflow.InScope<PipelineJobs, bool>(async jobs =>
    {
        await jobs.RunInOrder(ids, Cancellation);
        return true;
    });

    private async Task<string> States(string pipeline)
    {
        var days = await Read(1, 10);
        return string.Join(", ", days.Reverse().Select(day => $"{day.Date.Day} {day.Pipelines.Single(cell => cell.Pipeline == pipeline).State}"));
    }

    private async Task<CalendarCell> Cell(string pipeline, int day) => (await Read(day, day)).Single().Pipelines.Single(cell => cell.Pipeline == pipeline);

    private Task<IReadOnlyList<CalendarDay>> Read(int from, int to)
    {
        if (Workflow.Today == TestWorkflow.FirstDay)
            Workflow.Clock.SetUtcNow(new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
        return Workflow.InScope<RunCalendar, IReadOnlyList<CalendarDay>>(
            calendar => calendar.Read(new DateOnly(2026, 3, from), new DateOnly(2026, 3, to), Cancellation));
    }

    private Task Insert(string pipeline, int day, string status, string trigger = "Schedule") => Workflow.Execute(
        $"""
        insert into runs (pipeline, logical_date, trigger, status, attempts, counts, code_version, queued_at)
        values ('{pipeline}', '2026-03-{day:00}', '{trigger}', '{status}', 1, '{"{}"}', 'test', now())
        """);
}
