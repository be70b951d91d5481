using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Pipelines;

/// <summary><c>POST /api/pipelines/{name}/runs</c>.</summary>
internal static class PipelinesApi
{
    public static void MapPipelinesApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags("Pipelines");
        api.MapPost("/pipelines/{name}/runs", Start).WithName("startRun").WithSummary("Start a run")
            .WithDescription("Queues a run of a pipeline and returns at once. A second run for the same day changes nothing.")
            .WithExample("day", "For one day", """{"date": "2026-11-23"}""")
            .RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies();
    }

    /// <param name="Date">The day to run for; default: today.</param>
    /// <param name="AsOf">
    /// For training, instead of a day: the number of a commit, a day (its end in UTC) or an instant. The training data are the rows stored
    /// and known by then.
    /// </param>
    /// <param name="Alternative">For training: the alternative algorithm to train instead of the K-NN.</param>
    /// <param name="PredictFirst">
    /// For training: predict the stream passengers without a prediction first, so that training can use them. An inference run for the same
    /// day is queued; the training run, which the response describes, starts when inference has succeeded, and fails if inference fails.
    /// Default: false.
    /// </param>
    internal sealed record StartRun(
        string? Date = null, [property: JsonConverter(typeof(AsOfParser))] string? AsOf = null,
        [property: AlternativeLearnerName, JsonPropertyName(RunRejectedException.AlternativeField)] string? Alternative = null,
        bool? PredictFirst = null);

    internal sealed record StartRunServices(RunQueue Queue, ClaimsPrincipal User);

    internal static async Task<Results<Accepted<RunResponse>, ProblemHttpResult>> Start(
        [Description("Name of the pipeline."), Example(PipelineNames.Monitoring), PipelineName] string name,
        [Description("For training: the alternative algorithm to train instead of the K-NN."), AlternativeLearnerName]
        [FromQuery(Name = RunRejectedException.AlternativeField)] string? alternative,
        StartRun? body, [AsParameters] StartRunServices services, CancellationToken cancellation)
    {
        try
        {
            var parameters = new RunParameters(name, body?.Date, body?.AsOf, body?.Alternative ?? alternative, body?.PredictFirst ?? false);
            var run = await services.Queue.Enqueue(parameters, RunTrigger.Api, AuditLog.CallerName(services.User), cancellation);
            return TypedResults.Accepted($"/api/runs/{run.RunId}", RunResponse.Of(run, isOperator: true));
        }
        catch (RunRejectedException rejected)
        {
            return TypedResults.Problem(
                rejected.Message, statusCode: rejected.Field == "pipeline" ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest);
        }
    }
}
