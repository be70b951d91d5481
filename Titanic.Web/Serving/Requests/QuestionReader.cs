using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Requests;

/// <summary>
/// Reads one question, or an array of them, out of JSON as it arrives: token by token, without a tree, and without keeping what was read.
/// <see cref="PassengerInput"/> stays the judge of what may be asked; here stands only what JSON adds to it.
/// </summary>
internal sealed partial class QuestionReader : IDisposable
{
    private enum Place
    {
        Start,
        Array,
        Question,
        Value,
        Skipped,
        End,
    }

    private enum Member
    {
        Pclass,
        Sex,
        Age,
        Fare,
        Unknown,
    }

    private static readonly ArrayPool<Question> _pool = ArrayPool<Question>.Shared;

    private JsonReaderState _json;
    private Place _place;
    private Member _member;
    private int _skippedTo, _seen, _wrongMembers;

    private int? _pclass;
    private Sex? _sex;
    private string? _otherSex;
    private double? _age, _fare;

    private Question[] _questions = [];
    private int _answerable;

    public bool IsArray { get; private set; }

    /// <summary>How many questions were asked, those with problems included.</summary>
    public int Count { get; private set; }

    /// <summary>In their order; only when there is no problem.</summary>
    public ReadOnlySpan<Question> Questions => _questions.AsSpan(0, _answerable);

    /// <param name="isLast">Nothing comes after these bytes.</param>
    /// <returns>How many were understood; the others must come again, with more behind them.</returns>
    /// <exception cref="JsonException">The bytes are not JSON.</exception>
    public int Read(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var reader = new Utf8JsonReader(bytes, isLast, _json);
        while (reader.Read())
            Take(ref reader);
        _json = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }

    public void Dispose()
    {
        if (_questions.Length > 1)
            _pool.Return(_questions);
        _questions = [];
    }

    private void Take(ref Utf8JsonReader token)
    {
        switch (_place)
        {
            case Place.Question when token.TokenType == JsonTokenType.PropertyName:
                TakeName(ref token);
                break;
            case Place.Question:
                EndQuestion();
                break;
            case Place.Value:
                _place = Place.Question;
                TakeValue(ref token);
                Skip(ref token, Place.Question);
                break;
            case Place.Array when token.TokenType == JsonTokenType.EndArray:
                _place = Place.End;
                break;
            case Place.Skipped:
                if (token.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray && token.CurrentDepth == _skippedTo)
                    _place = IsArray && _skippedTo == 1 ? Place.Array : Place.Question;
                break;
            case Place.Start when token.TokenType == JsonTokenType.StartArray:
                (IsArray, _place) = (true, Place.Array);
                break;
            default:
                BeginQuestion(ref token);
                break;
        }
    }

    private void BeginQuestion(ref Utf8JsonReader token)
    {
        Count++;
        if (token.TokenType == JsonTokenType.StartObject)
        {
            (_place, _seen, _wrongMembers, _pclass, _sex, _otherSex, _age, _fare) = (Place.Question, 0, 0, null, null, null, null, null);
            return;
        }
        var after = _place == Place.Start ? Place.End : _place;
        NotAQuestion(ref token);
        _place = after;
        Skip(ref token, after);
    }

    /// <summary>What stands in an object or an array that does not belong here is passed over.</summary>
    private void Skip(ref Utf8JsonReader token, Place after) => (_place, _skippedTo) =
        token.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? (Place.Skipped, token.CurrentDepth) : (after, _skippedTo);

    private void TakeName(ref Utf8JsonReader token)
    {
        _place = Place.Value;
        _member = Of(ref token);
        if (_member == Member.Unknown)
        {
            UnknownMember(ref token);
            return;
        }
        var bit = 1 << (int)_member;
        if ((_seen & bit) != 0)
            ToldTwice(_member);
        _seen |= bit;
    }

    /// <summary>Names are written as they stand in the contract nearly always, but the case of letters does not matter.</summary>
    private static Member Of(ref Utf8JsonReader name)
    {
        var bytes = name.ValueSpan;
        if (bytes.SequenceEqual("pclass"u8))
            return Member.Pclass;
        if (bytes.SequenceEqual("sex"u8))
            return Member.Sex;
        if (bytes.SequenceEqual("age"u8))
            return Member.Age;
        if (bytes.SequenceEqual("fare"u8))
            return Member.Fare;
        var written = TextOf(ref name);
        var place = Array.FindIndex(_names, word => word.Equals(written, StringComparison.OrdinalIgnoreCase));
        return place < 0 ? Member.Unknown : (Member)place;
    }

    private void TakeValue(ref Utf8JsonReader token)
    {
        if (token.TokenType == JsonTokenType.Null || _member == Member.Unknown)
            return;
        var isRight = _member switch
        {
            Member.Pclass => token.TokenType == JsonTokenType.Number && TryReadWhole(ref token, out _pclass),
            Member.Sex => token.TokenType == JsonTokenType.String && ReadSex(ref token),
            Member.Age => token.TokenType == JsonTokenType.Number && TryReadNumber(ref token, out _age),
            _ => token.TokenType == JsonTokenType.Number && TryReadNumber(ref token, out _fare),
        };
        if (!isRight)
            OfAnotherKind(_member, ref token);
    }

    private static bool TryReadWhole(ref Utf8JsonReader token, out int? value)
    {
        var isWhole = token.TryGetInt32(out var number);
        value = isWhole ? number : null;
        return isWhole;
    }

    /// <summary>JSON knows numbers that no double does: "1e400" would be read as infinity.</summary>
    private static bool TryReadNumber(ref Utf8JsonReader token, out double? value)
    {
        if (int.TryParse(token.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)) // most are
        {
            value = whole;
            return true;
        }
        var isFinite = token.TryGetDouble(out var number) && double.IsFinite(number);
        value = isFinite ? number : null;
        return isFinite;
    }

    private bool ReadSex(ref Utf8JsonReader token)
    {
        if (token.ValueSpan.SequenceEqual("male"u8))
            _sex = Sex.Male;
        else if (token.ValueSpan.SequenceEqual("female"u8))
            _sex = Sex.Female;
        else
            _sex = new PassengerInput(null, _otherSex = TextOf(ref token)).ParsedSex;
        return true;
    }

    private void EndQuestion()
    {
        _place = IsArray ? Place.Array : Place.End;
        if (_wrongMembers == 0 && PassengerLimits.IsPclass(_pclass) && _sex is { } sex && PassengerLimits.IsAge(_age) && PassengerLimits.IsFare(_fare))
            Add(new Question(_pclass!.Value, sex, _age, _fare));
        else
            Explain();
    }

    /// <summary>Behind the first problem, and behind the last that may be asked, questions are only counted.</summary>
    private void Add(in Question question)
    {
        if (HasProblems || Count > PredictionsApi.MostQuestions)
            return;
        if (_answerable == _questions.Length)
            Grow();
        _questions[_answerable++] = question;
    }

    private void Grow()
    {
        var wider = IsArray ? _pool.Rent(Math.Max(256, 2 * _questions.Length)) : new Question[1];
        _questions.CopyTo(wider, 0);
        Dispose();
        _questions = wider;
    }
}
