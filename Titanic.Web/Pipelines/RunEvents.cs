using System.ComponentModel;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Pipelines;

/// <summary><c>GET /api/runs/{id}/events</c>: the log, the steps and the status of a run as Server-Sent Events.</summary>
internal static class RunEventsApi
{
    /// <summary>After this time without an event, a comment is sent: proxies close connections without traffic, often after 60 s.</summary>
    private static readonly TimeSpan _heartbeatInterval = TimeSpan.FromSeconds(15);

    public static void MapRunEventsApi(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api/runs").WithTags("Pipelines").MapGet("{id:long}/events", Stream).WithName("streamRunEvents").WithSummary("Stream the events of a run")
            .WithDescription(
                "Server-Sent Events until the run has ended. Event log: a line of the log (id, at, isError, message), whose number is the id of the event, "
                + "so that a client that connects again with Last-Event-ID gets the lines after it. Event run: the run as in GET /api/runs/{id}, at "
                + "first and after each change of its status, steps or counts, about once a second. Event end: the run has ended, and so does the "
                + "stream; close the connection, because a browser would open it again. A comment is sent after 15 s without an event. Errors have their stack trace for operators "
                + "only. A process has at most 100 streams; the status of a further request is 429.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status429TooManyRequests);

    internal sealed record RunEventsServices(HttpContext Http, TitanicDb Db, RunViewer Viewer, RunEventStreams Streams);

    internal static async Task<Results<ServerSentEventsResult<object>, ProblemHttpResult>> Stream(
        [Description("Number of the run."), Example(1)] long id,
        [Description("Only log lines with a greater id. Default: all. The header Last-Event-ID takes precedence.")] long? after,
        [FromHeader(Name = "Last-Event-ID"), Description("Id of the last event that was received; a browser sends it when it connects again.")] long? lastEventId,
        [AsParameters] RunEventsServices services, CancellationToken cancellation)
    {
        var (http, db, viewer, streams) = services;
        if (!await db.Runs.AnyAsync(run => run.RunId == id, cancellation))
            return TypedResults.Problem(NotFoundText.Run(id), statusCode: StatusCodes.Status404NotFound);
        if (streams.TryOpen() is not { } stream)
        {
            http.Response.Headers.RetryAfter = "5";
            return TypedResults.Problem(
                $"This process has {Quantity.Of(RunEventStreams.Maximum, "open stream")} of run events, which is the maximum. Try again later, or read GET /api/runs/{id}.",
                statusCode: StatusCodes.Status429TooManyRequests);
        }
        http.Response.RegisterForDispose(stream);
        http.Response.Headers["X-Accel-Buffering"] = "no"; // for nginx
        var isOperator = await viewer.IsOperator();
        return TypedResults.ServerSentEvents(Read(id, lastEventId ?? after ?? 0, isOperator, services, streams.Stopping));
    }

    private static async IAsyncEnumerable<SseItem<object>> Read(
        long id, long after, bool isOperator, RunEventsServices services, CancellationToken stopping, [EnumeratorCancellation] CancellationToken aborted = default)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, aborted);
        var reader = new RunEventReader(services.Db, id, isOperator, after);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var silentSince = Environment.TickCount64;
        while (true)
        {
            var isEnded = false;
            await foreach (var item in reader.ReadNew(end.Token))
            {
                yield return item;
                silentSince = Environment.TickCount64;
                isEnded = item.EventType == RunEventReader.EndEvent;
            }
            if (isEnded)
                yield break;
            if (Environment.TickCount64 - silentSince >= _heartbeatInterval.TotalMilliseconds)
            {
                // The formatter waits for the next event, so nothing else is written at the same time.
                await services.Http.Response.WriteAsync(": heartbeat\n\n", end.Token);
                await services.Http.Response.Body.FlushAsync(end.Token);
                silentSince = Environment.TickCount64;
            }
            try
            {
                await timer.WaitForNextTickAsync(end.Token);
            }
            catch (OperationCanceledException) // the client has disconnected, or the process stops
            {
                yield break;
            }
        }
    }
}

/// <summary>
/// Reads what has changed of a run since the last call, from its stored record and log lines, so that the process that executes the run
/// does not matter.
/// </summary>
/// <param name="after">The number of the last log line that is known.</param>
internal sealed class RunEventReader(TitanicDb db, long runId, bool isOperator, long after)
{
    public const string LogEvent = "log", RunEvent = "run", EndEvent = "end";

    private const int LinesPerQuery = 500;

    private string? _sent;
    private long _after = after;

    /// <summary>New log lines; the run if it has changed; the event end if it has ended.</summary>
    public async IAsyncEnumerable<SseItem<object>> ReadNew([EnumeratorCancellation] CancellationToken cancellation)
    {
        // The record first: the lines of a run that has ended are complete then.
        var run = await db.Runs.AsNoTracking().SingleAsync(r => r.RunId == runId, cancellation);
        List<RunLogLine> lines;
        do
        {
            lines = await db.RunLog.AsNoTracking().Where(line => line.RunId == runId && line.RunLogLineId > _after)
                .OrderBy(line => line.RunLogLineId).Take(LinesPerQuery).ToListAsync(cancellation);
            foreach (var line in lines)
            {
                _after = line.RunLogLineId;
                yield return new SseItem<object>(RunLogEntry.Of(line, isOperator), LogEvent) { EventId = FormattableString.Invariant($"{line.RunLogLineId}") };
            }
        }
        while (lines.Count == LinesPerQuery);

        var response = RunResponse.Of(run, isOperator);
        if (JsonColumn.Serialize(response) is var state && state != _sent)
        {
            _sent = state;
            yield return new SseItem<object>(response, RunEvent);
        }
        if (!run.IsInProgress)
            yield return new SseItem<object>(new RunEnd(runId, response.Status), EndEvent);
    }
}

/// <summary>A line of the log of a run.</summary>
/// <param name="Message">For an error, the message with the stack trace for operators, and a fixed text for others.</param>
public sealed record RunLogEntry(long Id, DateTimeOffset At, bool IsError, string Message)
{
    public static RunLogEntry Of(RunLogLine line, bool isOperator) => new(
        line.RunLogLineId, line.At, line.IsError, line.IsError && !isOperator ? "An error. Operators can read it." : line.Message);
}

/// <summary>The run has ended.</summary>
internal sealed record RunEnd(long RunId, [property: OneOf<RunStatus>] string Status);

/// <summary>The caller of a request that shows runs.</summary>
public sealed class RunViewer(IHttpContextAccessor http, IAuthorizationService authorization)
{
    /// <summary>Whether the caller may see the names of users and files, and errors.</summary>
    public async Task<bool> IsOperator() =>
        (await authorization.AuthorizeAsync(http.HttpContext?.User ?? new ClaimsPrincipal(), AccessPolicies.Operator)).Succeeded;
}

/// <summary>Limits the concurrent event streams of this process: each costs two small queries per second.</summary>
public sealed class RunEventStreams(IHostApplicationLifetime lifetime)
{
    public const int Maximum = 100;

    private int _open;

    /// <summary>Canceled when the process stops: streams would delay it.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <returns>To be disposed when the stream ends; null if there are too many.</returns>
    public IDisposable? TryOpen()
    {
        if (Interlocked.Increment(ref _open) <= Maximum)
            return new Stream(this);
        Interlocked.Decrement(ref _open);
        return null;
    }

    private sealed class Stream(RunEventStreams streams) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref streams._open);
    }
}
