using System.Text;
using System.Text.Json;

namespace Titanic.Web.Serving.Requests;

/// <summary>
/// A model's answers to all inputs of a finite view as JSON, written once, so that an answer is a few copies with the asker's own values
/// between them. They are cut out of what the serializer makes of a <see cref="PredictionAnswer"/>: no member's name or place stands here a
/// second time.
/// </summary>
internal sealed class AnswerTexts
{
    /// <summary>An id, two numbers and an instant, each as long as it gets.</summary>
    private const int MostOwnBytes = 20 + 2 * 32 + InstantText.MostBytes;

    private readonly byte[] _beforeId, _betweenNumbers, _end;
    private readonly (byte[] BeforeAge, byte[] AfterFare)[] _byCode;

    /// <exception cref="ArgumentException">There is no end of the inputs of the model's view.</exception>
    public AnswerTexts(ServedModel model, string source, JsonSerializerOptions json)
    {
        if (model.Table is not { } table)
            throw new ArgumentException($"Answers are written ahead for every input; {model.View.Schema} has no last one.", nameof(model));
        (_beforeId, _betweenNumbers, _end, _byCode) = ([], [], [], new (byte[], byte[])[table.Answers.Count]);
        for (short code = 0; code < _byCode.Length; code++)
        {
            var text = JsonSerializer.Serialize(PredictionAnswer.Of(At(model, code, source), model.View), json);
            var id = Behind(text, "\"id\":", 0);
            var age = Behind(text, "\"age\":", id);
            var fare = Behind(text, "\"fare\":", age);
            var instant = Behind(text, "\"createdAt\":\"", fare);
            _beforeId = Encoding.UTF8.GetBytes(text[..id]);
            _betweenNumbers = Encoding.UTF8.GetBytes(text[(age + Null.Length)..fare]);
            _end = Encoding.UTF8.GetBytes(text[text.IndexOf('"', instant)..]);
            _byCode[code] = (Encoding.UTF8.GetBytes(text[(id + Null.Length)..age]), Encoding.UTF8.GetBytes(text[(fare + Null.Length)..instant]));
        }
        MostBytes = _beforeId.Length + _betweenNumbers.Length + _end.Length + MostOwnBytes + _byCode.Max(parts => parts.BeforeAge.Length + parts.AfterFare.Length);
    }

    /// <summary>Room for the longest answer.</summary>
    public int MostBytes { get; }

    /// <param name="id">0 for an answer without a row.</param>
    /// <param name="createdAt">An <see cref="InstantText"/>.</param>
    /// <returns>How many bytes were written.</returns>
    public int Write(Span<byte> to, short code, long id, double? ageInYears, double? fareInPounds, ReadOnlySpan<byte> createdAt)
    {
        var (beforeAge, afterFare) = _byCode[code];
        var at = Copy(_beforeId, to, 0);
        at = id == 0 ? Copy("null"u8, to, at) : Write(id, to, at);
        at = Copy(beforeAge, to, at);
        at = Write(ageInYears, to, at);
        at = Copy(_betweenNumbers, to, at);
        at = Write(fareInPounds, to, at);
        at = Copy(afterFare, to, at);
        at = Copy(createdAt, to, at);
        return Copy(_end, to, at);
    }

    private const string Null = "null";

    /// <summary>What the model answers to an input, with nothing of an asker's in it.</summary>
    private static Prediction At(ServedModel model, short code, string source)
    {
        var (point, answer) = (model.View.AllPoints![code], model.Table!.Answers[code]);
        return new Prediction
        {
            Source = source,
            Pclass = (short)point[0],
            Sex = (Passengers.Sex)(int)point[1],
            PointCode = code,
            ModelName = Registry.ModelRegistry.ModelName,
            ModelVersion = model.Version,
            Survived = answer.Survived,
            Probability = answer.Probability,
            Survivors = answer.Survivors,
            Neighbors = answer.Neighbors,
        };
    }

    private static int Behind(string text, string name, int from) => text.IndexOf(name, from, StringComparison.Ordinal) + name.Length;

    private static int Copy(ReadOnlySpan<byte> part, Span<byte> to, int at)
    {
        part.CopyTo(to[at..]);
        return at + part.Length;
    }

    private static int Write(long number, Span<byte> to, int at)
    {
        number.TryFormat(to[at..], out var length, default, System.Globalization.CultureInfo.InvariantCulture);
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
        System.Buffers.Text.Utf8Formatter.TryFormat(value, to[at..], out var length);
        return at + length;
    }
}
