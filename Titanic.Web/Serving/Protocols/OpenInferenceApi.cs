using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.Serving.Requests;

namespace Titanic.Web.Serving.Protocols;

/// <summary>The Open Inference Protocol, version 2, over HTTP below <c>/v2</c>, and its extension <c>explain</c>.</summary>
internal static class OpenInferenceApi
{
    private const string BinaryLength = "Inference-Header-Content-Length";
    private const int Unknown = StatusCodes.Status404NotFound;

    public static void MapOpenInferenceApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v2").WithTags("Open Inference Protocol").AddEndpointFilter(RefusedRequestException.AsProblem);
        api.MapGet("", () => TypedResults.Ok(new ServerMetadata("titanic", ProductVersion.Text, ["explain"])))
            .Tells<InferenceError>("describeInferenceServer", "What this server is", "Its name, version and extensions to the protocol.");
        api.MapGet("/health/live", () => TypedResults.Ok(new ServerLiveness(true)))
            .Tells<InferenceError>("showInferenceLiveness", "Does this process answer?", "200 as soon as it takes requests.");
        api.MapGet("/health/ready", ServerReady)
            .Tells<ServerReadiness>("showInferenceReadiness", "Can the model answer?", "200 when a version is in service and the database can store its answers; else 503, with ready: false.");

        var model = api.MapGroup("/models/{name}");
        model.MapGet("", (string name, OpenInference inference, CancellationToken cancellation) => Describe(inference, name, null, cancellation))
            .Tells<InferenceError>("describeInferenceModel", "What goes in and comes out", "The tensors of the version in service, by name, type and shape.", Unknown);
        model.MapGet("/ready", (string name, OpenInference inference, CancellationToken cancellation) => Ready(inference, name, null, cancellation))
            .Tells<ModelReadiness>("showInferenceModelReadiness", "Can this model answer?", "200 when a version is in service and the database can store its answers; else 503, with ready: false.", Unknown);
        model.MapPost("/infer", (string name, OpenInference inference, HttpRequest request, CancellationToken cancellation) => Answer(inference, name, null, request, false, cancellation))
            .Answers("infer", "Ask with tensors", "Answers up to 10,000 passengers by the version in service.");
        model.MapPost("/explain", (string name, OpenInference inference, HttpRequest request, CancellationToken cancellation) => Answer(inference, name, null, request, true, cancellation))
            .Answers("explain", "Ask with tensors, and why", "Answers up to 100 passengers and says why, as JSON in the tensor explanation.");

        var version = model.MapGroup("/versions/{version}");
        version.MapGet("", (string name, string version, OpenInference inference, CancellationToken cancellation) => Describe(inference, name, version, cancellation))
            .Tells<InferenceError>("describeInferenceVersion", "What goes into a version and comes out", "The tensors of the version, by name, type and shape. It must be in service.", Unknown);
        version.MapGet("/ready", (string name, string version, OpenInference inference, CancellationToken cancellation) => Ready(inference, name, version, cancellation))
            .Tells<ModelReadiness>("showInferenceVersionReadiness", "Can this version answer?", "200 when it is in service and the database can store its answers; 404 when it is not in service.", Unknown);
        version.MapPost("/infer", (string name, string version, OpenInference inference, HttpRequest request, CancellationToken cancellation) => Answer(inference, name, version, request, false, cancellation))
            .Answers("inferByVersion", "Ask a version with tensors", "Answers up to 10,000 passengers by this version, which must be in service.");
        version.MapPost("/explain", (string name, string version, OpenInference inference, HttpRequest request, CancellationToken cancellation) => Answer(inference, name, version, request, true, cancellation))
            .Answers("explainByVersion", "Ask a version with tensors, and why", "Answers up to 100 passengers by this version, which must be in service, and says why.");
    }

    private static async Task<Results<Ok<ServerReadiness>, JsonHttpResult<ServerReadiness>>> ServerReady(Answerability answerability, CancellationToken cancellation) =>
        await answerability.WhyNot(cancellation) is null
            ? TypedResults.Ok(new ServerReadiness(true, true))
            : TypedResults.Json(new ServerReadiness(true, false), statusCode: StatusCodes.Status503ServiceUnavailable);

    private static async Task<Ok<ModelMetadata>> Describe(OpenInference inference, string name, string? version, CancellationToken cancellation) =>
        TypedResults.Ok(await inference.Describe(name, version, cancellation));

    private static async Task<Results<Ok<ModelReadiness>, JsonHttpResult<ModelReadiness>>> Ready(
        OpenInference inference, string name, string? version, CancellationToken cancellation) =>
        await inference.IsReady(name, version, cancellation)
            ? TypedResults.Ok(new ModelReadiness(name, true))
            : TypedResults.Json(new ModelReadiness(name, false), statusCode: StatusCodes.Status503ServiceUnavailable);

    private static async Task<Ok<InferenceResponse>> Answer(
        OpenInference inference, string name, string? version, HttpRequest request, bool isExplained, CancellationToken cancellation)
    {
        if (request.Headers.ContainsKey(BinaryLength))
            throw new RefusedRequestException($"The request has the header {BinaryLength}; tensors are taken as JSON only, because the binary tensor data extension is not supported.");
        ContentTypes.Require(request, ContentTypes.Json);
        var question = InferenceRequest.Parse(await JsonBody.Read(request, cancellation));
        return TypedResults.Ok(await inference.Answer(name, version, question, isExplained, cancellation));
    }

    /// <typeparam name="TUnable">What a process says that cannot.</typeparam>
    private static RouteHandlerBuilder Tells<TUnable>(this RouteHandlerBuilder endpoint, string name, string summary, string description, params ReadOnlySpan<int> refusals)
    {
        foreach (var status in (ReadOnlySpan<int>)[StatusCodes.Status400BadRequest, .. refusals])
            endpoint.Produces<InferenceError>(status);
        return endpoint.Produces<TUnable>(StatusCodes.Status503ServiceUnavailable).WithName(name).WithSummary(summary).WithDescription(description);
    }

    private static void Answers(this RouteHandlerBuilder endpoint, string name, string summary, string description) => endpoint
        .Tells<InferenceError>(name, summary, description, Unknown, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType, StatusCodes.Status429TooManyRequests)
        .Accepts<InferenceRequest>(ContentTypes.Json).RequireRateLimiting(RateLimits.Predicting).WithMetadata(new RequestSizeLimitAttribute(RequestBody.MostBytes));
}
