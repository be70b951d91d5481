using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Titanic.Web.Passengers;
using static System.FormattableString;

namespace Titanic.Web.Serving;

/// <summary>
/// Reads one input, or an array of inputs, from a JSON request body while it arrives: token by token, without a JSON tree and without
/// buffering the body. <see cref="PredictionInputBuilder"/> validates the values; this class validates the JSON.
/// </summary>
internal sealed class PredictionRequestReader : IDisposable
{
    /// <summary>4 MiB, enough for 10,000 inputs; a larger body is rejected with 413. Also the default limit of other endpoints.</summary>
    public const int MaximumBodyBytes = 4 * 1024 * 1024;

    /// <summary>
    /// The maximum length of a name, string or number. A token is buffered whole, so this bounds the memory of a request.
    /// </summary>
    private const int MaximumTokenBytes = 64 * 1024;

    /// <summary>The maximum number of problems in one response; an array of 10,000 inputs could have four times as many.</summary>
    private const int MaximumProblems = 100;

    private const string InputShape = "{pclass: 1|2|3, sex: \"male\"|\"female\", age?: years, fare?: pounds}";

    /// <summary>Where the next token is in the body.</summary>
    private enum ReaderState
    {
        Start,
        Array,
        Input,
        Value,

        /// <summary>Inside an object or array that is not part of an input.</summary>
        Skipped,
        End,
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private static readonly ArrayPool<PredictionInput> _pool = ArrayPool<PredictionInput>.Shared;

    private readonly PredictionInputBuilder _builder = new();
    private JsonReaderState _json;
    private JsonNaN _nan;
    private ReaderState _state;
    private PredictionField? _field;
    private int _skipDepth, _seenFields;

    private PredictionInput[] _inputs = [];
    private int _valid, _invalid;
    private bool _hasUnknownMember;
    private Dictionary<string, string[]>? _problems;
    private string? _bodyProblem;

    /// <summary>Whether the body is an array.</summary>
    public bool IsArray { get; private set; }

    /// <summary>The number of inputs, valid or not.</summary>
    public int Count { get; private set; }

    /// <summary>The inputs in the order of the body. Valid only where <see cref="Problem"/> returns null, and until disposal.</summary>
    public ReadOnlyMemory<PredictionInput> Inputs => _inputs.AsMemory(0, _valid);

    /// <summary>Reads the whole body.</summary>
    /// <param name="body">The request body; read to its end.</param>
    /// <param name="digest">Receives all bytes of the body; null where no digest is needed.</param>
    /// <param name="cancellation">Cancels reading.</param>
    /// <exception cref="JsonException">The body is not valid JSON, or has a token of more than 64 KiB.</exception>
    public async ValueTask Read(PipeReader body, IncrementalHash? digest, CancellationToken cancellation)
    {
        ArrayBufferWriter<byte>? rest = null; // the first bytes of a token that continues in the next chunk
        var bytes = 0L;
        while (true)
        {
            var read = bytes == 0 ? await body.ReadAtLeastAsync(ByteOrderMark.Length, cancellation) : await body.ReadAsync(cancellation);
            var isWhole = bytes == 0 && read.IsCompleted && read.Buffer.IsSingleSegment;
            try
            {
                foreach (var piece in read.Buffer)
                {
                    digest?.AppendData(piece.Span);
                    var json = bytes == 0 && piece.Span.StartsWith(ByteOrderMark) ? piece[ByteOrderMark.Length..] : piece;
                    bytes += piece.Length;
                    json = ReplaceNaN(json, isWhole);
                    if (!isWhole)
                        Read(json.Span, rest ??= new ArrayBufferWriter<byte>());
                    else if (!json.IsEmpty)
                        Read(json.Span, isLast: true);
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

    /// <summary>The 400 response for an invalid body; null for a valid one.</summary>
    /// <param name="explain">Whether explanations are requested, for which fewer inputs are allowed.</param>
    public IResult? Problem(bool explain)
    {
        if (Count == 0 && !IsArray)
            return BadRequest($"The body is empty or null; it must be an object {InputShape} or an array of them.");
        if (_bodyProblem is not null)
            return BadRequest(_bodyProblem);
        if (IsArray && Count is 0 or > PredictionsApi.MaximumInputs)
            return BadRequest(Invariant($"The array has {Count:#,##0} inputs; it must have 1 to {PredictionsApi.MaximumInputs:#,##0}."));
        if (IsArray && explain && Count > PredictionsApi.MaximumExplained)
        {
            return BadRequest(Invariant(
                $"The array has {Count:#,##0} inputs; with explain=true it must have 1 to {PredictionsApi.MaximumExplained}."));
        }
        if (_invalid == 0)
            return null;
        var omitted = _problems!.Count == MaximumProblems ? $" The first {MaximumProblems} problems are listed." : "";
        return TypedResults.ValidationProblem(
            _problems, detail: $"{PredictionFields.Invalid(_invalid, Count)}; no prediction was made.{omitted}");
    }

    /// <summary>The 400 response for a body that is not valid JSON.</summary>
    public static IResult InvalidJson(JsonException failure) => BadRequest(ErrorText.InvalidJson(failure));

    public void Dispose()
    {
        if (_inputs.Length > 1)
            _pool.Return(_inputs);
        _inputs = [];
    }

    private static IResult BadRequest(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);

    /// <summary>The piece, or a copy of it without the literal NaN; the pieces of the request are read-only.</summary>
    private ReadOnlyMemory<byte> ReplaceNaN(ReadOnlyMemory<byte> piece, bool isWhole)
    {
        if (isWhole && !piece.Span.Contains((byte)'N'))
            return piece;
        var before = _nan;
        if (!_nan.Occurs(piece.Span))
            return piece;
        var copy = piece.ToArray();
        before.Replace(copy);
        return copy;
    }

    private void Read(ReadOnlySpan<byte> piece, ArrayBufferWriter<byte> rest)
    {
        if (rest.WrittenCount == 0)
        {
            rest.Write(piece[Read(piece, isLast: false)..]);
            return;
        }
        rest.Write(piece);
        var consumed = Read(rest.WrittenSpan, isLast: false);
        if (rest.WrittenCount - consumed > MaximumTokenBytes)
            throw new JsonException($"A name or value is longer than {Quantity.Of(MaximumTokenBytes, "byte")}.");
        var unread = rest.WrittenSpan[consumed..].ToArray();
        rest.ResetWrittenCount();
        rest.Write(unread);
    }

    /// <returns>
    /// The number of consumed bytes. The others begin an incomplete token and must be passed again with the bytes that follow.
    /// </returns>
    private int Read(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var reader = new Utf8JsonReader(bytes, isLast, _json);
        while (reader.Read())
            HandleToken(ref reader);
        _json = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }

    private void HandleToken(ref Utf8JsonReader token)
    {
        switch (_state)
        {
            case ReaderState.Input when token.TokenType == JsonTokenType.PropertyName:
                HandlePropertyName(ref token);
                break;
            case ReaderState.Input:
                EndInput();
                break;
            case ReaderState.Value:
                _state = ReaderState.Input;
                if (_field is { } field && token.TokenType != JsonTokenType.Null && !TryReadValue(field, ref token))
                    _builder.Reject(field, field.Problem(Describe(ref token)));
                Skip(ref token, ReaderState.Input);
                break;
            case ReaderState.Array when token.TokenType == JsonTokenType.EndArray:
                _state = ReaderState.End;
                break;
            case ReaderState.Skipped:
                if (token.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray && token.CurrentDepth == _skipDepth)
                    _state = IsArray && _skipDepth == 1 ? ReaderState.Array : ReaderState.Input;
                break;
            case ReaderState.Start when token.TokenType == JsonTokenType.StartArray:
                (IsArray, _state) = (true, ReaderState.Array);
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
            (_state, _seenFields, _hasUnknownMember) = (ReaderState.Input, 0, false);
            _builder.Clear();
            return;
        }
        _invalid++;
        if (_state == ReaderState.Start)
            _bodyProblem = $"The body is {(token.TokenType == JsonTokenType.Null ? "empty or null" : Describe(ref token))}; it must be an object {InputShape} or an array of them.";
        else
            AddProblem("", $"The input is {Describe(ref token)}; it must be an object {InputShape}.");
        _state = _state == ReaderState.Start ? ReaderState.End : _state;
        Skip(ref token, _state);
    }

    /// <summary>
    /// Skips the rest of the value if the token begins an object or an array; else continues at <paramref name="after"/>.
    /// </summary>
    private void Skip(ref Utf8JsonReader token, ReaderState after) => (_state, _skipDepth) =
        token.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? (ReaderState.Skipped, token.CurrentDepth) : (after, _skipDepth);

    private void HandlePropertyName(ref Utf8JsonReader token)
    {
        _state = ReaderState.Value;
        _field = FieldOf(ref token);
        if (_field is { } field)
        {
            var bit = 1 << (int)field;
            if ((_seenFields & bit) != 0)
                _builder.Reject(field, $"The input has {field.Name()} more than once; it must have it once.");
            _seenFields |= bit;
            return;
        }
        _hasUnknownMember = true;
        var seen = TextOf(ref token);
        var invalid = IsUtf8(ref token) ? "" : ", which is not valid UTF-8";
        AddProblem("." + Excerpt.Truncate(seen), ErrorText.UnknownName("member", seen, PredictionFields.AllNames, invalid));
    }

    /// <summary>
    /// The field of a property name, in any case; null for another name. Exact names, the common case, are compared as bytes.
    /// </summary>
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

    /// <returns>False for a value of another JSON type and for a number that is not allowed.</returns>
    private bool TryReadValue(PredictionField field, ref Utf8JsonReader token)
    {
        if (token.TokenType == JsonTokenType.String)
        {
            if (field == PredictionField.Sex && token.ValueSpan.SequenceEqual("male"u8))
                _builder.SetSex(Sex.Male);
            else if (field == PredictionField.Sex && token.ValueSpan.SequenceEqual("female"u8))
                _builder.SetSex(Sex.Female);
            else
                _builder.SetText(field, TextOf(ref token));
            return true;
        }
        if (field == PredictionField.Sex || token.TokenType != JsonTokenType.Number || !TryReadNumber(ref token, out var number))
            return false;
        return _builder.TrySetNumber(field, number);
    }

    /// <summary>False for numbers outside the range of a double: .NET reads "1e400" as infinity.</summary>
    private static bool TryReadNumber(ref Utf8JsonReader token, out double number)
    {
        // Most numbers are integers, which parse faster. "-0" is not one of them, because a double keeps its sign.
        var isWhole = int.TryParse(token.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole);
        number = whole;
        return (isWhole && (whole != 0 || token.ValueSpan[0] != '-'))
            || (token.TryGetDouble(out number) && double.IsFinite(number));
    }

    private void EndInput()
    {
        _state = IsArray ? ReaderState.Array : ReaderState.End;
        if (_builder.Build() is { } input && !_hasUnknownMember)
        {
            Add(input);
            return;
        }
        _invalid++;
        foreach (var (field, message) in _builder.Problems())
            AddProblem("." + field.Name(), message);
    }

    /// <summary>Keeps the input, unless the request is already invalid or too long; then inputs are only counted.</summary>
    private void Add(in PredictionInput input)
    {
        if (_invalid > 0 || Count > PredictionsApi.MaximumInputs)
            return;
        if (_valid == _inputs.Length)
            GrowBuffer();
        _inputs[_valid++] = input;
    }

    private void GrowBuffer()
    {
        var larger = IsArray ? _pool.Rent(Math.Max(256, 2 * _inputs.Length)) : new PredictionInput[1];
        _inputs.CopyTo(larger, 0);
        Dispose();
        _inputs = larger;
    }

    /// <param name="path">The path within the input, such as ".age"; empty for the input itself.</param>
    /// <param name="message">The error text.</param>
    private void AddProblem(string path, string message)
    {
        _problems ??= [];
        if (_problems.Count < MaximumProblems)
            _problems.TryAdd(IsArray ? $"[{Count - 1}]{path}" : path.TrimStart('.'), [message]);
    }

    private static string Describe(ref Utf8JsonReader value) => value.TokenType switch
    {
        JsonTokenType.String => $"the string \"{Excerpt.Truncate(TextOf(ref value))}\"{(IsUtf8(ref value) ? "" : ", which is not valid UTF-8")}",
        JsonTokenType.Number => Excerpt.Truncate(TextOf(ref value)),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Null => "null",
        JsonTokenType.StartObject => "an object",
        _ => "an array",
    };

    private static bool IsUtf8(ref Utf8JsonReader text) => Utf8.IsValid(text.ValueSpan);

    /// <summary>The text of a token. Invalid UTF-8 and unpaired surrogates become replacement characters.</summary>
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
