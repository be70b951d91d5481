using System.Text.Json;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>
/// Questions, put together value by value in whatever order a protocol sends them. It collects all that is wrong with them, so that
/// the caller is told at once and nothing is answered by half.
/// </summary>
/// <param name="placeOf">Where a value stands in the body, for messages.</param>
internal sealed class QuestionRows(Func<int, QuestionField, string> placeOf)
{
    /// <summary>So many are told; a wrong column of ten thousand rows would fill megabytes.</summary>
    private const int MostTold = 20;

    private readonly List<Row> _rows = [];
    private readonly bool[] _columns = new bool[QuestionFields.All.Length];
    private readonly Dictionary<(int Row, QuestionField Field), string> _unreadable = [];

    /// <summary>Begins another question.</summary>
    /// <returns>Its number: the first is 0.</returns>
    public int Add()
    {
        _rows.Add(new Row());
        return _rows.Count - 1;
    }

    /// <exception cref="RefusedRequestException">So many are not answered in one request.</exception>
    public static void RequireCount(long count, int most = PredictionsApi.MostQuestions)
    {
        if (count < 1 || count > most)
            throw new RefusedRequestException($"There are {count} questions; there must be 1 to {most}.");
    }

    /// <summary>A number without a fraction is a whole number however JSON writes it, since many languages know one kind only.</summary>
    public void Put(int row, QuestionField field, JsonElement value)
    {
        var cells = _rows[row];
        var isUnderstood = (field, value.ValueKind) switch
        {
            (_, JsonValueKind.Null) => true,
            (QuestionField.Sex, JsonValueKind.String) => (cells.Sex = value.GetString()) is not null,
            (QuestionField.Pclass, JsonValueKind.Number) => IsWhole(value.GetDouble(), out cells.Pclass),
            (QuestionField.Age, JsonValueKind.Number) => (cells.Age = value.GetDouble()) is not null,
            (QuestionField.Fare, JsonValueKind.Number) => (cells.Fare = value.GetDouble()) is not null,
            _ => false,
        };
        _columns[(int)field] = true;
        if (!isUnderstood)
            Refuse(row, field, $"{field.Name()} is {Excerpt.Truncate(value.GetRawText())}; it must be {field.Allowed()}.");
    }

    /// <summary>A cell of a CSV file: empty or NaN, as pandas writes it, means unknown.</summary>
    public void Put(int row, QuestionField field, ReadOnlySpan<char> cell)
    {
        var cells = _rows[row];
        _columns[(int)field] = true;
        if (cell.IsEmpty || cell.Equals("NaN", StringComparison.OrdinalIgnoreCase))
            return;
        var isUnderstood = field switch
        {
            QuestionField.Sex => (cells.Sex = cell.ToString()) is not null,
            QuestionField.Pclass => PlainNumber.TryReadInteger(cell, out var whole) && IsWhole(whole, out cells.Pclass),
            QuestionField.Age => TryRead(cell, out cells.Age),
            _ => TryRead(cell, out cells.Fare),
        };
        if (!isUnderstood)
            Refuse(row, field, $"{field.Name()} is \"{Excerpt.Truncate(cell)}\"; it must be {field.Allowed()}.");
    }

    /// <summary>Whatever else is wrong with a value.</summary>
    public void Refuse(int row, QuestionField field, string sentence) => _unreadable[(row, field)] = sentence;

    /// <exception cref="RefusedRequestException">A column or a value is missing, or out of range, or of another type.</exception>
    public IReadOnlyList<PassengerInput> Questions()
    {
        if (QuestionFields.Required.Where(field => !_columns[(int)field]).Select(QuestionFields.Name).ToList() is { Count: > 0 } missing)
            throw new RefusedRequestException($"{string.Join(" and ", missing)} {(missing.Count == 1 ? "is" : "are")} missing; the inputs are pclass, sex, age and fare, of which age and fare may be left out.");
        var questions = _rows.ConvertAll(row => new PassengerInput(row.Pclass, row.Sex, row.Age, row.Fare));
        var problems = questions.SelectMany(Problems).ToList();
        if (problems.Count > 0)
        {
            throw new RefusedRequestException($"Nothing was answered, because a question cannot be understood. {string.Join(' ', problems.Take(MostTold))}"
                + (problems.Count > MostTold ? $" There are {problems.Count - MostTold} more problems." : ""));
        }
        return questions;
    }

    private IEnumerable<string> Problems(PassengerInput question, int row)
    {
        var judged = question.Problems();
        if (judged.Count == 0 && _unreadable.Count == 0)
            return [];
        return QuestionFields.All.SelectMany(field => _unreadable.TryGetValue((row, field), out var sentence)
            ? [$"{placeOf(row, field)}: {sentence}"]
            : judged.GetValueOrDefault(field.Name(), []).Select(problem => $"{placeOf(row, field)}: {problem}"));
    }

    /// <summary>A whole number that is none of ours must still be told as it was sent.</summary>
    private static bool IsWhole(double number, out int? whole)
    {
        whole = number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue ? (int)number : null;
        return whole is not null;
    }

    private static bool TryRead(ReadOnlySpan<char> cell, out double? number)
    {
        var isRead = PlainNumber.TryReadDecimal(cell, out var value);
        number = isRead ? value : null;
        return isRead;
    }

    private sealed class Row
    {
        public int? Pclass;
        public string? Sex;
        public double? Age;
        public double? Fare;
    }
}
