using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Schedules;

namespace Titanic.Web.Tests.Pipelines.Schedules;

/// <summary>Edits, pauses and scheduled times at the times of a test's clock.</summary>
internal static class ScheduleWorkflow
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task InstallSchedules(this TestWorkflow workflow, bool onlyEdited = false) => workflow.InScope<ScheduleEditor, bool>(async editor =>
    {
        await editor.Install(onlyEdited, Cancellation);
        return true;
    });

    public static Task<Schedule> ReadSchedule(this TestWorkflow workflow, string pipeline) =>
        workflow.InScope<ScheduleReader, Schedule>(schedules => schedules.Read(pipeline, Cancellation));

    /// <summary>Stores the schedule with some values changed.</summary>
    public static async Task<Schedule> Edit(this TestWorkflow workflow, string pipeline, Func<ScheduleValues, ScheduleValues> change, int? version = null)
    {
        var values = change((await workflow.ReadSchedule(pipeline)).Values);
        var input = new ScheduleInput(
            values.Cron, values.DeadlineMinutes?.ToString(System.Globalization.CultureInfo.InvariantCulture), values.Overlap.ToString().ToLowerInvariant(),
            values.MissedRuns.ToString().ToLowerInvariant());
        return await workflow.InScope<ScheduleEditor, Schedule>(editor => editor.Update(pipeline, input, version, "ann", Cancellation));
    }

    public static Task<Schedule> Pause(this TestWorkflow workflow, string pipeline, string? reason = "The source is being repaired.") =>
        workflow.InScope<ScheduleEditor, Schedule>(editor => editor.Pause(pipeline, reason, "ann", Cancellation));

    public static Task<Schedule> Resume(this TestWorkflow workflow, string pipeline) =>
        workflow.InScope<ScheduleEditor, Schedule>(editor => editor.Resume(pipeline, "ben", Cancellation));

    /// <summary>Executes the recurring job of a pipeline, as at a scheduled time.</summary>
    public static Task Tick(this TestWorkflow workflow, string pipeline) => workflow.InScope<PipelineJobs, bool>(async jobs =>
    {
        await jobs.RunOwedDays(pipeline, null, Cancellation);
        return true;
    });

    /// <summary>The cron expression of the recurring job.</summary>
    public static Task<string> RegisteredCron(this TestWorkflow workflow, string pipeline) =>
        workflow.Scalar<string>($"select value from hangfire.hash where key = 'recurring-job:{pipeline}' and field = 'Cron'");
}
