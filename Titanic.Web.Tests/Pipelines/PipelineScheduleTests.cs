using Hangfire;
using Microsoft.Extensions.Options;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Schedules;
using Titanic.Web.Tests.Pipelines.Schedules;

namespace Titanic.Web.Tests.Pipelines;

public sealed class PipelineScheduleTests(TestPostgres postgres)
{
    [Fact]
    public async Task Every_pipeline_has_a_recurring_job_in_its_own_queue()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database, ("Schedule:Training", "0 4 * * 1"));

        await workflow.InstallSchedules();
        foreach (var pipeline in PipelineNames.All)
            workflow.GetRequired<IRecurringJobManager>().Trigger(pipeline);

        Assert.Equal(
            "audit 30 0 * * *; feature 5 0 * * *; inference 10 0 * * *; monitoring 20 0 * * *; training 0 4 * * 1",
            await workflow.Scalar<string>("select string_agg(replace(key, 'recurring-job:', '') || ' ' || value, '; ' order by key) from hangfire.hash where field = 'Cron'"));
        Assert.Equal(
            "audit in audit; feature in features; inference in inference; monitoring in monitoring; training in training",
            await workflow.Scalar<string>(
                """
                select string_agg(trim('"' from j.arguments::jsonb ->> 0) || ' in ' || q.queue, '; ' order by q.queue)
                from hangfire.jobqueue q join hangfire.job j on j.id = q.jobid
                """));
        Assert.Equal(5, await workflow.Count("hangfire.hash", "field = 'TimeZoneId' and value = 'UTC'"));
    }

    [Fact]
    public async Task Startup_fails_for_an_invalid_cron_expression()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database, ("Schedule:Feature", "every night"), ("Schedule:Monitoring", "61 0 * * *"));

        var failure = Assert.Throws<OptionsValidationException>(() => workflow.GetRequired<IStartupValidator>().Validate());

        Assert.Equal(
            [
                "Schedule:Feature is \"every night\"; it must be a cron expression of five fields (UTC), such as \"5 0 * * *\".",
                "Schedule:Monitoring is \"61 0 * * *\"; it must be a cron expression of five fields (UTC), such as \"5 0 * * *\".",
            ],
            failure.Failures);
    }

    [Theory]
    [InlineData("feature", "2026-03-01T00:04:59Z", "2026-03-01T00:05:00Z")]
    [InlineData("feature", "2026-03-01T00:05:00Z", "2026-03-02T00:05:00Z")]
    [InlineData("monitoring", "2026-03-31T23:59:59Z", "2026-04-01T00:20:00Z")]
    public void The_next_run_is_the_next_occurrence_in_UTC(string pipeline, string instant, string next)
    {
        var schedule = new Schedule(pipeline, ScheduleValues.Default(pipeline, new PipelineSchedule().CronOf(pipeline)), null, []);

        Assert.Equal(Instant(next), schedule.NextAfter(Instant(instant)));
    }

    [Fact]
    public void Throws_for_an_unknown_pipeline() =>
        Assert.Contains("there are feature, inference, training, monitoring, audit", Assert.Throws<ArgumentException>(() => new PipelineSchedule().CronOf("baking")).Message);

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
