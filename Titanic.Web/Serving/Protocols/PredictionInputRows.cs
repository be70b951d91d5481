using System.Text.Json;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>
/// Builds the inputs of a request from values in any order. All problems are collected and reported together; a request with a problem is
/// rejected as a whole.
/// </summary>
/// <param name="locationOf">The location of a value in the body, for error texts.</param>
/// <param name="missing">How a missing value is written, for error texts; see <see cref="PassengerLimits.InvalidAge"/>.</param>
internal sealed class PredictionInputRows(Func<int, PredictionField, string> locationOf, string missing = PassengerLimits.Omitted)
{
    /// <summary>The maximum number of problems in one error text; 10,000 rows with an invalid column would give megabytes.</summary>
    private const int MaximumProblems = 20;

    private readonly List<PredictionInputBuilder> _rows = [];
    private readonly bool[] _columns = new bool[PredictionFields.All.Length];

    /// <summary>Adds an input.</summary>
    /// <returns>Its index; the first is 0.</returns>
    public int Add()
    {
        _rows.Add(new PredictionInputBuilder(missing));
        return _rows.Count - 1;
    }

    /// <exception cref="RequestValidationException">The number of inputs is 0 or greater than the maximum.</exception>
    public static void RequireCount(long count, int maximum = PredictionsApi.MaximumInputs)
    {
        if (count < 1 || count > maximum)
        {
            throw new RequestValidationException(FormattableString.Invariant(
                $"The request has {Quantity.Of(count, "input")}; it must have 1 to {maximum:#,##0}."));
        }
    }

    /// <summary>Sets a field of an input to a JSON value; null means unknown, and a string has the spellings of a text.</summary>
    public void Set(int row, PredictionField field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            Set(row, field, value.GetString());
            return;
        }
        _columns[(int)field] = true;
        var isSet = value.ValueKind == JsonValueKind.Number && field != PredictionField.Sex && value.GetDouble() is var number
            && double.IsFinite(number) && _rows[row].TrySetNumber(field, number);
        if (!isSet && value.ValueKind != JsonValueKind.Null)
            Reject(row, field, field.Problem(Excerpt.Truncate(value.GetRawText())));
    }

    /// <summary>Sets a field of an input to a text: a CSV cell, a JSON string or an element of a tensor.</summary>
    public void Set(int row, PredictionField field, ReadOnlySpan<char> text)
    {
        _columns[(int)field] = true;
        _rows[row].SetText(field, text);
    }

    /// <summary>Sets a field of an input to a number of a binary tensor; NaN means unknown.</summary>
    public void Set(int row, PredictionField field, double number)
    {
        _columns[(int)field] = true;
        if (!double.IsNaN(number))
            _rows[row].SetNumber(field, number);
    }

    /// <summary>Records a problem with a field of an input.</summary>
    public void Reject(int row, PredictionField field, string message) => _rows[row].Reject(field, message);

    /// <summary>All inputs in their order.</summary>
    /// <exception cref="RequestValidationException">
    /// A required column or value is missing, or a value is out of range or of another type.
    /// </exception>
    public PredictionInput[] ToInputs()
    {
        if (PredictionFields.Required.Where(field => !_columns[(int)field]).Select(PredictionFields.Name).ToList() is { Count: > 0 } missing)
        {
            throw new RequestValidationException(
                $"{string.Join(" and ", missing)} {(missing.Count == 1 ? "is" : "are")} missing; pclass and sex are required, age and fare are optional.");
        }
        var inputs = new List<PredictionInput>(_rows.Count);
        foreach (var row in _rows)
        {
            if (row.Build() is { } input)
                inputs.Add(input);
        }
        if (inputs.Count == _rows.Count)
            return [.. inputs];
        var invalid = _rows.Count - inputs.Count;
        var problems = _rows.SelectMany((row, index) =>
            row.Build() is null ? row.Problems().Select(problem => $"{locationOf(index, problem.Field)}: {problem.Sentence}") : []).ToList();
        var more = problems.Count - MaximumProblems;
        throw new RequestValidationException($"{PredictionFields.Invalid(invalid, _rows.Count)}; no prediction was made. "
            + string.Join(' ', problems.Take(MaximumProblems))
            + (more > 0 ? $" {Quantity.Of(more, "more problem")} {(more == 1 ? "is" : "are")} not listed." : ""));
    }
}
