using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Lifecycle.Lineage;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines;

/// <summary><c>GET /api/runs/{id}/lineage</c>: the run as an OpenLineage event, as collectors of lineage take it.</summary>
internal static class LineageApi
{
    public static void MapLineageApi(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api/runs/{id:long}").WithTags("Pipelines").MapGet("lineage", Show).WithName("showLineage")
            .WithSummary("Show a run as OpenLineage does")
            .WithDescription("The run as a RunEvent that collectors of lineage take.");

    /// <param name="event">"start" for the event of the start; the newest event when it is left out.</param>
    internal static async Task<Results<Ok<OpenLineageEvent>, ProblemHttpResult>> Show(long id, string? @event, OpenLineageReader lineage, TitanicDb db, CancellationToken cancellation)
    {
        if (@event is not (null or "" or "start"))
            return TypedResults.Problem($"The event is \"{Excerpt.Truncate(@event)}\"; it must be start, or left out for the newest.", statusCode: StatusCodes.Status400BadRequest);
        if (await lineage.Read(id, @event == "start", cancellation) is { } told)
            return TypedResults.Ok(told);
        return TypedResults.Problem(
            await db.Runs.AnyAsync(run => run.RunId == id, cancellation) ? $"Run {id} has not been started." : $"There is no run {id}.", statusCode: StatusCodes.Status404NotFound);
    }
}
