using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Schedules;

namespace Titanic.Web.Pages.Pipelines;

/// <summary>The schedule of a pipeline; operators preview and save changes, pause and resume it.</summary>
public sealed class ScheduleModel(ScheduleReader schedules, ScheduleEditor editor, RunReader runs) : OperatorPageModel
{
    /// <summary>One of <see cref="PipelineNames.All"/>.</summary>
    [BindProperty(SupportsGet = true, Name = "pipeline")]
    public string Pipeline { get; set; } = "";

    /// <summary>The stored schedule.</summary>
    public Schedule Schedule { get; private set; } = null!;

    /// <summary>The newest run for a logical date; null if there is none.</summary>
    public Run? LastRun { get; private set; }

    /// <summary>The values of the form.</summary>
    public ScheduleInput Input { get; private set; } = null!;

    /// <summary>The schedule that the values of the form would give; null without a preview.</summary>
    public Schedule? Changed { get; private set; }

    /// <summary>The error of each invalid value; that of a rejected action has the empty name.</summary>
    public IReadOnlyDictionary<string, string> Errors { get; private set; } = new Dictionary<string, string>();

    /// <summary>The reason of a rejected pause.</summary>
    public string? Reason { get; private set; }

    public DateTimeOffset CurrentTime => Now;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        if (!PipelineNames.All.Contains(Pipeline))
            return ErrorModel.NotFound(HttpContext, PipelineNames.NotFoundMessage(Pipeline));
        await Read(null, cancellationToken);
        return Page();
    }

    public Task<IActionResult> OnPostPreviewAsync(ScheduleForm form, CancellationToken cancellationToken) =>
        Execute(form.Input, async () => Changed = await editor.Preview(Pipeline, form.Input, cancellationToken), null, cancellationToken);

    public Task<IActionResult> OnPostSaveAsync(ScheduleForm form, CancellationToken cancellationToken) => Execute(
        form.Input, () => editor.Update(Pipeline, form.Input, form.Version, AuditLog.CallerName(User), cancellationToken),
        $"Schedule of {Pipeline} saved.", cancellationToken);

    public Task<IActionResult> OnPostPauseAsync(string? reason, CancellationToken cancellationToken)
    {
        Reason = reason;
        return Execute(null, () => editor.Pause(Pipeline, reason ?? "", AuditLog.CallerName(User), cancellationToken), $"Schedule of {Pipeline} paused.", cancellationToken);
    }

    public Task<IActionResult> OnPostResumeAsync(CancellationToken cancellationToken) => Execute(
        null, () => editor.Resume(Pipeline, AuditLog.CallerName(User), cancellationToken), $"Schedule of {Pipeline} resumed.", cancellationToken);

    /// <param name="input">The values of the form; null for another action.</param>
    /// <param name="message">The message of the next page; null shows this page.</param>
    private async Task<IActionResult> Execute(ScheduleInput? input, Func<Task> action, string? message, CancellationToken cancellation)
    {
        if (!PipelineNames.All.Contains(Pipeline))
            return ErrorModel.NotFound(HttpContext, PipelineNames.NotFoundMessage(Pipeline));
        try
        {
            await action();
            if (message is not null)
            {
                Message = message;
                return RedirectToPage(new { pipeline = Pipeline });
            }
        }
        catch (ScheduleRejectedException rejected)
        {
            (Errors, Response.StatusCode) = (rejected.Errors, rejected.Status);
        }
        await Read(input, cancellation);
        return Page();
    }

    private async Task Read(ScheduleInput? input, CancellationToken cancellation)
    {
        Schedule = await schedules.Read(Pipeline, cancellation);
        var values = Schedule.Values;
        Input = input ?? new(
            values.Cron, values.DeadlineMinutes is { } minutes ? FormattableString.Invariant($"{minutes}") : "",
            values.Overlap.ToString().ToLowerInvariant(), values.MissedRuns.ToString().ToLowerInvariant());
        LastRun = await runs.FindLastDated(Pipeline, cancellation);
    }
}

/// <summary>The fields of the form.</summary>
/// <param name="Version">The version of the schedule that the form was filled with.</param>
public sealed record ScheduleForm(string? Cron, string? DeadlineMinutes, string? Overlap, string? MissedRuns, int? Version)
{
    public ScheduleInput Input => new(Cron ?? "", DeadlineMinutes, Overlap, MissedRuns);
}
