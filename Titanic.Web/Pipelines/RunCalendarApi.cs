using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Access;

namespace Titanic.Web.Pipelines;

/// <summary><c>GET /api/runs/calendar</c> and <c>POST /api/runs/range</c>.</summary>
internal static class RunCalendarApi
{
    public static void MapRunCalendarApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/runs").WithTags("Pipelines");
        api.MapGet("calendar", Read).WithName("showCalendar").WithSummary("Show the calendar of runs")
            .WithDescription(
                "The state of each pipeline for each logical date, newest first. done and failed: the newest run that ended; missed: no run, although its scheduled time has passed; "
                + "skipped: all runs were skipped or canceled; replaced: no run, but the run of a later date includes the date; running: a run is queued or running; paused: no run, because the schedule was paused at the scheduled time; none: no run was due.");
        api.MapPost("range", Start).WithName("startRange").WithSummary("Start runs for a range of dates")
            .WithDescription(
                "Queues one run for each date and pipeline and returns at once. The runs of a pipeline are executed in the order of their dates, each after its upstream run. "
                + "Dates with a queued or running run are left out, so that a repeated request queues nothing twice.")
            .WithExample("missing", "Missing dates", """{"from": "2026-11-01", "to": "2026-11-30", "dryRun": true}""")
            .RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies();
    }

    private static async Task<Results<Ok<CalendarResponse>, ProblemHttpResult>> Read(
        [Description("First date. Default: 14 days that end with the last one.")] DateOnly? from, [Description("Last date. Default: today (UTC).")] DateOnly? to,
        RunCalendar calendar, TimeProvider clock, CancellationToken cancellation)
    {
        var last = to ?? DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var first = from ?? last.AddDays(1 - RunCalendar.DefaultDays);
        if (RunCalendar.FindRangeError(first, last) is { } error)
            return TypedResults.Problem(error, statusCode: StatusCodes.Status400BadRequest);
        var days = await calendar.Read(first, last, cancellation);
        return TypedResults.Ok(new CalendarResponse(first, last, [.. days.Select(day => new CalendarDayResponse(day.Date, [.. day.Pipelines.Select(CalendarCellResponse.Of)]))]));
    }

    private static async Task<Results<Ok<RangeResponse>, Accepted<RangeResponse>, ProblemHttpResult>> Start(
        StartRange body, RunRanges ranges, TimeProvider clock, ClaimsPrincipal user, CancellationToken cancellation)
    {
        try
        {
            var range = RunRange.Parse(body.From, body.To, body.Pipelines, body.OnlyMissing ?? true, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
            if (body.DryRun is true)
                return TypedResults.Ok(RangeResponse.Of(await ranges.Plan(range, cancellation)));
            return TypedResults.Accepted("/api/runs", RangeResponse.Of(await ranges.Enqueue(range, RunTrigger.Api, AuditLog.CallerName(user), cancellation)));
        }
        catch (RunRejectedException rejected)
        {
            return TypedResults.Problem(rejected.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }

    /// <param name="From">First logical date.</param>
    /// <param name="To">Last logical date; at most 366 days. Default: today (UTC).</param>
    /// <param name="Pipelines">Names of pipelines. Default: feature, inference, training, monitoring.</param>
    /// <param name="OnlyMissing">
    /// Whether only dates are run that were missed, or whose newest run failed or was skipped; otherwise all dates. Default: true.
    /// </param>
    /// <param name="DryRun">Whether the runs are only listed, not queued. Default: false.</param>
    internal sealed record StartRange(string? From, string? To = null, IReadOnlyList<string>? Pipelines = null, bool? OnlyMissing = null, bool? DryRun = null);
}

/// <summary>The states of a range of dates.</summary>
/// <param name="Days">Newest first.</param>
public sealed record CalendarResponse(DateOnly From, DateOnly To, IReadOnlyList<CalendarDayResponse> Days);

/// <summary>The pipelines of a date, in the order in which they run.</summary>
public sealed record CalendarDayResponse(DateOnly Date, IReadOnlyList<CalendarCellResponse> Pipelines);

/// <summary>The state of a pipeline for a date.</summary>
/// <param name="RunId">The run that decides the state; null without a run.</param>
/// <param name="DurationSeconds">Duration of this run in seconds; null unless it has started and ended.</param>
public sealed record CalendarCellResponse([property: PipelineName] string Pipeline, [property: OneOf<CalendarState>] string State, long? RunId, double? DurationSeconds)
{
    public static CalendarCellResponse Of(CalendarCell cell) => new(cell.Pipeline, cell.State.ToString().ToLowerInvariant(), cell.RunId, cell.Duration?.TotalSeconds);
}

/// <summary>The runs of a range, by date and then in the order of the pipelines.</summary>
public sealed record RangeResponse(IReadOnlyList<PlannedRunResponse> Runs)
{
    public static RangeResponse Of(IReadOnlyList<PlannedRun> runs) =>
        new([.. runs.Select(run => new PlannedRunResponse(run.Date, run.Pipeline, run.State.ToString().ToLowerInvariant(), run.RunId))]);
}

/// <summary>A run of a range.</summary>
/// <param name="State">The state of the date before.</param>
/// <param name="RunId">Number of the queued run; null for a dry run.</param>
public sealed record PlannedRunResponse(DateOnly Date, [property: PipelineName] string Pipeline, [property: OneOf<CalendarState>] string State, long? RunId);
