using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Today is the 10th of March 2026; days are written as days of that month.</summary>
public sealed class CatchUpTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    [Theory]
    // pipeline, last good day of it and of the one before it (0: none yet), days owed, whether it has to wait
    [InlineData("feature", 0, 0, "10", false)] // the very first tick
    [InlineData("feature", 9, 0, "10", false)]
    [InlineData("feature", 7, 0, "8 9 10", false)] // missed days
    [InlineData("feature", 10, 0, "", false)] // done already
    [InlineData("inference", 7, 10, "8 9 10", false)]
    [InlineData("inference", 7, 8, "8", true)] // the feature pipeline is still at it
    [InlineData("inference", 7, 7, "", true)]
    [InlineData("inference", 10, 10, "", false)]
    [InlineData("inference", 0, 0, "", true)]
    [InlineData("training", 7, 10, "10", false)] // once for the latest
    [InlineData("training", 7, 9, "", true)]
    [InlineData("training", 10, 10, "", false)]
    [InlineData("monitoring", 7, 10, "8 9 10", false)]
    [InlineData("monitoring", 7, 9, "8 9", true)]
    [InlineData("audit", 0, 0, "10", false)]
    [InlineData("audit", 7, 0, "10", false)] // once for the latest, whatever has become of the day's other pipelines
    [InlineData("audit", 10, 0, "", false)]
    [InlineData("feature", 25, 0, "10", false)] // a simulated future is no reason to stand still
    public async Task A_pipeline_owes_the_days_since_its_last_good_one(string pipeline, int last, int upstream, string owed, bool waits)
    {
        await Succeeded(pipeline, last);
        if (PipelineNames.UpstreamOf(pipeline) is { } before)
            await Succeeded(before, upstream);

        var (days, isWaiting) = await Owed(pipeline);

        Assert.Equal(owed, string.Join(' ', days.Select(day => day.Day)));
        Assert.Equal(waits, isWaiting);
    }

    [Theory]
    [InlineData("Failed")]
    [InlineData("Skipped")]
    [InlineData("Cancelled")]
    [InlineData("Running")]
    public async Task Only_a_run_that_succeeded_pays_for_its_day(string status)
    {
        await Succeeded(PipelineNames.Feature, 8);
        await Insert(PipelineNames.Feature, new DateOnly(2026, 3, 9), status);

        Assert.Equal([9, 10], (await Owed(PipelineNames.Feature)).Days.Select(day => day.Day));
    }

    [Fact]
    public async Task After_a_long_sleep_the_newest_year_is_lived_through()
    {
        await Insert(PipelineNames.Feature, new DateOnly(2020, 1, 1), "Succeeded");

        var (days, isWaiting) = await Owed(PipelineNames.Feature);

        Assert.Equal((CatchUp.MostDays, new DateOnly(2026, 3, 10), false), (days.Count, days[^1], isWaiting));
    }

    private Task<(IReadOnlyList<DateOnly> Days, bool IsWaiting)> Owed(string pipeline) =>
        Workflow.In<CatchUp, (IReadOnlyList<DateOnly>, bool)>(catchUp => catchUp.PendingDates(pipeline, new DateOnly(2026, 3, 10), TestWorkflow.Cancellation));

    private async Task Succeeded(string pipeline, int day)
    {
        if (day > 0)
            await Insert(pipeline, new DateOnly(2026, 3, day), "Succeeded");
    }

    private Task Insert(string pipeline, DateOnly day, string status) => Workflow.Execute(
        $"""
        insert into runs (pipeline, logical_date, trigger, status, attempts, counts, code_version, queued_at)
        values ('{pipeline}', '{day:yyyy-MM-dd}', 'Schedule', '{status}', 1, '{"{}"}', 'test', now())
        """);
}
