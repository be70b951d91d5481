using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Titanic.Web.Access;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving.Protocols;

/// <summary>The Open Inference Protocol, version 2, over HTTP at <c>/v2</c>, with the extension <c>explain</c>.</summary>
internal static class OpenInferenceApi
{
    private const string Readiness = "200 when a champion is loaded and the database can store its predictions; else 503.";
    private const string BinaryData = "Without a content type the body is JSON. With the header Inference-Header-Content-Length, binary tensors "
        + "follow the JSON object; outputs with binary_data are returned in the same form, as application/octet-stream.";
    private const int NotFound = StatusCodes.Status404NotFound;

    public static void MapOpenInferenceApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v2").WithTags("Open Inference Protocol").AddEndpointFilter(RequestValidationException.AsProblem);
        api.MapGet("", () => TypedResults.Ok(new ServerMetadata("titanic", ProtocolRequest.ServerVersion, ["explain", BinaryTensors.Extension])))
            .WithDocumentation<InferenceError>("describeInferenceServer", "Describe the server", "Its name, version and extensions to the protocol.");
        api.MapGet("/health/live", () => TypedResults.Ok(new ServerLiveness(true))).AllowAnonymous()
            .WithDocumentation<InferenceError>("showInferenceLiveness", "Check liveness", "200 as soon as the database is ready; 503 until then.");
        api.MapGet("/health/ready", ServerReady).AllowAnonymous()
            .WithDocumentation<ServerReadiness>("showInferenceReadiness", "Check readiness", Readiness);

        var model = api.MapGroup("/models/{name}");
        model.MapGet("", Describe)
            .WithDocumentation<InferenceError>("describeInferenceModel", "Describe the model", "The tensors of the loaded version.", NotFound);
        model.MapGet("/ready", Ready)
            .WithDocumentation<ModelReadiness>("showInferenceModelReadiness", "Check readiness of the model", Readiness, NotFound);
        model.MapPost("/infer", ([AsParameters] ModelRoute model, HttpRequest request) => Infer(model, request, false))
            .WithInferenceDocumentation("infer", "Predict from tensors", "Predicts for up to 10,000 passengers.", ExampleResponse);
        model.MapPost("/explain", ([AsParameters] ModelRoute model, HttpRequest request) => Infer(model, request, true))
            .WithInferenceDocumentation(
                "explain", "Predict from tensors and explain",
                "Predicts for up to 100 passengers. The tensor explanation has the explanations as JSON strings.");

        var version = model.MapGroup("/versions/{version}");
        version.MapGet("", ([AsParameters] VersionRoute version, CancellationToken cancellation) => Describe(version, cancellation))
            .WithDocumentation<InferenceError>(
                "describeInferenceVersion", "Describe a version", "The tensors of the version, which must be the loaded one.", NotFound);
        version.MapGet("/ready", ([AsParameters] VersionRoute version, CancellationToken cancellation) => Ready(version, cancellation))
            .WithDocumentation<ModelReadiness>("showInferenceVersionReadiness", "Check readiness of a version", Readiness, NotFound);
        version.MapPost("/infer", ([AsParameters] VersionRoute version, HttpRequest request) => Infer(version, request, false))
            .WithInferenceDocumentation(
                "inferByVersion", "Predict from tensors with a version",
                "Predicts for up to 10,000 passengers. The version must be the loaded one.", ExampleResponse);
        version.MapPost("/explain", ([AsParameters] VersionRoute version, HttpRequest request) => Infer(version, request, true))
            .WithInferenceDocumentation(
                "explainByVersion", "Predict with a version and explain",
                "Predicts for up to 100 passengers. The version must be the loaded one.");
    }

    private record ModelRoute(
        [property: Description("Name of the model."), Example(ModelRegistry.ModelName)] string Name, OpenInference Inference)
    {
        public virtual string? Version => null;
    }

    private sealed record VersionRoute(string Name, string Version, OpenInference Inference) : ModelRoute(Name, Inference)
    {
        [Description("The number of the loaded version, or champion; any other version is a 404."), Example(ModelAliases.Champion)]
        public override string Version { get; } = Version;
    }

    private static async Task<Results<Ok<ServerReadiness>, JsonHttpResult<ServerReadiness>>> ServerReady(
        ServingReadiness readiness, CancellationToken cancellation) =>
        await readiness.FailureReason(cancellation) is null
            ? TypedResults.Ok(new ServerReadiness(true, true))
            : TypedResults.Json(new ServerReadiness(true, false), statusCode: StatusCodes.Status503ServiceUnavailable);

    private static async Task<Ok<ModelMetadata>> Describe([AsParameters] ModelRoute model, CancellationToken cancellation) =>
        TypedResults.Ok(await model.Inference.Describe(model.Name, model.Version, cancellation));

    private static async Task<Results<Ok<ModelReadiness>, JsonHttpResult<ModelReadiness>>> Ready(
        [AsParameters] ModelRoute model, CancellationToken cancellation) =>
        await model.Inference.IsReady(model.Name, model.Version, cancellation)
            ? TypedResults.Ok(new ModelReadiness(model.Name, true))
            : TypedResults.Json(new ModelReadiness(model.Name, false), statusCode: StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<Ok<InferenceResponse>, BinaryInferenceResponse>> Infer(ModelRoute model, HttpRequest request, bool explain)
    {
        var cancellation = request.HttpContext.RequestAborted;
        if (request.ContentType is not null)
            ProtocolRequest.RequireContentType(request, ProtocolRequest.Json, ProtocolRequest.Binary);
        var (json, data) = BinaryTensors.Split(
            await ProtocolRequest.ReadBody(request, cancellation), request.Headers.TryGetValue(BinaryTensors.LengthHeader, out var length) ? length.ToString() : null);
        var response = await model.Inference.Infer(model.Name, model.Version, InferenceRequest.Parse(json) with { BinaryData = data }, explain, cancellation);
        return response.Outputs.Any(output => output.Parameters is not null) ? new BinaryInferenceResponse(response) : TypedResults.Ok(response);
    }

    /// <summary>Sets the name, texts and error responses of an endpoint in the OpenAPI document.</summary>
    /// <typeparam name="TUnavailable">The body of a 503 response.</typeparam>
    private static RouteHandlerBuilder WithDocumentation<TUnavailable>(
        this RouteHandlerBuilder endpoint, string name, string summary, string description, params ReadOnlySpan<int> errorStatuses)
    {
        foreach (var status in (ReadOnlySpan<int>)[StatusCodes.Status400BadRequest, .. errorStatuses])
            endpoint.Produces<InferenceError>(status);
        return endpoint.Produces<TUnavailable>(StatusCodes.Status503ServiceUnavailable)
            .WithName(name).WithSummary(summary).WithDescription(description);
    }

    private static void WithInferenceDocumentation(this RouteHandlerBuilder endpoint, string name, string summary, string description,
        string? exampleResponse = null) => endpoint
        .WithDocumentation<InferenceError>(
            name, summary, $"{description} {BinaryData}", NotFound, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType,
            StatusCodes.Status429TooManyRequests)
        .Accepts<InferenceRequest>(ProtocolRequest.Json, ProtocolRequest.Binary)
        .Produces<InferenceResponse>(StatusCodes.Status200OK, ProtocolRequest.Json, ProtocolRequest.Binary).RequireRateLimiting(RateLimits.Predicting)
        .WithMetadata(new RequestSizeLimitAttribute(PredictionRequestReader.MaximumBodyBytes))
        .WithExample("two", "Two passengers, one of unknown age", ExampleRequest, exampleResponse)
        .WithExample("stream", "The same as a stream of bytes, here without binary tensors", ExampleRequest, type: ProtocolRequest.Binary)
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody!.Content![ProtocolRequest.Binary].Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
            return Task.CompletedTask;
        });

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
/// <param name="Outputs">The requested output tensors, in this order; null or empty for all.</param>
/// <param name="Parameters">binary_data_output: whether all outputs are binary; default false. Others are ignored.</param>
public sealed record InferenceRequest(
    IReadOnlyList<InputTensor> Inputs, string? Id = null, IReadOnlyList<RequestedOutput>? Outputs = null,
    IReadOnlyDictionary<string, JsonElement>? Parameters = null)
{
    /// <summary>The binary data after the JSON object.</summary>
    internal ReadOnlyMemory<byte> BinaryData { get; init; }

    private static readonly JsonSerializerOptions _strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    /// <param name="json">The request body, as read by <see cref="ProtocolRequest.ReadJson"/>.</param>
    /// <exception cref="RequestValidationException">The body does not match the protocol.</exception>
    internal static InferenceRequest Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<InferenceRequest>(json.Span, _strict)
                ?? throw new RequestValidationException("The body is null; it must be an object with the member inputs.");
        }
        catch (JsonException mismatch)
        {
            throw new RequestValidationException($"The body does not match the protocol at {Excerpt.TruncateRecord(mismatch.Path ?? "$")}; it must be "
                + "{id?: string, inputs: [{name: string, shape: [number], datatype: string, data: [value]}], outputs?: [{name: string}]}, "
                + "without duplicate members.");
        }
    }
}

/// <summary>An input tensor: the values of one field for all passengers.</summary>
/// <param name="Shape">[n] or [n, 1] for n passengers.</param>
/// <param name="Datatype">The datatype in the model's metadata; for numbers also any other numeric datatype, or BYTES.</param>
/// <param name="Data">n values, or n arrays of one value; null for an unknown value.</param>
/// <param name="Parameters">binary_data_size: the bytes of the tensor after the JSON object, instead of data. Others are ignored.</param>
public sealed record InputTensor(
    string Name, IReadOnlyList<ulong> Shape, string Datatype, JsonElement? Data = null, IReadOnlyDictionary<string, JsonElement>? Parameters = null);

/// <summary>The name of a requested output tensor.</summary>
/// <param name="Parameters">binary_data: whether the output is binary; default: binary_data_output of the request. Others are ignored.</param>
public sealed record RequestedOutput(string Name, IReadOnlyDictionary<string, JsonElement>? Parameters = null);

/// <summary>The name, version and protocol extensions of the server.</summary>
public sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions);

/// <summary>The liveness of the process.</summary>
public sealed record ServerLiveness(bool Live);

/// <summary>
/// The readiness of the server. The specification names the member "live", its implementations "ready"; both are present.
/// </summary>
public sealed record ServerReadiness(bool Live, bool Ready);

/// <summary>The readiness of the model.</summary>
public sealed record ModelReadiness(string Name, bool Ready);

/// <summary>The metadata of the model.</summary>
/// <param name="Versions">The versions that can be addressed: the loaded one.</param>
public sealed record ModelMetadata(
    string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs);

/// <summary>The metadata of an input or output tensor.</summary>
/// <param name="Shape">[-1], which stands for any number of passengers.</param>
public sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<int> Shape);

/// <summary>A response body of the Open Inference Protocol: the predictions for all inputs, one tensor for each output.</summary>
/// <param name="Id">The id of the request; left out where it has none.</param>
public sealed record InferenceResponse(
    [property: JsonPropertyName("model_name")] string ModelName,
    [property: JsonPropertyName("model_version")] string ModelVersion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id,
    IReadOnlyList<OutputTensor> Outputs);

/// <summary>An output tensor: the values of one output for all inputs.</summary>
/// <param name="Data">An array of Booleans, numbers or strings, by the datatype; left out for binary data.</param>
public sealed record OutputTensor(
    string Name, string Datatype, IReadOnlyList<int> Shape,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] object? Data)
{
    /// <summary>binary_data_size: the bytes of the tensor after the JSON object; left out for JSON data.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, int>? Parameters { get; init; }

    /// <summary>The elements as binary data.</summary>
    internal ReadOnlyMemory<byte> Binary { get; init; }
}
