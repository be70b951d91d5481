using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Requests;

internal sealed partial class QuestionReader
{
    /// <summary>So many are told at most: whoever has mixed up a column needs no ten thousand sentences.</summary>
    public const int MostProblems = 100;

    private const string Shape = "{pclass: 1|2|3, sex: \"male\"|\"female\", age?: years, fare?: pounds}";

    /// <summary>By <see cref="Member"/>.</summary>
    private static readonly string[] _names = ["pclass", "sex", "age", "fare"];

    private Dictionary<string, string[]>? _problems;
    private int _wrongQuestions;
    private string? _noQuestion;

    private bool HasProblems => _wrongQuestions > 0;

    /// <summary>What cannot be answered; null when all of it can.</summary>
    /// <param name="explains">Whether the answers shall explain themselves.</param>
    public IResult? Refusal(bool explains)
    {
        if (Count == 0 && !IsArray)
            return Malformed($"The body is empty or null; it must be an object {Shape} or an array of them.");
        if (_noQuestion is not null)
            return Malformed(_noQuestion);
        if (IsArray && Count is 0 or > PredictionsApi.MostQuestions)
            return Malformed($"The array has {Count} questions; it must have 1 to {PredictionsApi.MostQuestions}.");
        if (IsArray && explains && Count > PredictionsApi.MostExplained)
            return Malformed($"The array has {Count} questions; at most {PredictionsApi.MostExplained} are explained in one request.");
        return HasProblems ? TypedResults.ValidationProblem(_problems!, detail: $"Nothing was answered, because {WhatIsWrong}.") : null;
    }

    /// <summary>What is no JSON at all.</summary>
    public static IResult Malformed(JsonException broken)
    {
        var end = broken.Message.IndexOf(" LineNumber:", StringComparison.Ordinal); // told from 1 here, as editors do
        return Malformed($"The body is not valid JSON: {(end < 0 ? broken.Message : $"{broken.Message[..end]} Line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}.")}");
    }

    public static IResult Malformed(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);

    private string WhatIsWrong =>
        (IsArray && Count > 1 ? $"{_wrongQuestions} of {Count} questions cannot be understood" : "a question cannot be understood")
        + (_problems!.Count == MostProblems ? $"; the first {MostProblems} problems are told" : "");

    private void NotAQuestion(ref Utf8JsonReader token)
    {
        if (_place == Place.Start)
            _noQuestion = $"The body is {(token.TokenType == JsonTokenType.Null ? "empty or null" : Shown(ref token))}; it must be an object {Shape} or an array of them.";
        else
            Tell("", $"The question is {Shown(ref token)}; it must be an object {Shape}.");
        _wrongQuestions++;
    }

    private void UnknownMember(ref Utf8JsonReader name)
    {
        var shown = Excerpt.Truncate(TextOf(ref name));
        Wrong(shown, $"The question has a member \"{shown}\"{(IsUtf8(ref name) ? "" : ", which is not valid UTF-8")}; it may have pclass, sex, age and fare, and no other.");
    }

    private void ToldTwice(Member member) => Wrong(_names[(int)member], $"The question tells {_names[(int)member]} more than once; it must tell it once.");

    private void OfAnotherKind(Member member, ref Utf8JsonReader value) => Wrong(_names[(int)member], PassengerInput.Sentence(_names[(int)member], Shown(ref value)));

    /// <summary>A member of the right kind may still be missing or out of bounds.</summary>
    private void Explain()
    {
        foreach (var (member, sentences) in new PassengerInput(_pclass, _otherSex ?? (_sex is { } sex ? SexConverter.Format(sex) : null), _age, _fare).Problems())
        {
            if ((_wrongMembers & 1 << Array.IndexOf(_names, member)) == 0)
                Tell("." + member, sentences[0]);
        }
        _wrongQuestions++;
    }

    private void Wrong(string member, string sentence)
    {
        _wrongMembers |= 1 << (Array.IndexOf(_names, member) is >= 0 and var known ? known : (int)Member.Unknown);
        Tell("." + member, sentence);
    }

    /// <param name="path">Behind the question.</param>
    private void Tell(string path, string sentence)
    {
        _problems ??= [];
        if (_problems.Count < MostProblems)
            _problems.TryAdd(IsArray ? $"[{Count - 1}]{path}" : path.TrimStart('.'), [sentence]);
    }

    private static string Shown(ref Utf8JsonReader value) => value.TokenType switch
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

    /// <summary>Bytes that are not UTF-8, and halves of surrogate pairs, are shown as replacement characters.</summary>
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
