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
        api.MapPost("/invocations", Score).AddEndpointFilter(RefusedRequestException.AsProblem).RequireRateLimiting(RateLimits.Predicting).WithMetadata(new RequestSizeLimitAttribute(RequestBody.MostBytes))
            .WithName("MlflowInvocations").WithSummary("Answers a data frame as MLflow's scoring server does.")
            .WithDescription("Exactly one of dataframe_split, dataframe_records, instances and inputs; or CSV with a header. Other members, params among them, are ignored.")
            .Accepts<MlflowRequest>(ContentTypes.Json, ContentTypes.Csv)
            .Produces<MlflowError>(StatusCodes.Status400BadRequest).Produces<MlflowError>(StatusCodes.Status413PayloadTooLarge)
            .Produces<MlflowError>(StatusCodes.Status415UnsupportedMediaType).Produces<MlflowError>(StatusCodes.Status429TooManyRequests)
            .Produces<MlflowError>(StatusCodes.Status503ServiceUnavailable);
        api.MapGet("/ping", Ping).WithName("MlflowPing").WithSummary("Can this process answer?").Produces<MlflowError>(StatusCodes.Status503ServiceUnavailable);
        api.MapGet("/health", Ping).WithName("MlflowHealth").WithSummary("The same as /ping.").Produces<MlflowError>(StatusCodes.Status503ServiceUnavailable);
        api.MapGet("/version", Version).WithName("MlflowVersion").WithSummary("The version of Titanic; it is not one of MLflow.").Produces<string>(contentType: "text/plain");
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
