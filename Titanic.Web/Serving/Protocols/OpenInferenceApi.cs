using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.Serving.Requests;

namespace Titanic.Web.Serving.Protocols;

/// <summary>The Open Inference Protocol, version 2, over HTTP below <c>/v2</c>, and its extension <c>explain</c>.</summary>
internal static class OpenInferenceApi
{
    private const string BinaryLength = "Inference-Header-Content-Length";

    public static void MapOpenInferenceApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v2").WithTags("Open Inference Protocol").AddEndpointFilter(RefusedRequestException.AsProblem);
        api.MapGet("", () => TypedResults.Ok(new ServerMetadata("titanic", ProductVersion.Text, ["explain"])))
            .WithName("InferenceServer").WithSummary("What this server is, and its extensions.");
        api.MapGet("/health/live", () => TypedResults.Ok(new ServerLiveness(true))).WithName("InferenceLive").WithSummary("Does this process answer?");
        api.MapGet("/health/ready", ServerReady).WithName("InferenceReady").WithSummary("Can the model answer, and the answer be stored?");

        var model = api.MapGroup("/models/{name}");
        model.MapGet("", (string name, OpenInference inference, CancellationToken cancellation) => Describe(inference, name, null, cancellation)).Describes("");
        model.MapGet("/ready", (string name, OpenInference inference, CancellationToken cancellation) => Ready(inference, name, null, cancellation)).TellsReady("");
        model.MapPost("/infer", (string name, OpenInference inference, HttpRequest request, CancellationToken cancellation) =>
            Answer(inference, name, null, request, false, cancellation)).Answers("Infer", "Answers questions given as tensors.");
        model.MapPost("/explain", (string name, OpenInference inference, HttpRequest request, CancellationToken cancellation) =>
            Answer(inference, name, null, request, true, cancellation)).Answers("Explain", "Answers at most 100 questions and says why, as JSON in the tensor \"explanation\".");

        var version = model.MapGroup("/versions/{version}");
        version.MapGet("", (string name, string version, OpenInference inference, CancellationToken cancellation) => Describe(inference, name, version, cancellation)).Describes("Version");
        version.MapGet("/ready", (string name, string version, OpenInference inference, CancellationToken cancellation) => Ready(inference, name, version, cancellation)).TellsReady("Version");
        version.MapPost("/infer", (string name, string version, OpenInference inference, HttpRequest request, CancellationToken cancellation) =>
            Answer(inference, name, version, request, false, cancellation)).Answers("VersionInfer", "The same by one version; it must be in service.");
        version.MapPost("/explain", (string name, string version, OpenInference inference, HttpRequest request, CancellationToken cancellation) =>
            Answer(inference, name, version, request, true, cancellation)).Answers("VersionExplain", "The same by one version; it must be in service.");
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

    private static void Describes(this RouteHandlerBuilder endpoint, string suffix) => endpoint
        .WithName($"InferenceModel{suffix}").WithSummary("The tensors that go in and come out.")
        .Produces<InferenceError>(StatusCodes.Status404NotFound).Produces<InferenceError>(StatusCodes.Status503ServiceUnavailable);

    private static void TellsReady(this RouteHandlerBuilder endpoint, string suffix) => endpoint
        .WithName($"InferenceModel{suffix}Ready").WithSummary("Can it answer, and the answer be stored?").Produces<ModelReadiness>(StatusCodes.Status503ServiceUnavailable)
        .Produces<InferenceError>(StatusCodes.Status404NotFound);

    private static void Answers(this RouteHandlerBuilder endpoint, string name, string summary) => endpoint
        .WithName($"Inference{name}").WithSummary(summary).Accepts<InferenceRequest>(ContentTypes.Json).RequireRateLimiting(RateLimits.Predicting).WithMetadata(new RequestSizeLimitAttribute(RequestBody.MostBytes))
        .Produces<InferenceError>(StatusCodes.Status400BadRequest).Produces<InferenceError>(StatusCodes.Status404NotFound)
        .Produces<InferenceError>(StatusCodes.Status413PayloadTooLarge).Produces<InferenceError>(StatusCodes.Status415UnsupportedMediaType)
        .Produces<InferenceError>(StatusCodes.Status429TooManyRequests).Produces<InferenceError>(StatusCodes.Status503ServiceUnavailable);
}
