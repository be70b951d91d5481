using Microsoft.Extensions.Options;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Configuration section "Schedule": when each pipeline runs, as cron expressions in UTC, until an operator edits its schedule (see
/// <see cref="Schedules.Schedule"/>). A run that is due before the upstream pipeline has finished waits for it, so these are the earliest
/// start times.
/// </summary>
public sealed class PipelineSchedule
{
    public const string Section = "Schedule";

    public string Feature { get; set; } = "5 0 * * *";
    public string Inference { get; set; } = "10 0 * * *";
    public string Training { get; set; } = "15 0 * * *";
    public string Monitoring { get; set; } = "20 0 * * *";
    public string Audit { get; set; } = "30 0 * * *";

    /// <summary>
    /// Whether inference also runs as soon as passengers that need a prediction were sent to the API. Default: true.
    /// </summary>
    public bool InferenceOnUpload { get; set; } = true;

    /// <summary>Whether training also runs as soon as the scheduled monitoring run raised the accuracy alarm. Default: true.</summary>
    public bool TrainingOnAlarm { get; set; } = true;

    public string CronOf(string pipeline) => pipeline switch
    {
        PipelineNames.Feature => Feature,
        PipelineNames.Inference => Inference,
        PipelineNames.Training => Training,
        PipelineNames.Monitoring => Monitoring,
        PipelineNames.Audit => Audit,
        _ => throw new ArgumentException(PipelineNames.NotFoundMessage(pipeline), nameof(pipeline)),
    };
}

internal sealed class PipelineScheduleValidator : IValidateOptions<PipelineSchedule>
{
    public ValidateOptionsResult Validate(string? name, PipelineSchedule schedule)
    {
        var failures = PipelineNames.All
            .Where(pipeline => !Cronos.CronExpression.TryParse(schedule.CronOf(pipeline), out _))
            .Select(pipeline => ErrorText.Invalid(
                $"{PipelineSchedule.Section}:{Format.Capitalized(pipeline)}", schedule.CronOf(pipeline), "a cron expression of five fields (UTC), such as \"5 0 * * *\""))
            .ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
