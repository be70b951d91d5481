using System.Text.Json;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>
/// Inputs, put together value by value in whatever order a protocol sends them. All problems are collected, so that the caller sees them
/// at once and no part of a request is predicted alone.
/// </summary>
/// <param name="placeOf">Where a value is in the body, for messages.</param>
internal sealed class PredictionInputRows(Func<int, PredictionField, string> placeOf)
{
    /// <summary>The number of problems in one message: a wrong column of ten thousand rows would fill megabytes.</summary>
    private const int MaximumProblems = 20;

    private readonly List<PredictionInputBuilder> _rows = [];
    private readonly bool[] _columns = new bool[PredictionFields.All.Length];

    /// <summary>Begins another input.</summary>
    /// <returns>Its number: the first is 0.</returns>
    public int Add()
    {
        _rows.Add(new PredictionInputBuilder());
        return _rows.Count - 1;
    }

    /// <exception cref="RequestValidationException">One request may not have so many inputs.</exception>
    public static void RequireCount(long count, int maximum = PredictionsApi.MaximumInputs)
    {
        if (count < 1 || count > maximum)
            throw new RequestValidationException($"There are {count} questions; there must be 1 to {maximum}.");
    }

    public void Put(int row, PredictionField field, JsonElement value)
    {
        _columns[(int)field] = true;
        if (value.ValueKind == JsonValueKind.Number && field != PredictionField.Sex && value.GetDouble() is var number && double.IsFinite(number))
            _rows[row].SetNumber(field, number);
        else if (value.ValueKind == JsonValueKind.String && field == PredictionField.Sex)
            _rows[row].SetSex(value.GetString());
        else if (value.ValueKind != JsonValueKind.Null)
            Refuse(row, field, field.Problem($"{(value.ValueKind == JsonValueKind.String ? "the text " : "")}{Excerpt.Truncate(value.GetRawText())}"));
    }

    /// <summary>A cell of a CSV file: empty or NaN, as pandas writes it, means unknown.</summary>
    public void Put(int row, PredictionField field, ReadOnlySpan<char> cell)
    {
        _columns[(int)field] = true;
        if (!cell.IsEmpty && !cell.Equals("NaN", StringComparison.OrdinalIgnoreCase))
            _rows[row].SetText(field, cell);
    }

    /// <summary>Whatever else is wrong with a value.</summary>
    public void Refuse(int row, PredictionField field, string sentence) => _rows[row].Refuse(field, sentence);

    /// <exception cref="RequestValidationException">A column or a value is missing, out of range, or of another type.</exception>
    public PredictionInput[] ToInputs()
    {
        if (PredictionFields.Required.Where(field => !_columns[(int)field]).Select(PredictionFields.Name).ToList() is { Count: > 0 } missing)
            throw new RequestValidationException($"{string.Join(" and ", missing)} {(missing.Count == 1 ? "is" : "are")} missing; the inputs are pclass, sex, age and fare, of which age and fare may be left out.");
        var inputs = new List<PredictionInput>(_rows.Count);
        foreach (var row in _rows)
        {
            if (row.Build() is { } input)
                inputs.Add(input);
        }
        if (inputs.Count == _rows.Count)
            return [.. inputs];
        var problems = _rows.SelectMany((row, number) => row.Build() is null ? row.Problems().Select(problem => $"{placeOf(number, problem.Field)}: {problem.Sentence}") : []).ToList();
        throw new RequestValidationException($"Nothing was answered, because a question cannot be understood. {string.Join(' ', problems.Take(MaximumProblems))}"
            + (problems.Count > MaximumProblems ? $" There are {problems.Count - MaximumProblems} more problems." : ""));
    }
}
