using System.Text.Json;

namespace Titanic.Web.Serving.Protocols;

internal static partial class MlflowFrames
{
    /// <summary>
    /// {pclass: [1, 3], sex: ["female", "male"], …}: each value a number or text, or in an array of its own. Numbers and texts instead of the arrays
    /// are one row.
    /// </summary>
    private static IReadOnlyList<PassengerInput> OfColumns(JsonElement inputs)
    {
        var columns = new Dictionary<QuestionField, JsonElement>();
        foreach (var member in inputs.EnumerateObject())
        {
            if (Find(member.Name) is { } field && !columns.TryAdd(field, member.Value))
                throw new RefusedRequestException($"inputs has {field.Name()} twice.");
        }
        var rows = new QuestionRows((row, field) => $"inputs.{field.Name()}[{row}]");
        var count = CountOf(columns);
        QuestionRows.RequireCount(count);
        for (var row = 0; row < count; row++)
            rows.Add();
        foreach (var (field, column) in columns)
        {
            if (column.ValueKind != JsonValueKind.Array)
            {
                rows.Put(0, field, column);
                continue;
            }
            var row = 0;
            foreach (var value in column.EnumerateArray())
                rows.Put(row++, field, Single(value));
        }
        return rows.Questions();
    }

    /// <summary>How many rows all columns have; 1 where there is no column, so that those that are missing are told.</summary>
    private static int CountOf(Dictionary<QuestionField, JsonElement> columns)
    {
        var lengths = columns.Select(column => (Name: column.Key.Name(), Length: column.Value.ValueKind == JsonValueKind.Array ? column.Value.GetArrayLength() : (int?)null)).ToList();
        if (lengths.Find(column => column.Length != lengths[0].Length) is { Name: not null } other)
        {
            throw new RefusedRequestException($"inputs.{other.Name} is {Shown(other.Length)} and inputs.{lengths[0].Name} is {Shown(lengths[0].Length)}; "
                + "all columns must have the same length.");
        }
        return lengths is [var first, ..] ? first.Length ?? 1 : 1;

        static string Shown(int? length) => length is { } many ? $"an array of {many}" : "a single value";
    }
}
