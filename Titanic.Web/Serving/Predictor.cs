using System.IO.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Serving;

/// <summary>
/// Makes online predictions with the champion, for every entry point: the page, the API and the protocols. A prediction is returned only
/// after its row is durable, unless <see cref="PredictionLogMode.Off"/> is set.
/// </summary>
public sealed class Predictor(ChampionCache champion, PredictionLog log, PredictionResponseWriter responses, TimeProvider clock)
{
    /// <summary>Predicts all inputs of one request with one model version and stores the predictions.</summary>
    /// <param name="inputs">At least one. The memory must not change until the result is written.</param>
    /// <param name="source">One of <see cref="PredictionSources"/>.</param>
    /// <param name="options">Explanations and idempotency.</param>
    /// <param name="cancellation">Has an effect only before the rows are written.</param>
    /// <exception cref="NoChampionException">No version can serve.</exception>
    /// <exception cref="PredictionsNotStoredException">The database does not respond, or not in time.</exception>
    public async Task<PredictionResult> PredictAsync(
        ReadOnlyMemory<PredictionInput> inputs, string source, PredictionOptions options, CancellationToken cancellation)
    {
        var model = await GetChampion(cancellation);
        var createdAt = Now();
        var deadline = log.NewDeadline();
        var ids = log.Mode == PredictionLogMode.Off ? null : await log.NewIds(inputs.Length, deadline);
        var result = new PredictionResult(model, inputs, source, createdAt, ids);
        var isRepeated = false;
        if (options.Explainer is { } explainer)
            result.Explanations = await explainer.Explain(model, result.Predictions, cancellation);
        if (options.Idempotency is { } request)
            (result.StoredResponse, isRepeated) = await StoreIdempotent(result, request, deadline, cancellation);
        else if (ids is not null)
            await log.Store(result.Predictions, deadline);
        if (!isRepeated)
        {
            PredictionTelemetry.Count(source, model.Version, inputs.Length);
            PredictionTelemetry.Tag(result);
        }
        return result;
    }

    /// <summary>The champion in memory; reads the database only while the process has none.</summary>
    /// <exception cref="NoChampionException">No version can serve.</exception>
    internal async ValueTask<LoadedModel> GetChampion(CancellationToken cancellation) =>
        champion.Current ?? await champion.Reload(cancellation) ?? throw new NoChampionException(champion.Alarm);

    /// <summary>
    /// The time in microseconds, the resolution of the database, so that a prediction and its receipt have the same timestamp.
    /// </summary>
    private DateTimeOffset Now()
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>
    /// Stores the response body with the rows. Returns the stored response, and whether it is that of an earlier request with the key.
    /// </summary>
    private async Task<(IdempotencyRecord Stored, bool IsRepeated)> StoreIdempotent(
        PredictionResult result, IdempotentRequest request, Deadline deadline, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        await responses.Write(PipeWriter.Create(body, new StreamPipeWriterOptions(leaveOpen: true)), result, request.IsArray, cancellation);
        var record = new IdempotencyRecord
        {
            Caller = request.Caller,
            Key = request.Key,
            RequestSha256 = request.Sha256,
            ResponseBody = body.ToArray(),
            CreatedAt = result.CreatedAt,
        };
        var stored = await log.StoreIdempotent(record, result.Ids is null ? [] : result.Predictions, deadline);
        return (stored, !stored.ResponseBody.AsSpan().SequenceEqual(record.ResponseBody)); // bodies differ in ids and times
    }
}

/// <summary>Options of a request for predictions.</summary>
/// <param name="Explainer">Explains each prediction; null for no explanations.</param>
/// <param name="Idempotency">The idempotency key of the request; null for a request without one.</param>
public sealed record PredictionOptions(Explainer? Explainer = null, IdempotentRequest? Idempotency = null)
{
    /// <summary>No explanations and no idempotency key.</summary>
    public static PredictionOptions None { get; } = new();
}

/// <summary>A request with an <c>Idempotency-Key</c>.</summary>
/// <param name="Caller">The name of the account or the API key; empty for an anonymous caller.</param>
/// <param name="Key">The value of the header.</param>
/// <param name="Sha256">The SHA-256 of the request: whether explanations are requested, and the body.</param>
/// <param name="IsArray">Whether the response is an array.</param>
public sealed record IdempotentRequest(string Caller, string Key, byte[] Sha256, bool IsArray);

/// <summary>
/// The result of one request: a <see cref="Prediction"/> for each input, made by one model version. Each is a stored row, unless
/// <see cref="PredictionLogMode.Off"/> is set.
/// </summary>
public sealed class PredictionResult
{
    private readonly string _source;
    private Prediction[]? _predictions;

    internal PredictionResult(LoadedModel model, ReadOnlyMemory<PredictionInput> inputs, string source, DateTimeOffset createdAt, long[]? ids) =>
        (Model, Inputs, _source, CreatedAt, Ids) = (model, inputs, source, createdAt, ids);

    /// <summary>The version that made all of the predictions.</summary>
    public LoadedModel Model { get; }

    /// <summary>
    /// The predictions in the order of the inputs. Created on first use: without a log, precomputed responses do not need them.
    /// </summary>
    public IReadOnlyList<Prediction> Predictions => _predictions ??= Predict();

    /// <summary>The explanations in the order of the inputs; null where none were requested.</summary>
    public IReadOnlyList<ExplanationResponse>? Explanations { get; internal set; }

    internal ReadOnlyMemory<PredictionInput> Inputs { get; }

    internal DateTimeOffset CreatedAt { get; }

    /// <summary>The ids in the order of the inputs; null where predictions are not stored.</summary>
    internal long[]? Ids { get; }

    /// <summary>The stored response of a request with an <c>Idempotency-Key</c>, of this request or an earlier one; else null.</summary>
    internal IdempotencyRecord? StoredResponse { get; set; }

    private Prediction[] Predict()
    {
        var predictions = new Prediction[Inputs.Length];
        for (var i = 0; i < predictions.Length; i++)
            predictions[i] = Predict(Inputs.Span[i], Ids?[i] ?? 0);
        return predictions;
    }

    private Prediction Predict(in PredictionInput input, long id)
    {
        var code = Model.View.CodeOf(input.Pclass, input.Sex, input.Age, input.Fare);
        var encoded = code is null ? input.EncodeBy(Model.View) : null;
        var prediction = code is { } known ? Model.Table!.Predictions[known] : Model.Predict(encoded);
        return new Prediction
        {
            PredictionId = id,
            CreatedAt = CreatedAt,
            Source = _source,
            LogicalDate = DateOnly.FromDateTime(CreatedAt.UtcDateTime),
            Pclass = (short)input.Pclass,
            Sex = input.Sex,
            AgeInYears = input.Age,
            FareInPounds = input.Fare,
            PointCode = code,
            Encoded = encoded,
            ModelName = ModelRegistry.ModelName,
            ModelVersion = Model.Version,
            Survived = prediction.Survived,
            Probability = prediction.Probability,
            Survivors = prediction.Survivors,
            Neighbors = prediction.Neighbors,
        };
    }
}

/// <summary>
/// No model version can serve: none has been promoted yet, or the promoted ones cannot be loaded for the reason in the alarm.
/// </summary>
public sealed class NoChampionException(ChampionAlarm? alarm)
    : Exception(alarm?.Message ?? "There is no champion model yet. Run the training pipeline, or wait until the first start is complete.");
