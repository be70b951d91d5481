using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Pipelines.Alerts;

/// <summary><c>/api/alerts</c>: lists, shows, acknowledges and resolves alerts.</summary>
internal static class AlertsApi
{
    public static void MapAlertsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/alerts").WithTags("Alerts");
        api.MapGet("", List).WithName("listAlerts").WithSummary("List alerts")
            .WithDescription("Newest first, in pages. The member next is the URL of the next page.");
        api.MapGet("{id:long}", Show).WithName("showAlert").WithSummary("Show an alert")
            .WithDescription("An alert with its history.");
        var actions = api.MapGroup("").RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies()
            .ProducesProblem(StatusCodes.Status409Conflict);
        actions.MapPost("{id:long}/acknowledge", Acknowledge).WithName("acknowledgeAlert").WithSummary("Acknowledge an alert")
            .WithDescription("Records that an operator knows about an open alert. A second request changes nothing; a resolved alert returns 409.")
            .WithExample("note", "With a note", """{"note": "The worker is being restarted."}""");
        actions.MapPost("{id:long}/resolve", Resolve).WithName("resolveAlert").WithSummary("Resolve an alert")
            .WithDescription("The alert is not opened again while its condition lasts. A second request changes nothing.")
            .WithExample("note", "With a note", """{"note": "The run will not be repeated."}""");
    }

    private static async Task<Results<Ok<AlertPage>, ProblemHttpResult>> List(
        [AsParameters] AlertListRequest request, AlertReader alerts, CancellationToken cancellation)
    {
        var (filter, problem) = AlertFilter.Parse(request.State, request.Rule);
        if (problem is not null)
            return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        var found = await alerts.Read(filter, request.Before, request.Limit + 1, cancellation);
        AlertResponse[] page = [.. found.Take(request.Limit).Select(AlertResponse.Of)];
        return TypedResults.Ok(new AlertPage(page, found.Count > request.Limit ? request.NextUrl(page[^1].Id) : null));
    }

    private static async Task<Results<Ok<AlertDetails>, ProblemHttpResult>> Show(
        [Description("Number of the alert."), Example(1)] long id, AlertReader alerts, CancellationToken cancellation) =>
        await alerts.Find(id, cancellation) is { } alert
            ? TypedResults.Ok(new AlertDetails(AlertResponse.Of(alert), [.. (await alerts.History(id, cancellation)).Select(AlertEventResponse.Of)]))
            : NotFound(id);

    private static Task<Results<Ok<AlertResponse>, ProblemHttpResult>> Acknowledge(
        [Description("Number of the alert."), Example(1)] long id, AlertActionRequest? body, AlertActions actions, ClaimsPrincipal user,
        CancellationToken cancellation) =>
        Respond(id, () => actions.Acknowledge(id, AuditLog.CallerName(user), body?.Note, cancellation));

    private static Task<Results<Ok<AlertResponse>, ProblemHttpResult>> Resolve(
        [Description("Number of the alert."), Example(1)] long id, AlertActionRequest? body, AlertActions actions, ClaimsPrincipal user,
        CancellationToken cancellation) =>
        Respond(id, () => actions.Resolve(id, AuditLog.CallerName(user), body?.Note, cancellation));

    private static async Task<Results<Ok<AlertResponse>, ProblemHttpResult>> Respond(long id, Func<Task<Alert?>> action)
    {
        try
        {
            return await action() is { } alert ? TypedResults.Ok(AlertResponse.Of(alert)) : NotFound(id);
        }
        catch (AlertActionException rejected)
        {
            return TypedResults.Problem(
                rejected.Message, statusCode: rejected.IsConflict ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest);
        }
    }

    private static ProblemHttpResult NotFound(long id) =>
        TypedResults.Problem(NotFoundText.Alert(id), statusCode: StatusCodes.Status404NotFound);

    /// <summary>The query parameters for listing alerts.</summary>
    internal sealed record AlertListRequest(
        HttpContext Http,
        [property: Description("Only alerts in this state; unresolved: open and acknowledged ones. Default: all."), Example("resolved")]
        [property: OneOf(AlertFilter.Open, AlertFilter.Acknowledged, AlertFilter.Resolved, AlertFilter.Unresolved)] string? State,
        [property: Description("Only alerts of this rule."), Example(AlertRules.FailedRun), AlertRuleName] string? Rule,
        [property: Description("Only alerts with a smaller id. Default: starts with the newest.")] long? Before,
        [property: Description("Maximum number of alerts on the page."), Example(10), Range(1, 1_000)] int Limit = 100)
    {
        /// <param name="last">The last id of this page.</param>
        public string NextUrl(long last) => NextPage.Url("/api/alerts", Http.Request, last);
    }
}

/// <param name="Note">A comment for the history, at most 1,000 characters. Optional.</param>
internal sealed record AlertActionRequest(string? Note = null);

/// <summary>One page of alerts.</summary>
/// <param name="Next">The URL of the next page; null on the last page.</param>
public sealed record AlertPage(IReadOnlyList<AlertResponse> Alerts, string? Next);

/// <summary>An alert with its history, oldest event first.</summary>
public sealed record AlertDetails(AlertResponse Alert, IReadOnlyList<AlertEventResponse> History);

/// <summary>An alert: one incident.</summary>
/// <param name="Subject">What the rule found: a feature, a pipeline, or a pipeline with its logical date.</param>
/// <param name="Message">What happened, at the last evaluation that found the condition.</param>
/// <param name="Link">The path of the page with the evidence.</param>
/// <param name="Evidence">The values that the rule compared.</param>
/// <param name="LastSeenAt">The last evaluation that found the condition.</param>
/// <param name="EndedAt">When the condition had been absent for five minutes; null while the incident lasts.</param>
/// <param name="ResolvedBy">The operator; null if the alert was resolved because its condition ended.</param>
/// <param name="Note">The operator's note of the last action.</param>
public sealed record AlertResponse(
    long Id, [property: AlertRuleName] string Rule, string Subject, [property: OneOf<AlertState>] string State, string Message, string Link,
    IReadOnlyDictionary<string, string> Evidence, DateTimeOffset OpenedAt, DateTimeOffset LastSeenAt, DateTimeOffset? EndedAt,
    DateTimeOffset? AcknowledgedAt, string? AcknowledgedBy, DateTimeOffset? ResolvedAt, string? ResolvedBy, string? Note)
{
    internal static AlertResponse Of(Alert alert) => new(
        alert.AlertId, alert.Rule, alert.Subject, alert.State.ToString().ToLowerInvariant(), alert.Message, alert.Link, alert.Evidence,
        alert.OpenedAt, alert.LastSeenAt, alert.EndedAt, alert.AcknowledgedAt, alert.AcknowledgedBy, alert.ResolvedAt, alert.ResolvedBy, alert.Note);
}

/// <summary>One change of an alert's state.</summary>
/// <param name="Who">The operator; null for the evaluation of the rules.</param>
public sealed record AlertEventResponse([property: OneOf<AlertEventKind>] string Kind, DateTimeOffset At, string? Who, string? Note)
{
    internal static AlertEventResponse Of(AlertEvent occurred) =>
        new(occurred.Kind.ToString().ToLowerInvariant(), occurred.At, occurred.Who, occurred.Note);
}

/// <summary>Filters alerts by state and rule.</summary>
/// <param name="States">Empty for all.</param>
/// <param name="Rule">Null for all.</param>
public sealed record AlertFilter(IReadOnlyList<AlertState> States, string? Rule)
{
    public const string Open = "open", Acknowledged = "acknowledged", Resolved = "resolved", Unresolved = "unresolved";

    /// <summary>The values of the parameter <c>state</c>.</summary>
    public static IReadOnlyList<string> AllStates { get; } = [Unresolved, Open, Acknowledged, Resolved];

    /// <summary>Parses query parameters; missing and empty ones do not filter.</summary>
    /// <returns>The filter, and the error of the first invalid parameter.</returns>
    public static (AlertFilter Filter, string? Problem) Parse(string? state, string? rule)
    {
        var (states, problem) = state switch
        {
            null or "" => ([], null),
            Unresolved => ([AlertState.Open, AlertState.Acknowledged], null),
            Open => ([AlertState.Open], null),
            Acknowledged => ([AlertState.Acknowledged], null),
            Resolved => ([AlertState.Resolved], null),
            _ => ((AlertState[])[], ErrorText.Invalid("The parameter state", state, ErrorText.OneOf(AllStates))),
        };
        rule = string.IsNullOrEmpty(rule) ? null : rule;
        if (rule is not null && !AlertRules.Names.Contains(rule))
            problem ??= ErrorText.Invalid("The parameter rule", rule, ErrorText.OneOf(AlertRules.Names));
        return (new(states, rule), problem);
    }
}

/// <summary>Reads alerts for pages and the API.</summary>
public sealed class AlertReader(TitanicDb db)
{
    /// <summary>Alerts that match a filter, newest first.</summary>
    /// <param name="before">Only alerts with a smaller id; null starts with the newest.</param>
    public async Task<IReadOnlyList<Alert>> Read(AlertFilter filter, long? before, int limit, CancellationToken cancellation)
    {
        var alerts = db.Alerts.AsNoTracking().Where(alert => before == null || alert.AlertId < before);
        if (filter.States.Count > 0)
            alerts = alerts.Where(alert => filter.States.Contains(alert.State));
        if (filter.Rule is { } rule)
            alerts = alerts.Where(alert => alert.Rule == rule);
        return await alerts.OrderByDescending(alert => alert.AlertId).Take(limit).ToListAsync(cancellation);
    }

    public Task<Alert?> Find(long id, CancellationToken cancellation) =>
        db.Alerts.AsNoTracking().SingleOrDefaultAsync(alert => alert.AlertId == id, cancellation);

    /// <summary>The events of an alert, oldest first.</summary>
    public async Task<IReadOnlyList<AlertEvent>> History(long id, CancellationToken cancellation) =>
        await db.AlertEvents.AsNoTracking().Where(occurred => occurred.AlertId == id).OrderBy(occurred => occurred.AlertEventId)
            .ToListAsync(cancellation);

    /// <summary>The number of open alerts of each rule that has some.</summary>
    public Task<Dictionary<string, int>> CountOpen(CancellationToken cancellation) => db.Alerts
        .Where(alert => alert.State == AlertState.Open)
        .GroupBy(alert => alert.Rule).Select(alerts => new { Rule = alerts.Key, Count = alerts.Count() })
        .ToDictionaryAsync(count => count.Rule, count => count.Count, cancellation);

    /// <summary>When the rules were evaluated last; null before the first evaluation.</summary>
    public Task<DateTimeOffset?> LastEvaluation(CancellationToken cancellation) =>
        db.AlertEvaluation.Select(state => (DateTimeOffset?)state.EvaluatedAt).SingleOrDefaultAsync(cancellation);
}
