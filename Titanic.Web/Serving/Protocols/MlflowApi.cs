using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Titanic.Web.Access;
using Titanic.Web.Passengers;
using Titanic.Web.Serving.Requests;

namespace Titanic.Web.Serving.Protocols;

/// <summary>The protocol of MLflow's scoring server, at its own paths: <c>POST /invocations</c>, <c>GET /ping</c>, <c>/health</c>, <c>/version</c>.</summary>
internal static class MlflowApi
{
    public static void MapMlflowApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("").WithTags("MLflow");
        api.MapPost("/invocations", Score).AddEndpointFilter(RefusedRequestException.AsProblem)
            .RequireRateLimiting(RateLimits.Predicting).WithMetadata(new RequestSizeLimitAttribute(RequestBody.MostBytes))
            .WithName("scoreByMlflow").WithSummary("Ask as MLflow does")
            .WithDescription("Answers exactly one of dataframe_split, dataframe_records, instances and inputs, or CSV with a header. Columns that the model does not have, and params, are ignored.")
            .Accepts<MlflowRequest>(ContentTypes.Json, ContentTypes.Csv).Produces<MlflowAnswer>()
            .Refuses(StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType, StatusCodes.Status429TooManyRequests);
        api.MapGet("/ping", Ping).WithName("pingByMlflow").WithSummary("Can this process answer?")
            .WithDescription("200 when a version is in service and the database can store its answers.").Refuses();
        api.MapGet("/health", Ping).WithName("healthByMlflow").WithSummary("The same as /ping")
            .WithDescription("200 when a version is in service and the database can store its answers.").Refuses();
        api.MapGet("/version", Version).WithName("versionByMlflow").WithSummary("The version of this server")
            .WithDescription("That of Titanic; it is not one of MLflow.").Produces<string>(contentType: "text/plain").Refuses();
    }

    /// <summary>Whatever it is asked, a query that nobody knows is refused, and a process may not be able to answer.</summary>
    private static void Refuses(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> others)
    {
        foreach (var status in (ReadOnlySpan<int>)[StatusCodes.Status400BadRequest, .. others, StatusCodes.Status503ServiceUnavailable])
            endpoint.Produces<MlflowError>(status);
    }

    private static async Task<Ok<MlflowAnswer>> Score(HttpRequest request, Predictor predictor, IOptions<PassengersOptions> csv, CancellationToken cancellation)
    {
        var questions = ContentTypes.Require(request, ContentTypes.Json, ContentTypes.Csv) == ContentTypes.Csv
            ? await MlflowCsv.Questions(request.Body, csv.Value, cancellation)
            : MlflowFrames.Questions(await JsonBody.Read(request, cancellation));
        var (_, predictions) = await predictor.Answer(questions, PredictionSources.Api, cancellation);
        return TypedResults.Ok(new MlflowAnswer([.. predictions.Select(MlflowPrediction.Of)]));
    }

    private static async Task<Results<Ok, ProblemHttpResult>> Ping(Answerability answerability, CancellationToken cancellation) =>
        await answerability.WhyNot(cancellation) is { } reason
            ? TypedResults.Problem(reason, statusCode: StatusCodes.Status503ServiceUnavailable)
            : TypedResults.Ok();

    private static ContentHttpResult Version() => TypedResults.Text(ProductVersion.Text);
}
