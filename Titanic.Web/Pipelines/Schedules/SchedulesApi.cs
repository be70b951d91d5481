using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Access;

namespace Titanic.Web.Pipelines.Schedules;

/// <summary><c>/api/schedules</c>: lists, edits, pauses and resumes the schedules of the pipelines.</summary>
internal static class SchedulesApi
{
    public static void MapSchedulesApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/schedules").WithTags("Pipelines");
        api.MapGet("", List).WithName("listSchedules").WithSummary("List the schedules")
            .WithDescription("The schedule of each pipeline in execution order, with its pause, its next scheduled times and its last run.");
        var actions = api.MapGroup("").RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies()
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        actions.MapPut("{pipeline}", Update).WithName("updateSchedule").WithSummary("Edit a schedule")
            .WithDescription(
                "Replaces all values; a missing deadlineMinutes means no deadline. The recurring job is updated in the same step, and the audit log records the values before and after. "
                + "With a version that is not the newest one, nothing is changed and the response is 409.")
            .WithExample("preview", "Validate and list the next runs", """{"cron": "0 6 * * MON-FRI", "deadlineMinutes": 120, "overlap": "skip", "missedRuns": "all", "dryRun": true}""");
        actions.MapPost("{pipeline}/pause", Pause).WithName("pauseSchedule").WithSummary("Pause a schedule")
            .WithDescription("The schedule starts no run until it is resumed. Runs in progress, requested runs and inference after uploads are not affected. A paused pipeline returns 409.")
            .WithExample("reason", "With a reason", """{"reason": "The source is being repaired."}""");
        actions.MapPost("{pipeline}/resume", Resume).WithName("resumeSchedule").WithSummary("Resume a schedule")
            .WithDescription("Dates that were due during the pause are run at once by the policy for missed runs. A pipeline that is not paused returns 409.");
    }

    private static async Task<Ok<ScheduleList>> List(ScheduleResponses responses, CancellationToken cancellation) =>
        TypedResults.Ok(new ScheduleList(await responses.ReadAll(cancellation)));

    private static Task<Results<Ok<ScheduleResponse>, ProblemHttpResult>> Update(
        [Description("Name of the pipeline."), Example(PipelineNames.Training), PipelineName] string pipeline, UpdateSchedule body,
        [AsParameters] ScheduleServices services, CancellationToken cancellation)
    {
        var input = new ScheduleInput(body.Cron, body.DeadlineMinutes is { } minutes ? FormattableString.Invariant($"{minutes}") : null, body.Overlap, body.MissedRuns);
        return Respond(services, cancellation, editor => body.DryRun is true
            ? editor.Preview(pipeline, input, cancellation)
            : editor.Update(pipeline, input, body.Version, AuditLog.CallerName(services.User), cancellation));
    }

    private static Task<Results<Ok<ScheduleResponse>, ProblemHttpResult>> Pause(
        [Description("Name of the pipeline."), Example(PipelineNames.Training), PipelineName] string pipeline, PauseSchedule body,
        [AsParameters] ScheduleServices services, CancellationToken cancellation) =>
        Respond(services, cancellation, editor => editor.Pause(pipeline, body.Reason, AuditLog.CallerName(services.User), cancellation));

    private static Task<Results<Ok<ScheduleResponse>, ProblemHttpResult>> Resume(
        [Description("Name of the pipeline."), Example(PipelineNames.Training), PipelineName] string pipeline,
        [AsParameters] ScheduleServices services, CancellationToken cancellation) =>
        Respond(services, cancellation, editor => editor.Resume(pipeline, AuditLog.CallerName(services.User), cancellation));

    private static async Task<Results<Ok<ScheduleResponse>, ProblemHttpResult>> Respond(
        ScheduleServices services, CancellationToken cancellation, Func<ScheduleEditor, Task<Schedule>> action)
    {
        try
        {
            return TypedResults.Ok(await services.Responses.Of(await action(services.Editor), cancellation));
        }
        catch (ScheduleRejectedException rejected)
        {
            return TypedResults.Problem(rejected.Message, statusCode: rejected.Status);
        }
    }

    internal sealed record ScheduleServices(ScheduleEditor Editor, ScheduleResponses Responses, ClaimsPrincipal User);

    /// <param name="Cron">Five fields in UTC: minute, hour, day of the month, month, day of the week.</param>
    /// <param name="Overlap">What happens while another run of the pipeline is running. skip: the run is skipped; queue: it waits.</param>
    /// <param name="MissedRuns">
    /// What happens with missed dates. all: each is run; latest: only today is run; skip: nothing is run before the next scheduled time.
    /// </param>
    /// <param name="DeadlineMinutes">Minutes after the scheduled time until the run must have succeeded, 1 to 10,080. Default: no deadline.</param>
    /// <param name="Version">The version of the schedule that was read. Default: any.</param>
    /// <param name="DryRun">Whether the values are only validated and described. Default: false.</param>
    internal sealed record UpdateSchedule(
        string? Cron, [property: OneOf<OverlapPolicy>] string? Overlap, [property: OneOf<MissedRunPolicy>] string? MissedRuns,
        int? DeadlineMinutes = null, int? Version = null, bool? DryRun = null);

    /// <param name="Reason">Why the pipeline is paused, at most 500 characters.</param>
    internal sealed record PauseSchedule(string? Reason);
}

/// <summary>Reads schedules with the last run of their pipeline.</summary>
internal sealed class ScheduleResponses(RunReader runs, ScheduleReader schedules, RunViewer viewer, TimeProvider clock)
{
    public async Task<IReadOnlyList<ScheduleResponse>> ReadAll(CancellationToken cancellation)
    {
        var responses = new List<ScheduleResponse>();
        foreach (var schedule in await schedules.ReadAll(cancellation))
            responses.Add(await Of(schedule, cancellation));
        return responses;
    }

    public async Task<ScheduleResponse> Of(Schedule schedule, CancellationToken cancellation)
    {
        var last = await runs.FindLastDated(schedule.Pipeline, cancellation);
        var (values, isOperator) = (schedule.Values, await viewer.IsOperator());
        return new(
            schedule.Pipeline, values.Cron, schedule.Description, values.DeadlineMinutes, values.Overlap.ToString().ToLowerInvariant(),
            values.MissedRuns.ToString().ToLowerInvariant(), schedule.Version, schedule.Stored?.ChangedAt, isOperator ? schedule.Stored?.ChangedBy : null,
            schedule.Pause is { } pause ? new(pause.PausedAt, isOperator ? pause.PausedBy : null, pause.Reason) : null,
            [.. schedule.NextAfter(clock.GetUtcNow(), ScheduleResponse.NextRuns)],
            last is null ? null : new(last.RunId, last.LogicalDate, last.Status.ToString().ToLowerInvariant(), last.QueuedAt));
    }
}

/// <summary>The schedules in execution order.</summary>
public sealed record ScheduleList(IReadOnlyList<ScheduleResponse> Schedules);

/// <summary>The schedule of a pipeline.</summary>
/// <param name="Cron">Five fields, UTC.</param>
/// <param name="Description">The cron expression in words.</param>
/// <param name="DeadlineMinutes">Minutes after the scheduled time until the run must have succeeded; null: no deadline.</param>
/// <param name="Version">Number of edits; 0 if the values are those of the settings.</param>
/// <param name="ChangedAt">The last edit; null if the values are those of the settings.</param>
/// <param name="ChangedBy">Name of the account or API key of the last edit; null without one, and for callers who are not operators.</param>
/// <param name="Pause">Null if the pipeline is not paused.</param>
/// <param name="NextAt">The next three scheduled times; while the pipeline is paused they start no run.</param>
/// <param name="LastRun">The newest run for a logical date; null if there is none.</param>
public sealed record ScheduleResponse(
    [property: PipelineName] string Pipeline, string Cron, string Description, int? DeadlineMinutes, [property: OneOf<OverlapPolicy>] string Overlap,
    [property: OneOf<MissedRunPolicy>] string MissedRuns, int Version, DateTimeOffset? ChangedAt, string? ChangedBy, PauseResponse? Pause,
    IReadOnlyList<DateTimeOffset> NextAt, ScheduledRunResponse? LastRun)
{
    /// <summary>Number of scheduled times of a response and a page.</summary>
    public const int NextRuns = 3;
}

/// <summary>The pause of a pipeline.</summary>
/// <param name="By">Name of the account or API key; null for callers who are not operators.</param>
public sealed record PauseResponse(DateTimeOffset Since, string? By, string Reason);

/// <summary>A run for a logical date.</summary>
public sealed record ScheduledRunResponse(long RunId, DateOnly? Date, [property: OneOf<RunStatus>] string Status, DateTimeOffset QueuedAt);
