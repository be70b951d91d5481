using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving;

/// <summary>
/// Reads one input, or an array of them, from a JSON body while it arrives: token by token, without a tree, and without keeping what was
/// read. <see cref="PredictionInputBuilder"/> checks the values; here is only what JSON adds to that.
/// </summary>
internal sealed class PredictionRequestReader : IDisposable
{
    /// <summary>Ten thousand inputs with room to spare; more is refused with 413.</summary>
    public const int MaximumBodyBytes = 4 * 1024 * 1024;

    /// <summary>A name, a text or a number is read whole, so it may not be as long as the body.</summary>
    private const int MaximumTokenBytes = 64 * 1024;

    /// <summary>The number of problems in one response: a wrong column would give ten thousand.</summary>
    private const int MaximumProblems = 100;

    private const string Shape = "{pclass: 1|2|3, sex: \"male\"|\"female\", age?: years, fare?: pounds}";

    private enum Place
    {
        Start,
        Array,
        Input,
        Value,
        Skipped,
        End,
    }

    private static readonly ArrayPool<PredictionInput> _pool = ArrayPool<PredictionInput>.Shared;

    private readonly PredictionInputBuilder _builder = new();
    private JsonReaderState _json;
    private Place _place;
    private PredictionField? _field;
    private int _skippedTo, _seen;

    private PredictionInput[] _inputs = [];
    private int _valid, _invalid;
    private bool _hasUnknownMember;
    private Dictionary<string, string[]>? _problems;
    private string? _bodyProblem;

    public bool IsArray { get; private set; }

    /// <summary>The number of inputs, valid or not.</summary>
    public int Count { get; private set; }

    /// <summary>In the order of the body; only where <see cref="Problem"/> is null, and until this is disposed.</summary>
    public ReadOnlyMemory<PredictionInput> Inputs => _inputs.AsMemory(0, _valid);

    /// <param name="body">Is read to its end.</param>
    /// <param name="digest">Takes all bytes as they were sent; null where no digest is needed.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public async ValueTask Read(PipeReader body, IncrementalHash? digest, CancellationToken cancellation)
    {
        ArrayBufferWriter<byte>? rest = null; // the beginning of a token whose end has not come
        var bytes = 0L;
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            var isWhole = bytes == 0 && read.IsCompleted && read.Buffer.IsSingleSegment;
            bytes += read.Buffer.Length;
            try
            {
                foreach (var piece in read.Buffer)
                {
                    digest?.AppendData(piece.Span);
                    if (!isWhole)
                        Read(piece.Span, rest ??= new ArrayBufferWriter<byte>());
                    else if (!piece.IsEmpty)
                        Read(piece.Span, isLast: true);
                }
            }
            finally
            {
                body.AdvanceTo(read.Buffer.End);
            }
            if (read.IsCompleted)
            {
                if (rest is not null && bytes > 0)
                    Read(rest.WrittenSpan, isLast: true);
                return;
            }
        }
    }

    /// <summary>Why no prediction can be made; null where it can.</summary>
    /// <param name="explain">Whether explanations are requested.</param>
    public IResult? Problem(bool explain)
    {
        if (Count == 0 && !IsArray)
            return BadRequest($"The body is empty or null; it must be an object {Shape} or an array of them.");
        if (_bodyProblem is not null)
            return BadRequest(_bodyProblem);
        if (IsArray && Count is 0 or > PredictionsApi.MaximumInputs)
            return BadRequest($"The array has {Count} questions; it must have 1 to {PredictionsApi.MaximumInputs}.");
        if (IsArray && explain && Count > PredictionsApi.MaximumExplained)
            return BadRequest($"The array has {Count} questions; at most {PredictionsApi.MaximumExplained} are explained in one request.");
        if (_invalid == 0)
            return null;
        var which = IsArray && Count > 1 ? $"{_invalid} of {Count} questions cannot be understood" : "a question cannot be understood";
        var omitted = _problems!.Count == MaximumProblems ? $"; the first {MaximumProblems} problems are told" : "";
        return TypedResults.ValidationProblem(_problems, detail: $"Nothing was answered, because {which}{omitted}.");
    }

    /// <summary>The body is not JSON.</summary>
    public static IResult NotJson(JsonException broken)
    {
        var end = broken.Message.IndexOf(" LineNumber:", StringComparison.Ordinal); // counted from 1 here, as editors do
        return BadRequest($"The body is not valid JSON: {(end < 0 ? broken.Message : $"{broken.Message[..end]} Line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}.")}");
    }

    public void Dispose()
    {
        if (_inputs.Length > 1)
            _pool.Return(_inputs);
        _inputs = [];
    }

    private static IResult BadRequest(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);

    private void Read(ReadOnlySpan<byte> piece, ArrayBufferWriter<byte> rest)
    {
        if (rest.WrittenCount == 0)
        {
            rest.Write(piece[Read(piece, isLast: false)..]);
            return;
        }
        rest.Write(piece);
        var understood = Read(rest.WrittenSpan, isLast: false);
        if (rest.WrittenCount - understood > MaximumTokenBytes)
            throw new JsonException($"A single name or value is longer than {MaximumTokenBytes} bytes.");
        var unread = rest.WrittenSpan[understood..].ToArray();
        rest.ResetWrittenCount();
        rest.Write(unread);
    }

    /// <returns>How many bytes were understood; the others have to come again, with more behind them.</returns>
    private int Read(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var reader = new Utf8JsonReader(bytes, isLast, _json);
        while (reader.Read())
            Take(ref reader);
        _json = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }

    private void Take(ref Utf8JsonReader token)
    {
        switch (_place)
        {
            case Place.Input when token.TokenType == JsonTokenType.PropertyName:
                TakeName(ref token);
                break;
            case Place.Input:
                EndInput();
                break;
            case Place.Value:
                _place = Place.Input;
                if (_field is { } field && token.TokenType != JsonTokenType.Null && !TakeValue(field, ref token))
                    _builder.Refuse(field, field.Problem(Seen(ref token)));
                Skip(ref token, Place.Input);
                break;
            case Place.Array when token.TokenType == JsonTokenType.EndArray:
                _place = Place.End;
                break;
            case Place.Skipped:
                if (token.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray && token.CurrentDepth == _skippedTo)
                    _place = IsArray && _skippedTo == 1 ? Place.Array : Place.Input;
                break;
            case Place.Start when token.TokenType == JsonTokenType.StartArray:
                (IsArray, _place) = (true, Place.Array);
                break;
            default:
                BeginInput(ref token);
                break;
        }
    }

    private void BeginInput(ref Utf8JsonReader token)
    {
        Count++;
        if (token.TokenType == JsonTokenType.StartObject)
        {
            (_place, _seen, _hasUnknownMember) = (Place.Input, 0, false);
            _builder.Clear();
            return;
        }
        _invalid++;
        if (_place == Place.Start)
            _bodyProblem = $"The body is {(token.TokenType == JsonTokenType.Null ? "empty or null" : Seen(ref token))}; it must be an object {Shape} or an array of them.";
        else
            AddProblem("", $"The question is {Seen(ref token)}; it must be an object {Shape}.");
        _place = _place == Place.Start ? Place.End : _place;
        Skip(ref token, _place);
    }

    /// <summary>An object or an array that does not belong here is passed over.</summary>
    private void Skip(ref Utf8JsonReader token, Place after) => (_place, _skippedTo) =
        token.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? (Place.Skipped, token.CurrentDepth) : (after, _skippedTo);

    private void TakeName(ref Utf8JsonReader token)
    {
        _place = Place.Value;
        _field = FieldOf(ref token);
        if (_field is { } field)
        {
            var bit = 1 << (int)field;
            if ((_seen & bit) != 0)
                _builder.Refuse(field, $"The question tells {field.Name()} more than once; it must tell it once.");
            _seen |= bit;
            return;
        }
        _hasUnknownMember = true;
        var seen = Excerpt.Truncate(TextOf(ref token));
        AddProblem("." + seen, $"The question has a member \"{seen}\"{(IsUtf8(ref token) ? "" : ", which is not valid UTF-8")}; it may have pclass, sex, age and fare, and no other.");
    }

    /// <summary>Names are nearly always written as in the contract, but the case of letters does not matter. Null for another name.</summary>
    private static PredictionField? FieldOf(ref Utf8JsonReader name)
    {
        var bytes = name.ValueSpan;
        if (bytes.SequenceEqual("pclass"u8))
            return PredictionField.Pclass;
        if (bytes.SequenceEqual("sex"u8))
            return PredictionField.Sex;
        if (bytes.SequenceEqual("age"u8))
            return PredictionField.Age;
        if (bytes.SequenceEqual("fare"u8))
            return PredictionField.Fare;
        return PredictionFields.Find(TextOf(ref name), StringComparison.OrdinalIgnoreCase);
    }

    /// <returns>False for a value of another kind; whether it is within the limits is for the builder to say.</returns>
    private bool TakeValue(PredictionField field, ref Utf8JsonReader token)
    {
        if (field == PredictionField.Sex)
        {
            if (token.TokenType != JsonTokenType.String)
                return false;
            if (token.ValueSpan.SequenceEqual("male"u8))
                _builder.SetSex(Sex.Male);
            else if (token.ValueSpan.SequenceEqual("female"u8))
                _builder.SetSex(Sex.Female);
            else
                _builder.SetSex(TextOf(ref token));
            return true;
        }
        if (token.TokenType != JsonTokenType.Number || !TryReadNumber(field, ref token, out var number))
            return false;
        _builder.SetNumber(field, number);
        return true;
    }

    /// <summary>JSON has numbers that no double has: "1e400" would be read as infinity.</summary>
    private static bool TryReadNumber(PredictionField field, ref Utf8JsonReader token, out double number)
    {
        var isWhole = int.TryParse(token.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole); // most are
        number = whole;
        return (isWhole && (whole != 0 || token.ValueSpan[0] != '-')) || (field != PredictionField.Pclass && token.TryGetDouble(out number) && double.IsFinite(number));
    }

    private void EndInput()
    {
        _place = IsArray ? Place.Array : Place.End;
        if (_builder.Build() is { } input && !_hasUnknownMember)
        {
            Add(input);
            return;
        }
        _invalid++;
        foreach (var (field, sentence) in _builder.Problems())
            AddProblem("." + field.Name(), sentence);
    }

    /// <summary>After the first problem, and after the last allowed input, inputs are only counted.</summary>
    private void Add(in PredictionInput input)
    {
        if (_invalid > 0 || Count > PredictionsApi.MaximumInputs)
            return;
        if (_valid == _inputs.Length)
            Grow();
        _inputs[_valid++] = input;
    }

    private void Grow()
    {
        var wider = IsArray ? _pool.Rent(Math.Max(256, 2 * _inputs.Length)) : new PredictionInput[1];
        _inputs.CopyTo(wider, 0);
        Dispose();
        _inputs = wider;
    }

    /// <param name="path">Behind the input.</param>
    /// <param name="sentence">What is wrong.</param>
    private void AddProblem(string path, string sentence)
    {
        _problems ??= [];
        if (_problems.Count < MaximumProblems)
            _problems.TryAdd(IsArray ? $"[{Count - 1}]{path}" : path.TrimStart('.'), [sentence]);
    }

    private static string Seen(ref Utf8JsonReader value) => value.TokenType switch
    {
        JsonTokenType.String => $"the text \"{Excerpt.Truncate(TextOf(ref value))}\"{(IsUtf8(ref value) ? "" : ", which is not valid UTF-8")}",
        JsonTokenType.Number => Excerpt.Truncate(TextOf(ref value)),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Null => "null",
        JsonTokenType.StartObject => "an object",
        _ => "an array",
    };

    private static bool IsUtf8(ref Utf8JsonReader text) => Utf8.IsValid(text.ValueSpan);

    /// <summary>Bytes that are not UTF-8, and halves of surrogate pairs, become replacement characters.</summary>
    private static string TextOf(ref Utf8JsonReader token)
    {
        if (!token.ValueIsEscaped || !IsUtf8(ref token))
            return Encoding.UTF8.GetString(token.ValueSpan);
        try
        {
            return token.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(token.ValueSpan);
        }
    }
}
