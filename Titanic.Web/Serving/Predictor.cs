using System.IO.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Serving;

/// <summary>
/// Makes predictions for every entry point: the page, the API and the protocols. A prediction is given only after its row is durable,
/// unless <see cref="PredictionLogMode.Off"/> is set.
/// </summary>
public sealed class Predictor(ChampionInMemory champion, PredictionLog log, PredictionResponseWriter responses, TimeProvider clock)
{
    /// <param name="inputs">At least one. All are predicted by one version. They stay as they are until the result is written.</param>
    /// <param name="source">One of <see cref="PredictionSources"/>.</param>
    /// <param name="options">What else is wanted.</param>
    /// <param name="cancellation">Before the rows are written; afterwards nothing is taken back.</param>
    /// <exception cref="NoChampionException">No version is in service yet.</exception>
    /// <exception cref="AnswersNotStoredException">The database does not answer, or is too slow.</exception>
    public async Task<PredictionResult> PredictAsync(ReadOnlyMemory<PredictionInput> inputs, string source, PredictionOptions options, CancellationToken cancellation)
    {
        var model = await InService(cancellation);
        var createdAt = Now();
        var deadline = log.NewDeadline();
        var ids = log.Mode == PredictionLogMode.Off ? null : await log.NewIds(inputs.Length, deadline);
        var result = new PredictionResult(model, inputs, source, createdAt, ids);
        if (options.Explainer is { } explainer)
            result.Explanations = await explainer.Explain(model, result.Predictions, cancellation);
        if (options.Idempotency is { } request)
            result.Stored = await StoreIdempotent(result, request, deadline, cancellation);
        else if (ids is not null)
            await log.Store(result.Predictions, deadline);
        return result;
    }

    /// <summary>From memory: only a process that has no champion yet reads the database.</summary>
    internal async ValueTask<ServedModel> InService(CancellationToken cancellation) =>
        champion.Current ?? await champion.Reload(cancellation) ?? throw new NoChampionException(champion.Alarm);

    /// <summary>To the microsecond, as the database keeps it: a prediction and its receipt have the same timestamp.</summary>
    private DateTimeOffset Now()
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>The body is written first and stored with the rows; what is sent is what is stored, whichever request stored it.</summary>
    private async Task<IdempotencyRecord> StoreIdempotent(PredictionResult result, IdempotentRequest request, Deadline deadline, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        await responses.Write(PipeWriter.Create(body, new StreamPipeWriterOptions(leaveOpen: true)), result, request.IsArray, cancellation);
        return await log.StoreIdempotent(
            new IdempotencyRecord { Caller = request.Caller, Key = request.Key, RequestSha256 = request.Sha256, Answer = body.ToArray(), CreatedAt = result.CreatedAt },
            result.Ids is null ? [] : result.Predictions, deadline);
    }
}

/// <param name="Explainer">Explains each prediction; null for none.</param>
/// <param name="Idempotency">A request that may be sent again; null for one without an <c>Idempotency-Key</c>.</param>
public sealed record PredictionOptions(Explainer? Explainer = null, IdempotentRequest? Idempotency = null)
{
    /// <summary>Predictions, and nothing else.</summary>
    public static PredictionOptions None { get; } = new();
}

/// <summary>A request with an <c>Idempotency-Key</c>.</summary>
/// <param name="Caller">Whose key it is: an account's or an API key's name, or empty.</param>
/// <param name="Key">The header.</param>
/// <param name="Sha256">Of what was requested: whether with explanations, and the body as it was sent.</param>
/// <param name="IsArray">Whether the response is an array.</param>
public sealed record IdempotentRequest(string Caller, string Key, byte[] Sha256, bool IsArray);

/// <summary>Predictions by one model version, each a stored row unless <see cref="PredictionLogMode.Off"/> is set.</summary>
public sealed class PredictionResult
{
    private readonly string _source;
    private Prediction[]? _predictions;

    internal PredictionResult(ServedModel model, ReadOnlyMemory<PredictionInput> inputs, string source, DateTimeOffset createdAt, long[]? ids)
    {
        (Model, Inputs, _source, CreatedAt, Ids) = (model, inputs, source, createdAt, ids);
    }

    /// <summary>The version that made all of the predictions.</summary>
    public ServedModel Model { get; }

    /// <summary>In the order of the inputs. Made when they are first needed: without a log, precomputed responses do not need them.</summary>
    public IReadOnlyList<Prediction> Predictions => _predictions ??= Predict();

    /// <summary>In the order of the inputs; null where none were wanted.</summary>
    public IReadOnlyList<ExplainedAnswer>? Explanations { get; internal set; }

    internal ReadOnlyMemory<PredictionInput> Inputs { get; }

    internal DateTimeOffset CreatedAt { get; }

    /// <summary>Null where predictions are not stored.</summary>
    internal long[]? Ids { get; }

    /// <summary>For a request with an <c>Idempotency-Key</c>: what is stored under the key, by this request or by an earlier one.</summary>
    internal IdempotencyRecord? Stored { get; set; }

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
        var answer = code is { } known ? Model.Table!.Answers[known] : Model.Answer(encoded);
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
            Survived = answer.Survived,
            Probability = answer.Probability,
            Survivors = answer.Survivors,
            Neighbors = answer.Neighbors,
        };
    }
}

/// <summary>No model can predict: no version has been promoted yet, or the alarm says why those that were cannot serve.</summary>
public sealed class NoChampionException(ChampionAlarm? alarm)
    : Exception(alarm?.Message ?? "No model is in service yet. Train one first: run training, or wait until the first start has finished.");
