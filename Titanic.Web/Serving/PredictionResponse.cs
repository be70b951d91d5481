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

/// <summary>A prediction as the API gives it.</summary>
/// <param name="Id">Its row in the predictions table; the receipt is <c>/predictions/{id}</c>. Null where predictions are not stored.</param>
/// <param name="Probability">Of survival, 0..1.</param>
/// <param name="Encoder">Whose values <paramref name="Encoded"/> are: what the model saw.</param>
public record PredictionAnswer(
    long? Id, bool Survived, double Probability, int Survivors, int Neighbors, int ModelVersion,
    int Pclass, [property: OneOf(SexConverter.Male, SexConverter.Female)] string Sex, double? Age, double? Fare, string Encoder,
    IReadOnlyList<EncodedValue> Encoded, string Source, DateTimeOffset CreatedAt)
{
    /// <summary>Only when it was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExplainedAnswer? Explanation { get; init; }

    /// <param name="prediction">The prediction.</param>
    /// <param name="view">That of the version that made it.</param>
    public static PredictionAnswer Of(Prediction prediction, ITrainingView view) => new(
        prediction.PredictionId == 0 ? null : prediction.PredictionId, prediction.Survived, prediction.Probability, prediction.Survivors, prediction.Neighbors,
        prediction.ModelVersion, prediction.Pclass, SexConverter.Format(prediction.Sex), prediction.AgeInYears, prediction.FareInPounds,
        view.Schema.EncoderId, EncodedValue.Of(view, prediction.PointIn(view)), prediction.Source, prediction.CreatedAt);
}

/// <summary>Writes predictions as JSON: copies of <see cref="PrecomputedResponses"/> where the view is finite and nothing is explained, else by the serializer.</summary>
public sealed class PredictionResponseWriter(IOptions<JsonOptions> json)
{
    public const string ContentType = "application/json; charset=utf-8";

    /// <summary>An array is sent in pieces of about this size.</summary>
    private const int PieceBytes = 32 * 1024;

    private volatile Cache? _cache;

    /// <summary>One prediction with its length, which needs no chunks; an array in pieces.</summary>
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

    /// <summary>One prediction, or an array of them.</summary>
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
        PredictionAnswer[] answers = [.. result.Predictions.Select((row, i) => PredictionAnswer.Of(row, result.Model.View) with { Explanation = result.Explanations?[i] })];
        if (asArray)
            await JsonSerializer.SerializeAsync(to, answers, json.Value.SerializerOptions, cancellation);
        else
            await JsonSerializer.SerializeAsync(to, answers[0], json.Value.SerializerOptions, cancellation);
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
        var piece = ArrayPool<byte>.Shared.Rent(Math.Max(PieceBytes, precomputed.MaximumBytes + 3));
        try
        {
            for (var next = 0; next < result.Inputs.Length;)
            {
                var length = 0;
                for (; next < result.Inputs.Length && piece.Length - length > precomputed.MaximumBytes + 2; next++)
                {
                    piece[length++] = next == 0 ? (byte)'[' : (byte)',';
                    length += precomputed.Write(piece.AsSpan(length), result, next, createdAt);
                }
                if (next == result.Inputs.Length)
                    piece[length++] = (byte)']';
                await to.WriteAsync(piece.AsMemory(0, length), cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>Null for a model with infinitely many inputs. Made anew for another model.</summary>
    private PrecomputedResponses? ResponsesOf(ServedModel model)
    {
        if (_cache is not { } cache || cache.Model != model)
            _cache = cache = new Cache(model, model.Table is null ? null : new PrecomputedResponses(model, PredictionSources.Api, json.Value.SerializerOptions));
        return cache.Responses;
    }

    private sealed record Cache(ServedModel Model, PrecomputedResponses? Responses);
}

/// <summary>
/// The JSON of a model's predictions for all inputs of a finite view, made once, so that a response is a few copies with the request's own
/// values between them. The parts are cut from what the serializer makes of a <see cref="PredictionAnswer"/>: names and order of members
/// are not repeated here.
/// </summary>
internal sealed class PrecomputedResponses
{
    private const string Null = "null";

    /// <summary>An id, two numbers and a timestamp at their longest.</summary>
    private const int MaximumOwnBytes = 20 + 2 * 32 + Utf8Timestamp.MaximumBytes;

    private readonly byte[] _beforeId, _betweenNumbers, _end;
    private readonly (byte[] BeforeAge, byte[] AfterFare)[] _byCode;

    /// <exception cref="ArgumentException">The view of the model has infinitely many inputs.</exception>
    public PrecomputedResponses(ServedModel model, string source, JsonSerializerOptions json)
    {
        if (model.Table is not { } table)
            throw new ArgumentException($"Responses are precomputed for every input, and {model.View.Schema} has infinitely many.", nameof(model));
        (_beforeId, _betweenNumbers, _end, _byCode) = ([], [], [], new (byte[], byte[])[table.Answers.Count]);
        for (short code = 0; code < _byCode.Length; code++)
        {
            var text = JsonSerializer.Serialize(PredictionAnswer.Of(At(model, code, source), model.View), json);
            var id = EndOf(text, "\"id\":", 0);
            var age = EndOf(text, "\"age\":", id);
            var fare = EndOf(text, "\"fare\":", age);
            var createdAt = EndOf(text, "\"createdAt\":\"", fare);
            _beforeId = Encoding.UTF8.GetBytes(text[..id]);
            _betweenNumbers = Encoding.UTF8.GetBytes(text[(age + Null.Length)..fare]);
            _end = Encoding.UTF8.GetBytes(text[text.IndexOf('"', createdAt)..]);
            _byCode[code] = (Encoding.UTF8.GetBytes(text[(id + Null.Length)..age]), Encoding.UTF8.GetBytes(text[(fare + Null.Length)..createdAt]));
        }
        MaximumBytes = _beforeId.Length + _betweenNumbers.Length + _end.Length + MaximumOwnBytes + _byCode.Max(parts => parts.BeforeAge.Length + parts.AfterFare.Length);
    }

    /// <summary>Of the longest response.</summary>
    public int MaximumBytes { get; }

    /// <param name="to">Has room for <see cref="MaximumBytes"/>.</param>
    /// <param name="result">Of the same model.</param>
    /// <param name="index">Of the input.</param>
    /// <param name="createdAt">A <see cref="Utf8Timestamp"/>.</param>
    /// <returns>How many bytes were written.</returns>
    public int Write(Span<byte> to, PredictionResult result, int index, ReadOnlySpan<byte> createdAt)
    {
        ref readonly var input = ref result.Inputs.Span[index];
        var (beforeAge, afterFare) = _byCode[result.Model.View.CodeOf(input.Pclass, input.Sex, input.Age, input.Fare)!.Value];
        var at = Copy(_beforeId, to, 0);
        at = result.Ids is { } ids ? Write(ids[index], to, at) : Copy("null"u8, to, at);
        at = Copy(beforeAge, to, at);
        at = Write(input.Age, to, at);
        at = Copy(_betweenNumbers, to, at);
        at = Write(input.Fare, to, at);
        at = Copy(afterFare, to, at);
        at = Copy(createdAt, to, at);
        return Copy(_end, to, at);
    }

    /// <summary>The prediction for an input, without the values that belong to a request.</summary>
    private static Prediction At(ServedModel model, short code, string source)
    {
        var (point, answer) = (model.View.AllPoints![code], model.Table!.Answers[code]);
        return new Prediction
        {
            Source = source,
            Pclass = (short)point[0],
            Sex = (Sex)(int)point[1],
            PointCode = code,
            ModelName = ModelRegistry.ModelName,
            ModelVersion = model.Version,
            Survived = answer.Survived,
            Probability = answer.Probability,
            Survivors = answer.Survivors,
            Neighbors = answer.Neighbors,
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

    /// <summary>As the serializer does: the shortest digits that are read back to the bit. Whole numbers, which most are, go the short way.</summary>
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

/// <summary>A timestamp as JSON has it: "2026-11-25T04:29:07.123+00:00", without zeros at the end of the fraction.</summary>
internal static class Utf8Timestamp
{
    public const int MaximumBytes = 33;

    private const int Fraction = 19, FractionDigits = 7;

    /// <returns>How many bytes were written.</returns>
    public static int Write(DateTimeOffset instant, Span<byte> to)
    {
        Utf8Formatter.TryFormat(instant, to, out var length, 'O');
        var end = Fraction + 1 + FractionDigits;
        while (to[end - 1] == '0')
            end--;
        if (end == Fraction + 1)
            end = Fraction; // not even the point
        to[(Fraction + 1 + FractionDigits)..length].CopyTo(to[end..]);
        return length - (Fraction + 1 + FractionDigits - end);
    }
}
