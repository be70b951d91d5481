using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving;

/// <summary>A prediction as a response body of the API.</summary>
/// <param name="Id">
/// The id of the row in the table <c>predictions</c>; the receipt is <c>/predictions/{id}</c>. Null where predictions are not stored.
/// </param>
/// <param name="Survived">The predicted class.</param>
/// <param name="Probability">The predicted probability of survival, 0 to 1: (survivors + 1) / (neighbors + 2).</param>
/// <param name="Survivors">The number of voting neighbors that survived.</param>
/// <param name="Neighbors">The number of voting neighbors.</param>
/// <param name="Encoder">The id of the encoder that made <paramref name="Encoded"/>.</param>
/// <param name="Encoded">The encoded input of the model, one value per feature.</param>
/// <param name="Source">The source of the request: ui, api or batch.</param>
public record PredictionResponse(
    long? Id, bool Survived, double Probability, int Survivors, int Neighbors, int ModelVersion,
    int Pclass, [property: OneOf(SexConverter.Male, SexConverter.Female)] string Sex, double? Age, double? Fare, string Encoder,
    IReadOnlyList<EncodedValue> Encoded, string Source, DateTimeOffset CreatedAt)
{
    /// <summary>The explanation; left out where none was requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExplanationResponse? Explanation { get; init; }

    /// <param name="prediction">The prediction.</param>
    /// <param name="view">The feature view of the version that made it.</param>
    public static PredictionResponse Of(Prediction prediction, ITrainingView view) => new(
        prediction.PredictionId == 0 ? null : prediction.PredictionId, prediction.Survived, prediction.Probability, prediction.Survivors, prediction.Neighbors,
        prediction.ModelVersion, prediction.Pclass, SexConverter.Format(prediction.Sex), prediction.AgeInYears, prediction.FareInPounds,
        view.Schema.EncoderId, EncodedValue.Of(view, prediction.PointIn(view)), prediction.Source, prediction.CreatedAt);
}

/// <summary>
/// Writes predictions as JSON: from <see cref="PrecomputedResponses"/> where the view is finite and no explanation is requested, else with
/// the serializer.
/// </summary>
public sealed class PredictionResponseWriter(IOptions<JsonOptions> json)
{
    public const string ContentType = "application/json; charset=utf-8";

    /// <summary>The approximate size of the chunks in which an array is sent.</summary>
    private const int ChunkBytes = 32 * 1024;

    private volatile Cache? _cache;

    /// <summary>Sends the response body: a precomputed single prediction with Content-Length, everything else in chunks.</summary>
    internal async Task Send(HttpResponse response, PredictionResult result, bool asArray, CancellationToken cancellation)
    {
        response.ContentType = ContentType;
        if (asArray || result.Explanations is not null || ResponsesOf(result.Model) is not { } precomputed)
        {
            await Write(response.BodyWriter, result, asArray, cancellation);
            return;
        }
        var body = ArrayPool<byte>.Shared.Rent(precomputed.MaximumBytes);
        try
        {
            var length = WriteOne(body, precomputed, result);
            response.ContentLength = length;
            await response.BodyWriter.WriteAsync(body.AsMemory(0, length), cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    /// <summary>Writes the response body: one prediction, or an array of predictions.</summary>
    internal async Task Write(PipeWriter to, PredictionResult result, bool asArray, CancellationToken cancellation)
    {
        if (result.Explanations is null && ResponsesOf(result.Model) is { } precomputed)
        {
            if (asArray)
            {
                await WriteArray(to, precomputed, result, cancellation);
                return;
            }
            to.Advance(WriteOne(to.GetSpan(precomputed.MaximumBytes), precomputed, result));
            await to.FlushAsync(cancellation);
            return;
        }
        PredictionResponse[] responses =
        [
            .. result.Predictions.Select((prediction, i) =>
                PredictionResponse.Of(prediction, result.Model.View) with { Explanation = result.Explanations?[i] }),
        ];
        if (asArray)
            await JsonSerializer.SerializeAsync(to, responses, json.Value.SerializerOptions, cancellation);
        else
            await JsonSerializer.SerializeAsync(to, responses[0], json.Value.SerializerOptions, cancellation);
    }

    private static int WriteOne(Span<byte> to, PrecomputedResponses precomputed, PredictionResult result)
    {
        Span<byte> createdAt = stackalloc byte[Utf8Timestamp.MaximumBytes];
        return precomputed.Write(to, result, 0, createdAt[..Utf8Timestamp.Write(result.CreatedAt, createdAt)]);
    }

    private static async Task WriteArray(PipeWriter to, PrecomputedResponses precomputed, PredictionResult result, CancellationToken cancellation)
    {
        var createdAt = new byte[Utf8Timestamp.MaximumBytes];
        createdAt = createdAt[..Utf8Timestamp.Write(result.CreatedAt, createdAt)];
        var chunk = ArrayPool<byte>.Shared.Rent(Math.Max(ChunkBytes, precomputed.MaximumBytes + 3));
        try
        {
            for (var next = 0; next < result.Inputs.Length;)
            {
                var length = 0;
                for (; next < result.Inputs.Length && chunk.Length - length > precomputed.MaximumBytes + 2; next++)
                {
                    chunk[length++] = next == 0 ? (byte)'[' : (byte)',';
                    length += precomputed.Write(chunk.AsSpan(length), result, next, createdAt);
                }
                if (next == result.Inputs.Length)
                    chunk[length++] = (byte)']';
                await to.WriteAsync(chunk.AsMemory(0, length), cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>The precomputed responses, cached for the current model; null where the view has infinitely many inputs.</summary>
    private PrecomputedResponses? ResponsesOf(LoadedModel model)
    {
        if (_cache is not { } cache || cache.Model != model)
        {
            _cache = cache = new Cache(
                model, model.Table is null ? null : new PrecomputedResponses(model, PredictionSources.Api, json.Value.SerializerOptions));
        }
        return cache.Responses;
    }

    private sealed record Cache(LoadedModel Model, PrecomputedResponses? Responses);
}

/// <summary>
/// The serialized predictions of a model for all inputs of a finite view. Writing a response copies these parts and inserts the values of
/// the request: id, age, fare and timestamp. The parts are slices of a serialized <see cref="PredictionResponse"/>, so names and order of the
/// members are defined in one place.
/// </summary>
internal sealed class PrecomputedResponses
{
    private const string Null = "null";

    /// <summary>The maximum length of the inserted values: an id, two numbers and a timestamp.</summary>
    private const int MaximumRequestBytes = 20 + 2 * 32 + Utf8Timestamp.MaximumBytes;

    private readonly byte[] _beforeId, _betweenAgeAndFare, _end;
    private readonly (byte[] BeforeAge, byte[] AfterFare)[] _byCode;

    /// <exception cref="ArgumentException">The view of the model has infinitely many inputs.</exception>
    public PrecomputedResponses(LoadedModel model, string source, JsonSerializerOptions json)
    {
        if (model.Table is not { } table)
        {
            throw new ArgumentException(
                $"The view {model.View.Schema} has infinitely many inputs; responses can be precomputed only for a finite view.", nameof(model));
        }
        (_beforeId, _betweenAgeAndFare, _end, _byCode) = ([], [], [], new (byte[], byte[])[table.Predictions.Count]);
        for (short code = 0; code < _byCode.Length; code++)
        {
            var text = JsonSerializer.Serialize(PredictionResponse.Of(PredictionAt(model, code, source), model.View), json);
            var id = EndOf(text, "\"id\":", 0);
            var age = EndOf(text, "\"age\":", id);
            var fare = EndOf(text, "\"fare\":", age);
            var createdAt = EndOf(text, "\"createdAt\":\"", fare);
            _beforeId = Encoding.UTF8.GetBytes(text[..id]);
            _betweenAgeAndFare = Encoding.UTF8.GetBytes(text[(age + Null.Length)..fare]);
            _end = Encoding.UTF8.GetBytes(text[text.IndexOf('"', createdAt)..]);
            _byCode[code] = (Encoding.UTF8.GetBytes(text[(id + Null.Length)..age]), Encoding.UTF8.GetBytes(text[(fare + Null.Length)..createdAt]));
        }
        MaximumBytes = _beforeId.Length + _betweenAgeAndFare.Length + _end.Length + MaximumRequestBytes + _byCode.Max(parts => parts.BeforeAge.Length + parts.AfterFare.Length);
    }

    /// <summary>The maximum length of a response.</summary>
    public int MaximumBytes { get; }

    /// <summary>Writes the response for one input.</summary>
    /// <param name="to">The target, with a length of at least <see cref="MaximumBytes"/>.</param>
    /// <param name="result">A result of the same model.</param>
    /// <param name="index">The index of the input.</param>
    /// <param name="createdAt">The timestamp as written by <see cref="Utf8Timestamp"/>.</param>
    /// <returns>The number of bytes written.</returns>
    public int Write(Span<byte> to, PredictionResult result, int index, ReadOnlySpan<byte> createdAt)
    {
        ref readonly var input = ref result.Inputs.Span[index];
        var (beforeAge, afterFare) = _byCode[result.Model.View.CodeOf(input.Pclass, input.Sex, input.Age, input.Fare)!.Value];
        var at = Copy(_beforeId, to, 0);
        at = result.Ids is { } ids ? Write(ids[index], to, at) : Copy("null"u8, to, at);
        at = Copy(beforeAge, to, at);
        at = Write(input.Age, to, at);
        at = Copy(_betweenAgeAndFare, to, at);
        at = Write(input.Fare, to, at);
        at = Copy(afterFare, to, at);
        at = Copy(createdAt, to, at);
        return Copy(_end, to, at);
    }

    /// <summary>The prediction for a point, without the values that a request has.</summary>
    private static Prediction PredictionAt(LoadedModel model, short code, string source)
    {
        var (point, prediction) = (model.View.AllPoints![code], model.Table!.Predictions[code]);
        return new Prediction
        {
            Source = source,
            Pclass = (short)point[0],
            Sex = (Sex)(int)point[1],
            PointCode = code,
            ModelName = ModelRegistry.ModelName,
            ModelVersion = model.Version,
            Survived = prediction.Survived,
            Probability = prediction.Probability,
            Survivors = prediction.Survivors,
            Neighbors = prediction.Neighbors,
        };
    }

    private static int EndOf(string text, string name, int from) => text.IndexOf(name, from, StringComparison.Ordinal) + name.Length;

    private static int Copy(ReadOnlySpan<byte> part, Span<byte> to, int at)
    {
        part.CopyTo(to[at..]);
        return at + part.Length;
    }

    private static int Write(long number, Span<byte> to, int at)
    {
        number.TryFormat(to[at..], out var length, default, CultureInfo.InvariantCulture);
        return at + length;
    }

    /// <summary>
    /// Writes the shortest digits that round-trip, as the serializer does. Whole numbers, the common case, are written as integers.
    /// </summary>
    private static int Write(double? number, Span<byte> to, int at)
    {
        if (number is not { } value)
            return Copy("null"u8, to, at);
        var whole = (int)value;
        if (whole > 0 && whole == value)
            return Write(whole, to, at);
        Utf8Formatter.TryFormat(value, to[at..], out var length);
        return at + length;
    }
}

/// <summary>
/// Writes timestamps as the JSON serializer does: "2026-11-25T04:29:07.123+00:00", without trailing zeros in the fraction.
/// </summary>
internal static class Utf8Timestamp
{
    public const int MaximumBytes = 33;

    private const int FractionOffset = 19, FractionDigits = 7;

    /// <returns>The number of bytes written.</returns>
    public static int Write(DateTimeOffset instant, Span<byte> to)
    {
        Utf8Formatter.TryFormat(instant, to, out var length, 'O');
        var end = FractionOffset + 1 + FractionDigits;
        while (to[end - 1] == '0')
            end--;
        if (end == FractionOffset + 1)
            end = FractionOffset; // removes the decimal point too
        to[(FractionOffset + 1 + FractionDigits)..length].CopyTo(to[end..]);
        return length - (FractionOffset + 1 + FractionDigits - end);
    }
}
