using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Schedules;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Today is 10 March 2026; days are given as days of that month.</summary>
public sealed class CatchUpTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    [Theory]
    // pipeline, last succeeded day of the pipeline and of its upstream pipeline (0: none), pending dates, whether it waits for the upstream
    // pipeline
    [InlineData("feature", 0, 0, "10", false)] // the first run
    [InlineData("feature", 9, 0, "10", false)]
    [InlineData("feature", 7, 0, "8 9 10", false)] // missed days
    [InlineData("feature", 10, 0, "", false)] // already succeeded
    [InlineData("inference", 7, 10, "8 9 10", false)]
    [InlineData("inference", 7, 8, "8", true)] // the feature pipeline has not finished
    [InlineData("inference", 7, 7, "", true)]
    [InlineData("inference", 10, 10, "", false)]
    [InlineData("inference", 0, 0, "", true)]
    [InlineData("training", 7, 10, "10", false)] // only the latest day
    [InlineData("training", 7, 9, "", true)]
    [InlineData("training", 10, 10, "", false)]
    [InlineData("monitoring", 7, 10, "8 9 10", false)]
    [InlineData("monitoring", 7, 9, "8 9", true)]
    [InlineData("audit", 0, 0, "10", false)]
    [InlineData("audit", 7, 0, "10", false)] // only the latest day, independent of the other pipelines
    [InlineData("audit", 10, 0, "", false)]
    [InlineData("feature", 25, 0, "10", false)] // a run for a future day does not count
    public async Task Pending_dates_are_the_days_since_the_last_successful_run(string pipeline, int last, int upstream, string expectedDays, bool expectedToWait)
    {
        await InsertSucceeded(pipeline, last);
        if (PipelineNames.UpstreamOf(pipeline) is { } upstreamPipeline)
            await InsertSucceeded(upstreamPipeline, upstream);

        var (days, isWaiting) = await PendingDates(pipeline);

        Assert.Equal(expectedDays, string.Join(' ', days.Select(day => day.Day)));
        Assert.Equal(expectedToWait, isWaiting);
    }

    [Theory]
    [InlineData("Failed")]
    [InlineData("Skipped")]
    [InlineData("Cancelled")]
    [InlineData("Running")]
    public async Task Only_a_succeeded_run_completes_its_day(string status)
    {
        await InsertSucceeded(PipelineNames.Feature, 8);
        await InsertRun(PipelineNames.Feature, new DateOnly(2026, 3, 9), status);

        Assert.Equal([9, 10], (await PendingDates(PipelineNames.Feature)).Days.Select(day => day.Day));
    }

    [Fact]
    public async Task Pending_dates_are_limited_to_the_newest_366_days()
    {
        await InsertRun(PipelineNames.Feature, new DateOnly(2020, 1, 1), "Succeeded");

        var (days, isWaiting) = await PendingDates(PipelineNames.Feature);

        Assert.Equal((CatchUp.MaximumDays, new DateOnly(2026, 3, 10), false), (days.Count, days[^1], isWaiting));
    }

    [Theory]
    [InlineData("feature", MissedRunPolicy.All, "8 9 10")]
    [InlineData("feature", MissedRunPolicy.Latest, "10")]
    [InlineData("feature", MissedRunPolicy.Skip, "10")]
    [InlineData("training", MissedRunPolicy.All, "8 9 10")]
    public async Task The_policy_for_missed_runs_selects_the_pending_dates(string pipeline, MissedRunPolicy policy, string expectedDays)
    {
        await InsertSucceeded(pipeline, 7);
        await InsertSucceeded(PipelineNames.Inference, 10);

        var (days, isWaiting) = await PendingDates(pipeline, policy);

        Assert.Equal((expectedDays, false), (string.Join(' ', days.Select(day => day.Day)), isWaiting));
    }

    private async Task<(IReadOnlyList<DateOnly> Days, bool IsWaiting)> PendingDates(string pipeline, MissedRunPolicy? policy = null)
    {
        var schedule = await Workflow.InScope<ScheduleReader, Schedule>(schedules => schedules.Read(pipeline, TestWorkflow.Cancellation));
        if (policy is { } edited)
            schedule = schedule with { Values = schedule.Values with { MissedRuns = edited } };
        return await Workflow.InScope<CatchUp, (IReadOnlyList<DateOnly>, bool)>(
            catchUp => catchUp.PendingDates(schedule, new DateOnly(2026, 3, 10), TestWorkflow.Cancellation));
    }

    private async Task InsertSucceeded(string pipeline, int day)
    {
        if (day > 0)
            await InsertRun(pipeline, new DateOnly(2026, 3, day), "Succeeded");
    }

    private Task InsertRun(string pipeline, DateOnly day, string status) => Workflow.Execute(
        $"""
        insert into runs (pipeline, logical_date, trigger, status, attempts, counts, code_version, queued_at)
        values ('{pipeline}', '{day:yyyy-MM-dd}', 'Schedule', '{status}', 1, '{"{}"}', 'test', now())
        """);
}
