using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Pipelines;

/// <summary><c>POST /api/pipelines/{name}/runs</c> and <c>GET /api/runs/{id}</c>.</summary>
internal static class PipelinesApi
{
    public static void MapPipelinesApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags("Pipelines");
        api.MapPost("/pipelines/{name}/runs", Start).WithName("startRun").WithSummary("Start a run")
            .WithDescription("Puts a run of a pipeline in the queue and responds at once; running a day twice changes nothing.")
            .WithExample("day", "For one day", """{"date": "2026-11-23"}""")
            .RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies();
        api.MapGet("/runs/{id:long}", Show).WithName("showRun").WithSummary("Show a run")
            .WithDescription("Parameters, status, counts and errors.");
    }

    /// <param name="Date">The day to run for; today when it is left out.</param>
    /// <param name="AsOf">For training, in place of a day: the number of the commit, the day (its end in UTC) or the instant whose rows
    /// are learned.</param>
    /// <param name="Challenger">For training: the learner of ML.NET to register instead of the K-NN.</param>
    internal sealed record StartRun(
        string? Date = null, [property: JsonConverter(typeof(WrittenAsOf))] string? AsOf = null,
        [property: AlternativeLearnerName] string? Challenger = null);

    internal sealed record Caller(RunQueue Queue, ClaimsPrincipal User);

    internal static async Task<Results<Accepted<RunAnswer>, ProblemHttpResult>> Start(
        [Description("Name of the pipeline."), Example(PipelineNames.Monitoring), PipelineName] string name,
        [Description("For training: the learner to register instead of the K-NN."), AlternativeLearnerName] string? challenger,
        StartRun? body, [AsParameters] Caller caller, CancellationToken cancellation)
    {
        try
        {
            var run = await caller.Queue.Enqueue(
                new RunParameters(name, body?.Date, body?.AsOf, body?.Challenger ?? challenger), RunTrigger.Api, AuditLog.NameOf(caller.User), cancellation);
            return TypedResults.Accepted($"/api/runs/{run.RunId}", RunAnswer.Of(run));
        }
        catch (RunRefusedException refused)
        {
            return TypedResults.Problem(refused.Message, statusCode: refused.Field == "pipeline" ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest);
        }
    }

    internal static async Task<Results<Ok<RunAnswer>, ProblemHttpResult>> Show(
        [Description("Number of the run."), Example(1)] long id, TitanicDb db, CancellationToken cancellation) =>
        await db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.RunId == id, cancellation) is { } run
            ? TypedResults.Ok(RunAnswer.Of(run))
            : TypedResults.Problem($"There is no run {id}.", statusCode: StatusCodes.Status404NotFound);
}

/// <summary>A run as the API gives it.</summary>
public sealed record RunAnswer(
    long RunId, [property: PipelineName] string Pipeline, DateOnly? LogicalDate, string? Backfill,
    [property: OneOf<IngestionPolicy>] string? Policy, string? AsOf,
    [property: AlternativeLearnerName] string? Challenger, [property: OneOf<RunTrigger>] string Trigger,
    [property: OneOf<RunStatus>] string Status, int Attempts, string? Summary,
    IReadOnlyDictionary<string, long> Counts, string? Error, string CodeVersion, string? Host,
    DateTimeOffset QueuedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt)
{
    public static RunAnswer Of(Run run) => new(
        run.RunId, run.Pipeline, run.LogicalDate, run.Backfill, run.Policy?.ToString().ToLowerInvariant(), run.AsOf, run.Challenger, run.Trigger.ToString().ToLowerInvariant(), run.Status.ToString().ToLowerInvariant(),
        run.Attempts, run.Summary, run.Counts, run.Error, run.CodeVersion, run.Host, run.QueuedAt, run.StartedAt, run.EndedAt);
}
