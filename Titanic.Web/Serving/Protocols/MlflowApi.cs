using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Titanic.Web.Access;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>
/// The protocol of MLflow's scoring server, at its paths: <c>POST /invocations</c>, <c>GET /ping</c>, <c>/health</c>, <c>/version</c>.
/// </summary>
internal static class MlflowApi
{
    public static void MapMlflowApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("").WithTags("MLflow");
        api.MapPost("/invocations", Score).AddEndpointFilter(RequestValidationException.AsProblem)
            .RequireRateLimiting(RateLimits.Predicting).WithMetadata(new RequestSizeLimitAttribute(PredictionRequestReader.MaximumBodyBytes))
            .WithName("scoreByMlflow").WithSummary("Predict with the MLflow protocol")
            .WithDescription("Predicts for the rows of one of dataframe_split, dataframe_records, instances and inputs, or of CSV with a header. "
                + "Columns that are not in the model's signature, and params, are ignored. Values can be strings in the spellings of a CSV cell.")
            .Accepts<MlflowRequest>(ProtocolRequest.Json, ProtocolRequest.Csv).Produces<MlflowResponse>()
            .WithExample("split", "Two passengers in the pandas split orientation", """
                {"dataframe_split": {"columns": ["pclass", "sex", "age", "fare"],
                  "data": [[1, "female", 29, 100], [3, "male", null, null]]}}
                """, """
                {"predictions": [{"survived": true, "probability": 0.9333333333333333, "survivors": 13, "neighbors": 13,
                  "prediction_id": 304},
                   {"survived": false, "probability": 0.18518518518518517, "survivors": 4, "neighbors": 25, "prediction_id": 305}]}
                """)
            .WithExample("columns", "Two passengers by column", """{"inputs": {"pclass": [1, 3], "sex": ["female", "male"]}}""")
            .WithExample("csv", "A table with a header", "pclass,sex,age,fare\n1,female,29,100\n3,male,,\n", type: ProtocolRequest.Csv)
            .ProducesErrors(StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType, StatusCodes.Status429TooManyRequests);
        api.MapGet("/ping", Ping).AllowAnonymous().WithName("pingByMlflow").WithSummary("Check readiness")
            .WithDescription("200 when a champion is loaded and the database can store its predictions; else 503.").ProducesErrors();
        api.MapGet("/health", Ping).AllowAnonymous().WithName("healthByMlflow").WithSummary("Check readiness (same as /ping)")
            .WithDescription("200 when a champion is loaded and the database can store its predictions; else 503.").ProducesErrors();
        api.MapGet("/version", Version).WithName("versionByMlflow").WithSummary("Show the version of this server")
            .WithDescription("The version of Titanic, not of MLflow.").Produces<string>(contentType: "text/plain").ProducesErrors();
    }

    /// <summary>
    /// Documents the errors of an endpoint: 400 for an unknown query parameter, 503 for an unavailable model, and the given ones.
    /// </summary>
    private static void ProducesErrors(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> otherStatuses)
    {
        foreach (var status in (ReadOnlySpan<int>)[StatusCodes.Status400BadRequest, .. otherStatuses, StatusCodes.Status503ServiceUnavailable])
            endpoint.Produces<MlflowError>(status);
    }

    private static async Task<Ok<MlflowResponse>> Score(
        HttpRequest request, Predictor predictor, IOptions<PassengersOptions> csv, CancellationToken cancellation)
    {
        var inputs = ProtocolRequest.RequireContentType(request, ProtocolRequest.Json, ProtocolRequest.Csv) == ProtocolRequest.Csv
            ? await MlflowCsv.Read(request.Body, csv.Value, cancellation)
            : MlflowFrames.Read(await ProtocolRequest.ReadJson(request, cancellation));
        var result = await predictor.PredictAsync(inputs, PredictionSources.Api, PredictionOptions.None, cancellation);
        return TypedResults.Ok(new MlflowResponse([.. result.Predictions.Select(MlflowPrediction.Of)]));
    }

    private static async Task<Results<Ok, ProblemHttpResult>> Ping(ServingReadiness readiness, CancellationToken cancellation) =>
        await readiness.FailureReason(cancellation) is { } reason
            ? TypedResults.Problem(reason, statusCode: StatusCodes.Status503ServiceUnavailable)
            : TypedResults.Ok();

    private static ContentHttpResult Version() => TypedResults.Text(ProtocolRequest.ServerVersion);
}

/// <summary>The response body of MLflow's scoring server.</summary>
public sealed record MlflowResponse(IReadOnlyList<MlflowPrediction> Predictions);

/// <summary>
/// One prediction of an MLflow response body: the outputs of the model's signature in their order, as MLflow serializes a row of a data
/// frame, and the id of the prediction.
/// </summary>
/// <param name="Survived">The predicted class.</param>
/// <param name="Probability">The predicted probability of survival, 0 to 1.</param>
/// <param name="Survivors">The number of voting neighbors that survived.</param>
/// <param name="Neighbors">The number of voting neighbors.</param>
/// <param name="PredictionId">The receipt is <c>/predictions/{id}</c>; null where predictions are not stored.</param>
public sealed record MlflowPrediction(
    bool Survived, double Probability, int Survivors, int Neighbors, [property: JsonPropertyName("prediction_id")] long? PredictionId)
{
    internal static MlflowPrediction Of(Prediction prediction) => new(
        prediction.Survived, prediction.Probability, prediction.Survivors, prediction.Neighbors,
        prediction.PredictionId == 0 ? null : prediction.PredictionId);
}

/// <summary>
/// The request body of MLflow's scoring server, with exactly one of the first four members.
/// </summary>
/// <param name="Split">Column names and rows, as pandas <c>to_dict(orient="split")</c> returns them.</param>
/// <param name="Records">An object for each row.</param>
/// <param name="Instances">An object for each row, all with the same members.</param>
/// <param name="Inputs">An array for each column, or an object for each row.</param>
/// <param name="Params">Inference parameters. The model's signature has none, so they are ignored, as in MLflow.</param>
public sealed record MlflowRequest(
    [property: JsonPropertyName("dataframe_split")] SplitFrame? Split = null,
    [property: JsonPropertyName("dataframe_records")] IReadOnlyList<PredictionInput>? Records = null,
    IReadOnlyList<PredictionInput>? Instances = null,
    PassengerColumns? Inputs = null,
    JsonElement? Params = null);

/// <summary>A data frame in the pandas split orientation.</summary>
/// <param name="Columns">The column names; pclass and sex are required.</param>
/// <param name="Data">The rows, each with one value per column.</param>
/// <param name="Index">The row labels; ignored.</param>
public sealed record SplitFrame(
    IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<JsonElement>> Data, IReadOnlyList<JsonElement>? Index = null);

/// <summary>A data frame by column. All columns must have the same length.</summary>
public sealed record PassengerColumns(
    IReadOnlyList<int> Pclass, IReadOnlyList<string> Sex, IReadOnlyList<double?>? Age = null, IReadOnlyList<double?>? Fare = null);
