using System.Text.Json;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

internal static partial class MlflowFrames
{
    /// <summary>{columns, data, index?}: pandas has no other members in it.</summary>
    private static IReadOnlyList<PassengerInput> OfSplit(JsonElement frame)
    {
        if (frame.ValueKind != JsonValueKind.Object)
            throw new RefusedRequestException($"dataframe_split is {Called(frame)}; it must be an object {{columns, data}}.");
        foreach (var member in frame.EnumerateObject())
        {
            if (member.Name is not ("columns" or "data" or "index"))
                throw new RefusedRequestException($"dataframe_split has the member \"{Excerpt.Truncate(member.Name)}\"; it must have columns and data, and may have index.");
        }
        var (columns, data) = (ArrayOf(frame, "columns"), ArrayOf(frame, "data"));
        QuestionRows.RequireCount(data.GetArrayLength());
        if (frame.TryGetProperty("index", out var index) && index.ValueKind != JsonValueKind.Null
            && (index.ValueKind != JsonValueKind.Array || index.GetArrayLength() != data.GetArrayLength()))
            throw new RefusedRequestException($"dataframe_split.index is {LengthOf(index)}; it must be an array of {data.GetArrayLength()}, one for each row of data.");

        var fields = FieldsOf(columns);
        var rows = new QuestionRows((row, field) => $"dataframe_split.data[{row}], {field.Name()}");
        foreach (var record in data.EnumerateArray())
        {
            var row = rows.Add();
            if (record.ValueKind != JsonValueKind.Array || record.GetArrayLength() != fields.Length)
                throw new RefusedRequestException($"dataframe_split.data[{row}] is {LengthOf(record)}; it must be an array of {fields.Length}, one for each column.");
            var column = 0;
            foreach (var value in record.EnumerateArray())
            {
                if (fields[column++] is { } field)
                    rows.Put(row, field, value);
            }
        }
        return rows.Questions();
    }

    private static JsonElement ArrayOf(JsonElement frame, string member)
    {
        if (!frame.TryGetProperty(member, out var array))
            throw new RefusedRequestException($"dataframe_split has no member {member}; it must have columns and data.");
        return array.ValueKind == JsonValueKind.Array
            ? array
            : throw new RefusedRequestException($"dataframe_split.{member} is {Called(array)}; it must be an array.");
    }

    /// <returns>For each column which input it is; null for a column that the signature does not have.</returns>
    private static QuestionField?[] FieldsOf(JsonElement columns)
    {
        QuestionField?[] fields = [.. columns.EnumerateArray().Select(name => name.ValueKind == JsonValueKind.String ? Find(name.GetString()!) : null)];
        foreach (var field in QuestionFields.All)
        {
            if (fields.Count(seen => seen == field) > 1)
                throw new RefusedRequestException($"dataframe_split.columns has {field.Name()} twice.");
        }
        return fields;
    }

    /// <param name="isTensor">
    /// As TensorFlow serving has it: a value may stand in an array of its own, and all rows have the same columns. In a data frame's records one that
    /// is missing is unknown.
    /// </param>
    private static IReadOnlyList<PassengerInput> OfRecords(string format, JsonElement records, bool isTensor)
    {
        if (records.ValueKind != JsonValueKind.Array)
            throw new RefusedRequestException($"{format} is {Called(records)}; it must be an array of objects.");
        QuestionRows.RequireCount(records.GetArrayLength());
        var rows = new QuestionRows((row, field) => $"{format}[{row}].{field.Name()}");
        var first = 0;
        foreach (var record in records.EnumerateArray())
        {
            var row = rows.Add();
            if (record.ValueKind != JsonValueKind.Object)
                throw new RefusedRequestException($"{format}[{row}] is {Called(record)}; it must be an object, because the model's inputs have names.");
            var seen = 0;
            foreach (var member in record.EnumerateObject())
            {
                if (Find(member.Name) is not { } field)
                    continue;
                if ((seen & (1 << (int)field)) != 0)
                    throw new RefusedRequestException($"{format}[{row}] has {field.Name()} twice.");
                seen |= 1 << (int)field;
                rows.Put(row, field, isTensor ? Single(member.Value) : member.Value);
            }
            first = row == 0 ? seen : first;
            if (isTensor && seen != first)
                throw new RefusedRequestException($"{format}[{row}] has other columns than {format}[0]; all must have the same, with null for what is unknown.");
        }
        return rows.Questions();
    }

    private static QuestionField? Find(string name) => QuestionFields.Find(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>A value, or a tensor of one.</summary>
    private static JsonElement Single(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1 ? value[0] : value;

    private static string LengthOf(JsonElement value) => value.ValueKind == JsonValueKind.Array ? $"an array of {value.GetArrayLength()}" : Called(value);
}
