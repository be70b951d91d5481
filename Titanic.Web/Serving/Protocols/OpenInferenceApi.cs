using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving.Protocols;

/// <summary>The Open Inference Protocol, version 2, over HTTP below <c>/v2</c>, and its extension <c>explain</c>.</summary>
internal static class OpenInferenceApi
{
    private const string BinaryLength = "Inference-Header-Content-Length";
    private const string Readiness = "200 when the version in service can predict and the database can store its predictions; else 503.";
    private const int Unknown = StatusCodes.Status404NotFound;

    public static void MapOpenInferenceApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v2").WithTags("Open Inference Protocol").AddEndpointFilter(RequestValidationException.AsProblem);
        api.MapGet("", () => TypedResults.Ok(new ServerMetadata("titanic", ProtocolRequest.ServerVersion, ["explain"])))
            .Tells<InferenceError>("describeInferenceServer", "Describe the server", "Its name, version and extensions to the protocol.");
        api.MapGet("/health/live", () => TypedResults.Ok(new ServerLiveness(true)))
            .Tells<InferenceError>("showInferenceLiveness", "Check liveness", "200 as soon as it takes requests.");
        api.MapGet("/health/ready", ServerReady)
            .Tells<ServerReadiness>("showInferenceReadiness", "Check readiness", Readiness);

        var model = api.MapGroup("/models/{name}");
        model.MapGet("", Describe)
            .Tells<InferenceError>("describeInferenceModel", "Describe the model", "The tensors of the version in service.", Unknown);
        model.MapGet("/ready", Ready)
            .Tells<ModelReadiness>("showInferenceModelReadiness", "Check readiness of the model", Readiness, Unknown);
        model.MapPost("/infer", ([AsParameters] ModelAddress model, HttpRequest request) => Answer(model, request, false))
            .Answers("infer", "Predict from tensors", "For up to 10,000 passengers.", ExampleResponse);
        model.MapPost("/explain", ([AsParameters] ModelAddress model, HttpRequest request) => Answer(model, request, true))
            .Answers("explain", "Predict from tensors and explain", "For up to 100 passengers, as JSON in the tensor explanation.");

        var version = model.MapGroup("/versions/{version}");
        version.MapGet("", ([AsParameters] VersionAddress version, CancellationToken cancellation) => Describe(version, cancellation))
            .Tells<InferenceError>("describeInferenceVersion", "Describe a version", "Its tensors. It must be in service.", Unknown);
        version.MapGet("/ready", ([AsParameters] VersionAddress version, CancellationToken cancellation) => Ready(version, cancellation))
            .Tells<ModelReadiness>("showInferenceVersionReadiness", "Check readiness of a version", Readiness, Unknown);
        version.MapPost("/infer", ([AsParameters] VersionAddress version, HttpRequest request) => Answer(version, request, false))
            .Answers("inferByVersion", "Predict from tensors with a version", "It must be in service.", ExampleResponse);
        version.MapPost("/explain", ([AsParameters] VersionAddress version, HttpRequest request) => Answer(version, request, true))
            .Answers("explainByVersion", "Predict with a version and explain", "It must be in service.");
    }

    private record ModelAddress(
        [property: Description("Name of the model."), Example(ModelRegistry.ModelName)] string Name, OpenInference Inference)
    {
        public virtual string? Version => null;
    }

    private sealed record VersionAddress(string Name, string Version, OpenInference Inference) : ModelAddress(Name, Inference)
    {
        [Description("The number of the version in service, or champion; any other is a 404."), Example(ModelAliases.Champion)]
        public override string Version { get; } = Version;
    }

    private static async Task<Results<Ok<ServerReadiness>, JsonHttpResult<ServerReadiness>>> ServerReady(ServingReadiness readiness, CancellationToken cancellation) =>
        await readiness.FailureReason(cancellation) is null
            ? TypedResults.Ok(new ServerReadiness(true, true))
            : TypedResults.Json(new ServerReadiness(true, false), statusCode: StatusCodes.Status503ServiceUnavailable);

    private static async Task<Ok<ModelMetadata>> Describe([AsParameters] ModelAddress model, CancellationToken cancellation) =>
        TypedResults.Ok(await model.Inference.Describe(model.Name, model.Version, cancellation));

    private static async Task<Results<Ok<ModelReadiness>, JsonHttpResult<ModelReadiness>>> Ready(
        [AsParameters] ModelAddress model, CancellationToken cancellation) =>
        await model.Inference.IsReady(model.Name, model.Version, cancellation)
            ? TypedResults.Ok(new ModelReadiness(model.Name, true))
            : TypedResults.Json(new ModelReadiness(model.Name, false), statusCode: StatusCodes.Status503ServiceUnavailable);

    private static async Task<Ok<InferenceResponse>> Answer(ModelAddress model, HttpRequest request, bool isExplained)
    {
        var cancellation = request.HttpContext.RequestAborted;
        if (request.Headers.ContainsKey(BinaryLength))
            throw new RequestValidationException($"The request has the header {BinaryLength}; tensors are taken as JSON only, because the binary tensor data extension is not supported.");
        ProtocolRequest.RequireContentType(request, ProtocolRequest.Json);
        var question = InferenceRequest.Parse(await ProtocolRequest.ReadJson(request, cancellation));
        return TypedResults.Ok(await model.Inference.Answer(model.Name, model.Version, question, isExplained, cancellation));
    }

    /// <typeparam name="TUnable">What a process says that cannot.</typeparam>
    private static RouteHandlerBuilder Tells<TUnable>(this RouteHandlerBuilder endpoint, string name, string summary, string description, params ReadOnlySpan<int> refusals)
    {
        foreach (var status in (ReadOnlySpan<int>)[StatusCodes.Status400BadRequest, .. refusals])
            endpoint.Produces<InferenceError>(status);
        return endpoint.Produces<TUnable>(StatusCodes.Status503ServiceUnavailable).WithName(name).WithSummary(summary).WithDescription(description);
    }

    private static void Answers(this RouteHandlerBuilder endpoint, string name, string summary, string description,
        string? exampleResponse = null) => endpoint
        .Tells<InferenceError>(name, summary, description, Unknown, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType, StatusCodes.Status429TooManyRequests)
        .Accepts<InferenceRequest>(ProtocolRequest.Json).RequireRateLimiting(RateLimits.Predicting)
        .WithMetadata(new RequestSizeLimitAttribute(PredictionRequestReader.MaximumBodyBytes))
        .WithExample("two", "Two passengers, one of unknown age", ExampleRequest, exampleResponse);

    private const string ExampleRequest =
        """
        {"id": "42", "inputs": [
          {"name": "pclass", "shape": [2], "datatype": "INT64", "data": [1, 3]},
          {"name": "sex", "shape": [2], "datatype": "BYTES", "data": ["female", "male"]},
          {"name": "age", "shape": [2], "datatype": "FP64", "data": [29, null]}]}
        """;

    private const string ExampleResponse =
        """
        {"model_name": "titanic_knn", "model_version": "1", "id": "42", "outputs": [
          {"name": "survived", "datatype": "BOOL", "shape": [2], "data": [true, false]},
          {"name": "probability", "datatype": "FP64", "shape": [2], "data": [0.8888888888888888, 0.18518518518518517]},
          {"name": "survivors", "datatype": "INT64", "shape": [2], "data": [7, 4]},
          {"name": "neighbors", "datatype": "INT64", "shape": [2], "data": [7, 25]},
          {"name": "prediction_id", "datatype": "INT64", "shape": [2], "data": [306, 307]}]}
        """;
}

/// <summary>A request of the Open Inference Protocol: one named tensor for each input of the model.</summary>
/// <param name="Id">Returned with the response.</param>
/// <param name="Outputs">Which tensors are wanted, in this order; all where it is left out or empty.</param>
/// <param name="Parameters">None is known, so all are ignored.</param>
public sealed record InferenceRequest(
    IReadOnlyList<InputTensor> Inputs, string? Id = null, IReadOnlyList<RequestedOutput>? Outputs = null, IReadOnlyDictionary<string, JsonElement>? Parameters = null)
{
    private static readonly JsonSerializerOptions _strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    /// <param name="json">See <see cref="ProtocolRequest.ReadJson"/>.</param>
    /// <exception cref="RequestValidationException">It has another form than the protocol's.</exception>
    internal static InferenceRequest Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<InferenceRequest>(json.Span, _strict) ?? throw new RequestValidationException("The body is null; it must be an object with inputs.");
        }
        catch (JsonException misfit)
        {
            throw new RequestValidationException($"The body does not fit the protocol at {Excerpt.TruncateRecord(misfit.Path ?? "$")}; "
                + "it must be {id?: text, inputs: [{name: text, shape: [number], datatype: text, data: [value]}], outputs?: [{name: text}]}, with no member twice.");
        }
    }
}

/// <param name="Shape">[n] or [n, 1] for n passengers.</param>
/// <param name="Datatype">As in the model's metadata; a tensor of numbers may have any other type of numbers too, FP16 and BF16 excepted.</param>
/// <param name="Data">n values, each for itself or in an array of its own; null where it is unknown.</param>
public sealed record InputTensor(
    string Name, IReadOnlyList<ulong> Shape, string Datatype, JsonElement? Data = null, IReadOnlyDictionary<string, JsonElement>? Parameters = null);

public sealed record RequestedOutput(string Name, IReadOnlyDictionary<string, JsonElement>? Parameters = null);

/// <summary>What the server is and can do beyond the protocol.</summary>
public sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions);

/// <summary>Whether the process is running.</summary>
public sealed record ServerLiveness(bool Live);

/// <summary>The protocol's text calls the member "live", its servers "ready"; so it has both.</summary>
public sealed record ServerReadiness(bool Live, bool Ready);

public sealed record ModelReadiness(string Name, bool Ready);

/// <param name="Versions">Those that may be asked for by number: the one in service.</param>
public sealed record ModelMetadata(string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs);

/// <param name="Shape">[-1]: as long as you like.</param>
public sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<int> Shape);

/// <summary>Predictions for all inputs, one tensor for each output.</summary>
/// <param name="Id">Of the request, where it had one.</param>
public sealed record InferenceResponse(
    [property: JsonPropertyName("model_name")] string ModelName,
    [property: JsonPropertyName("model_version")] string ModelVersion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id,
    IReadOnlyList<OutputTensor> Outputs);

/// <param name="Data">An array of booleans, numbers or texts, by the datatype.</param>
public sealed record OutputTensor(string Name, string Datatype, IReadOnlyList<int> Shape, object Data);
