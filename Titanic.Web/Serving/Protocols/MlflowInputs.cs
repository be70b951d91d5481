using System.Globalization;
using System.Text.Json;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>
/// Reads the four JSON formats of MLflow's scoring server. Column names are not case-sensitive, as in passenger lists; columns that are not
/// in the model's signature are ignored, as in MLflow.
/// </summary>
internal static class MlflowFrames
{
    private static readonly string[] _splitMembers = ["columns", "data", "index"];
    private static readonly string[] _formats = ["dataframe_split", "dataframe_records", "instances", "inputs"];

    /// <param name="json">The request body, as read by <see cref="ProtocolRequest.ReadJson"/>.</param>
    /// <exception cref="RequestValidationException">The body is not a data frame, or an input is invalid.</exception>
    public static PredictionInput[] Read(ReadOnlyMemory<byte> json)
    {
        using var document = Parse(json);
        var body = document.RootElement;
        if (body.ValueKind != JsonValueKind.Object)
            throw new RequestValidationException(
                $"The body is {Describe(body)}; it must be an object with exactly one of {ErrorText.OneOf(_formats)}.");
        var frames = body.EnumerateObject().Where(member => _formats.Contains(member.Name)).ToList();
        if (frames is not [var frame])
            throw new RequestValidationException(
                $"The body has {DescribeMembers(body)}; it must have exactly one of {ErrorText.OneOf(_formats)}.");
        RejectUnsupportedMembers(body);
        return frame.Name switch
        {
            "dataframe_split" => ReadSplit(frame.Value),
            "dataframe_records" => ReadRecords(frame.Name, frame.Value, isTensor: false),
            "instances" => ReadRecords(frame.Name, frame.Value, isTensor: true),
            _ when frame.Value.ValueKind == JsonValueKind.Object => ReadColumns(frame.Value),
            _ => ReadRecords(frame.Name, frame.Value, isTensor: true),
        };
    }

    /// <summary>{columns, data, index?}; other members do not exist in pandas and are rejected.</summary>
    private static PredictionInput[] ReadSplit(JsonElement frame)
    {
        if (frame.ValueKind != JsonValueKind.Object)
            throw new RequestValidationException($"dataframe_split is {Describe(frame)}; it must be an object {{columns, data}}.");
        foreach (var member in frame.EnumerateObject())
        {
            if (!_splitMembers.Contains(member.Name))
                throw new RequestValidationException(ErrorText.UnknownName("member", member.Name, _splitMembers, " of dataframe_split"));
        }
        var (columns, data) = (ArrayOf(frame, "columns"), ArrayOf(frame, "data"));
        PredictionInputRows.RequireCount(data.GetArrayLength());
        if (frame.TryGetProperty("index", out var index) && index.ValueKind != JsonValueKind.Null
            && (index.ValueKind != JsonValueKind.Array || index.GetArrayLength() != data.GetArrayLength()))
        {
            throw new RequestValidationException(
                $"dataframe_split.index is {DescribeLength(index)}; it must be {ArrayOfLength(data.GetArrayLength())}, one for each row of data.");
        }

        var fields = FieldsOf(columns);
        var rows = new PredictionInputRows((row, field) => $"dataframe_split.data[{row}], {field.Name()}");
        foreach (var record in data.EnumerateArray())
        {
            var row = rows.Add();
            if (record.ValueKind != JsonValueKind.Array || record.GetArrayLength() != fields.Length)
            {
                throw new RequestValidationException(
                    $"dataframe_split.data[{row}] is {DescribeLength(record)}; it must be {ArrayOfLength(fields.Length)}, one for each column.");
            }
            var column = 0;
            foreach (var value in record.EnumerateArray())
            {
                if (fields[column++] is { } field)
                    rows.Set(row, field, value);
            }
        }
        return rows.ToInputs();
    }

    private static JsonElement ArrayOf(JsonElement frame, string member)
    {
        if (!frame.TryGetProperty(member, out var array))
            throw new RequestValidationException($"dataframe_split.{member} is missing; it must be an array.");
        return array.ValueKind == JsonValueKind.Array
            ? array
            : throw new RequestValidationException($"dataframe_split.{member} is {Describe(array)}; it must be an array.");
    }

    /// <returns>The field of each column; null for a column that is not in the signature.</returns>
    private static PredictionField?[] FieldsOf(JsonElement columns)
    {
        PredictionField?[] fields = [.. columns.EnumerateArray().Select(name => name.ValueKind == JsonValueKind.String ? Find(name.GetString()!) : null)];
        foreach (var field in PredictionFields.All)
        {
            if (fields.Count(seen => seen == field) > 1)
                throw new RequestValidationException(
                    $"dataframe_split.columns has {field.Name()} more than once; each column must be unique.");
        }
        return fields;
    }

    /// <param name="isTensor">
    /// True for the rules of TensorFlow Serving: a value may be an array of one element, and all rows must have the same columns. False for
    /// the records of a data frame, where a missing value is unknown.
    /// </param>
    private static PredictionInput[] ReadRecords(string format, JsonElement records, bool isTensor)
    {
        if (records.ValueKind != JsonValueKind.Array)
            throw new RequestValidationException($"{format} is {Describe(records)}; it must be an array of objects.");
        PredictionInputRows.RequireCount(records.GetArrayLength());
        var rows = new PredictionInputRows((row, field) => $"{format}[{row}].{field.Name()}");
        var first = 0;
        foreach (var record in records.EnumerateArray())
        {
            var row = rows.Add();
            if (record.ValueKind != JsonValueKind.Object)
            {
                throw new RequestValidationException(
                    $"{format}[{row}] is {Describe(record)}; it must be an object, because the inputs of the model are named.");
            }
            var seen = 0;
            foreach (var member in record.EnumerateObject())
            {
                if (Find(member.Name) is not { } field)
                    continue;
                if ((seen & (1 << (int)field)) != 0)
                    throw new RequestValidationException($"{format}[{row}] has {field.Name()} more than once; it must have it once.");
                seen |= 1 << (int)field;
                rows.Set(row, field, isTensor ? Unwrap(member.Value) : member.Value);
            }
            first = row == 0 ? seen : first;
            if (isTensor && seen != first)
            {
                throw new RequestValidationException(
                    $"{format}[{row}] has other columns than {format}[0]; all rows must have the same columns, with null for an unknown value.");
            }
        }
        return rows.ToInputs();
    }

    private static PredictionField? Find(string name) => PredictionFields.Find(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The element of an array of one; any other value unchanged.</summary>
    private static JsonElement Unwrap(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1 ? value[0] : value;

    private static string DescribeLength(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? ArrayOfLength(value.GetArrayLength()) : Describe(value);

    private static string ArrayOfLength(int length) => $"an array of {Quantity.Of(length, "element")}";

    /// <summary>
    /// {pclass: [1, 3], sex: ["female", "male"], …}: each element is a value or an array of one value. Single values instead of arrays are
    /// one row.
    /// </summary>
    private static PredictionInput[] ReadColumns(JsonElement inputs)
    {
        var columns = new Dictionary<PredictionField, JsonElement>();
        foreach (var member in inputs.EnumerateObject())
        {
            if (Find(member.Name) is { } field && !columns.TryAdd(field, member.Value))
                throw new RequestValidationException($"inputs has {field.Name()} more than once; it must have it once.");
        }
        var rows = new PredictionInputRows((row, field) => $"inputs.{field.Name()}[{row}]");
        var count = RowCount(columns);
        PredictionInputRows.RequireCount(count);
        for (var row = 0; row < count; row++)
            rows.Add();
        foreach (var (field, column) in columns)
        {
            if (column.ValueKind != JsonValueKind.Array)
            {
                rows.Set(0, field, column);
                continue;
            }
            var row = 0;
            foreach (var value in column.EnumerateArray())
                rows.Set(row++, field, Unwrap(value));
        }
        return rows.ToInputs();
    }

    /// <summary>
    /// The number of rows, which must be equal for all columns; 1 without columns, so that the missing columns are reported.
    /// </summary>
    private static int RowCount(Dictionary<PredictionField, JsonElement> columns)
    {
        var lengths = columns.Select(column => (
            Name: column.Key.Name(),
            Length: column.Value.ValueKind == JsonValueKind.Array ? column.Value.GetArrayLength() : (int?)null)).ToList();
        if (lengths.Find(column => column.Length != lengths[0].Length) is { Name: not null } other)
        {
            throw new RequestValidationException($"inputs.{other.Name} is {Shown(other.Length)} and inputs.{lengths[0].Name} is {Shown(lengths[0].Length)}; "
                + "all columns must have the same length.");
        }
        return lengths is [var first, ..] ? first.Length ?? 1 : 1;

        static string Shown(int? length) => length is { } elements ? ArrayOfLength(elements) : "a single value";
    }

    /// <summary>Rejects members of MLflow's protocol that this model does not support.</summary>
    private static void RejectUnsupportedMembers(JsonElement body)
    {
        if (body.TryGetProperty("params", out var parameters) && parameters.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
        {
            throw new RequestValidationException(
                $"params is {Describe(parameters)}; it must be an object. It is ignored, because the model has no parameters.");
        }
        if (body.TryGetProperty("signature_name", out _))
            throw new RequestValidationException("signature_name is given; it must be absent, because the model has one signature.");
    }

    /// <summary>Rejects duplicate members, of which Python silently uses the last.</summary>
    private static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            throw new RequestValidationException("The body has a member more than once; it must have it once.");
        }
    }

    private static string DescribeMembers(JsonElement body)
    {
        var names = body.EnumerateObject().Select(member => Excerpt.Truncate(member.Name)).ToList();
        return names.Count == 0 ? "no members" : $"the members {string.Join(", ", names.Take(10))}{(names.Count > 10 ? ", …" : "")}";
    }

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a Boolean",
    };
}

/// <summary>Reads inputs from CSV with a header, by the rules for passenger lists.</summary>
internal static class MlflowCsv
{
    private static readonly CsvLayout _layout = new(
        [
            .. PredictionFields.All.Select(
                field => new CsvColumn(field.Name(), field.Name()) { IsRequired = PredictionFields.Required.Contains(field) }),
        ],
        "input", AcceptsOptions: false);

    /// <exception cref="RequestValidationException">The CSV or an input is invalid.</exception>
    public static async Task<PredictionInput[]> Read(Stream body, PassengersOptions options, CancellationToken cancellation)
    {
        try
        {
            return await ReadRows(await CsvFile.OpenAsync(body, _layout, CsvReadOptions.Detect, options, cancellation), cancellation);
        }
        catch (PassengerFileException invalid)
        {
            throw new RequestValidationException(invalid.Message);
        }
    }

    private static async Task<PredictionInput[]> ReadRows(CsvFile file, CancellationToken cancellation)
    {
        var columns = PredictionFields.All.Select(field => (Field: field, Index: file.Header.Find(field.Name())))
            .Where(column => column.Index != CsvHeader.NotFound).ToList();
        var lines = new List<long>();
        var rows = new PredictionInputRows(
            (row, field) => string.Create(CultureInfo.InvariantCulture, $"Line {lines[row]}, {field.Name()}"), PassengerLimits.Empty);
        var validator = new RowValidator();
        await foreach (var line in file.ReadLineNumbersAsync(cancellation))
        {
            PredictionInputRows.RequireCount(rows.Add() + 1);
            lines.Add(line);
            validator.StartRow(line, file.Record.GetRawRecordSpan(), file.Delimiter);
            if (file.HasWellFormedCells(validator, line) && validator.IsValid)
            {
                foreach (var (field, index) in columns)
                    rows.Set(lines.Count - 1, field, file.Decimals.Normalize(file.Record.GetFieldSpan(index), field.Name(), validator));
            }
            if (!validator.IsValid)
                throw new RequestValidationException(
                    string.Create(CultureInfo.InvariantCulture, $"Line {line}: {validator.Problems()[0].Message}"));
        }
        return rows.ToInputs();
    }
}
