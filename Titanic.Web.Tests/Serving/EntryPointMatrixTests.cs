using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;
using Titanic.Web.Tests.Serving.Protocols;

namespace Titanic.Web.Tests.Serving;

/// <summary>Sends the same spellings of values to all entry points, which must read the same values or refuse them (ADR 0069).</summary>
public sealed class EntryPointMatrixTests(ModelSite site) : IClassFixture<ModelSite>
{
    public enum EntryPoint
    {
        Page,
        Predictions,
        PassengersCsv,
        PassengersJson,
        MlflowJson,
        MlflowCsv,
        InferenceJson,
        InferenceBinary,
    }

    public static TheoryData<EntryPoint> EntryPoints => [.. Enum.GetValues<EntryPoint>()];

    private static int _lastId = 9_000_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Texts for each field, with the value that every entry point reads.</summary>
    private static readonly (string Field, string Text, double? Value)[] _accepted =
    [
        .. from text in (string[])["1", "1.0", "1.00", "01", " 1 ", "\u00A01", "1st", "First", "FIRST", " first "] select ("pclass", text, (double?)1),
        ("pclass", "2nd", 2), ("pclass", "Second", 2), ("pclass", "3.0", 3), ("pclass", "3RD", 3), ("pclass", "third", 3),
        ("sex", "male", 0), ("sex", "MALE", 0), ("sex", " Male ", 0), ("sex", "female", 1), ("sex", "FeMale", 1),
        .. from field in (string[])["age", "fare"]
           from text in (string[])["", " ", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "<NA>", " NA "]
           select (field, text, (double?)null),
        .. from field in (string[])["age", "fare"]
           from cell in ((string, double)[])[("22", 22), ("22.0", 22), ("0022", 22), (" 22 ", 22), ("0", 0), ("0.1667", 0.1667), ("120", 120), ("120.000", 120)]
           select (field, cell.Item1, (double?)cell.Item2),
        ("fare", "7.25", 7.25), ("fare", "10000", 10_000), ("fare", "10000.0", 10_000),
    ];

    /// <summary>Texts that every entry point refuses.</summary>
    private static readonly (string Field, string Text)[] _refused =
    [
        .. from text in (string[])["", "NA", "0", "4", "1.5", "1.", "-1", "1e0", "upper", "true", "1 st"] select ("pclass", text),
        .. from text in (string[])["", "NA", "m", "f", "man", "0", "1", "males", "fémale"] select ("sex", text),
        .. from field in (string[])["age", "fare"]
           from text in (string[])
               ["1e1", "1e400", "Infinity", "inf", "∞", "0x1F", "+5", "-5", "-0", ".5", "5.", "1.2.3", "1_000", "1,000.5", "£7", "7 £", "٣", "５", "10000.0001", "unknown", "-", "true", "NaN1", "22\f", "22\u0085", "22\u2028"]
           select (field, text),
        ("age", "120.0001"),
    ];

    /// <summary>Texts for the outcome, which only passengers have.</summary>
    private static readonly (string Text, bool? Value)[] _outcomes =
    [
        ("1", true), ("1.0", true), (" 1 ", true), ("true", true), ("True", true), ("TRUE", true), ("yes", true), ("Yes", true),
        ("0", false), ("0.0", false), ("false", false), ("False", false), ("no", false), ("NO", false),
        ("", null), ("NA", null), ("nan", null), ("None", null), ("?", null),
    ];

    [Theory]
    [MemberData(nameof(EntryPoints))]
    public async Task Reads_the_same_value(EntryPoint entryPoint)
    {
        var inputs = _accepted.Select(one => Input(one.Field, one.Text)).ToList();

        var read = await Read(entryPoint, inputs);

        Assert.Equal(
            _accepted.Select(one => $"{one.Field} \"{one.Text}\" = {Text(one.Value)}"),
            _accepted.Select((one, i) => $"{one.Field} \"{one.Text}\" = {Text(read[i][one.Field])}"));
    }

    [Theory]
    [MemberData(nameof(EntryPoints))]
    public async Task Refuses_the_same_texts(EntryPoint entryPoint)
    {
        if (entryPoint is EntryPoint.PassengersCsv or EntryPoint.PassengersJson) // the rows of one request are validated separately
        {
            var (status, body) = await Send(entryPoint, [.. _refused.Select(one => Input(one.Field, one.Text))]);
            Assert.True(status is HttpStatusCode.UnprocessableEntity, body);
            Assert.Equal(_refused.Length, JsonElement.Parse(body).GetProperty("rejections").EnumerateArray().Select(row => row.GetProperty("line").GetInt64()).Distinct().Count());
            return;
        }
        var accepted = new List<string>();
        foreach (var (field, text) in _refused)
        {
            var (status, body) = await Send(entryPoint, [Input(field, text)]);
            if (!IsRefused(status, body))
                accepted.Add($"{field} \"{text}\"");
        }

        Assert.Empty(accepted);
    }

    [Theory]
    [InlineData(EntryPoint.PassengersCsv)]
    [InlineData(EntryPoint.PassengersJson)]
    public async Task Reads_the_same_outcome_and_id(EntryPoint entryPoint)
    {
        var inputs = _outcomes.Select((outcome, i) => Input("survived", outcome.Text) with { IdSuffix = i % 2 == 0 ? ".0" : " " }).ToList();

        var (status, body) = await Send(entryPoint, inputs);

        Assert.True(status is HttpStatusCode.OK && body.Contains("\"rejected\":0", StringComparison.Ordinal), body);
        foreach (var (input, (text, value)) in inputs.Zip(_outcomes))
            Assert.Equal((text, value), (text, (await Passenger(input)).GetProperty("survived") is { ValueKind: not JsonValueKind.Null } survived ? survived.GetBoolean() : null));
        foreach (var text in (string[])["2", "maybe", "1.5", "-1", "t"])
        {
            (status, body) = await Send(entryPoint, [Input("survived", text)]);
            Assert.True(IsRefused(status, body), $"{text}: {status}: {body}");
        }
    }

    /// <summary>
    /// The values of JSON and of numeric tensors have types. A number of JSON may have an exponent or be minus zero (RFC 8259, section 6); a
    /// text must not.
    /// </summary>
    [Theory]
    [InlineData("pclass", "1", 1.0)]
    [InlineData("pclass", "1.0", 1.0)]
    [InlineData("pclass", "1e0", 1.0)]
    [InlineData("pclass", "10E-1", 1.0)]
    [InlineData("pclass", "1.00000000000000000001", 1.0)]
    [InlineData("age", "1e-401", 0.0)]
    [InlineData("age", "0e401", 0.0)]
    [InlineData("age", "22.0", 22.0)]
    [InlineData("age", "2.2e1", 22.0)]
    [InlineData("age", "-0", 0.0)]
    [InlineData("age", "null", null)]
    [InlineData("age", "NaN", null)]
    [InlineData("fare", "725e-2", 7.25)]
    [InlineData("fare", "1E4", 10_000.0)]
    public async Task Reads_the_same_number_of_JSON(string field, string number, double? value)
    {
        foreach (var entryPoint in (EntryPoint[])[EntryPoint.Predictions, EntryPoint.PassengersJson, EntryPoint.MlflowJson, EntryPoint.InferenceJson])
        {
            var read = await Read(entryPoint, [Input(field, number) with { IsTyped = true }]);

            Assert.Equal((entryPoint, value), (entryPoint, read[0][field]));
        }
    }

    [Theory]
    [InlineData("pclass", "1.5")]
    [InlineData("pclass", "4")]
    [InlineData("pclass", "true")]
    [InlineData("pclass", "null")]
    [InlineData("sex", "1")]
    [InlineData("sex", "true")]
    [InlineData("age", "true")]
    [InlineData("age", "[1]")]
    [InlineData("age", "-1")]
    [InlineData("age", "1.21e2")]
    [InlineData("fare", "1e400")]
    [InlineData("fare", "1e999999999999")]
    [InlineData("fare", "Infinity")]
    [InlineData("fare", "Na")]
    [InlineData("fare", "NaNaN")]
    public async Task Refuses_the_same_values_of_JSON(string field, string value)
    {
        foreach (var entryPoint in (EntryPoint[])[EntryPoint.Predictions, EntryPoint.PassengersJson, EntryPoint.MlflowJson, EntryPoint.InferenceJson])
        {
            var (status, body) = await Send(entryPoint, [Input(field, value) with { IsTyped = true }]);

            Assert.True(IsRefused(status, body), $"{entryPoint}: {status}: {body}");
        }
    }

    /// <summary>A byte order mark is ignored; JSON is UTF-8 (RFC 8259, section 8.1), so UTF-16 is refused.</summary>
    [Theory]
    [MemberData(nameof(EntryPoints))]
    public async Task Ignores_a_byte_order_mark(EntryPoint entryPoint)
    {
        if (entryPoint is EntryPoint.Page)
            return; // has no body
        if (entryPoint is not EntryPoint.InferenceBinary) // there the mark is one of the header's bytes
            Assert.Equal(HttpStatusCode.OK, (await Send(entryPoint, [Input("age", "22")], body => [0xEF, 0xBB, 0xBF, .. body])).Status);
        if (entryPoint is not (EntryPoint.MlflowCsv or EntryPoint.PassengersCsv or EntryPoint.InferenceBinary))
        {
            Assert.Equal(
                HttpStatusCode.BadRequest,
                (await Send(entryPoint, [Input("age", "22")], body => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(body))])).Status);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Decompresses_prediction_requests(string encoding)
    {
        foreach (var entryPoint in (EntryPoint[])[EntryPoint.Predictions, EntryPoint.MlflowJson, EntryPoint.MlflowCsv, EntryPoint.InferenceJson, EntryPoint.InferenceBinary])
        {
            var (status, body) = await Send(entryPoint, [Input("age", "22")], raw => Compress(raw, encoding), encoding);
            Assert.True(status is HttpStatusCode.OK, $"{entryPoint}: {status}: {body}");

            (status, body) = await Send(entryPoint, [Input("age", "22")], encoding: encoding);
            Assert.True(status is HttpStatusCode.BadRequest && body.Contains($"The body is not valid {encoding}", StringComparison.Ordinal), $"{entryPoint}: {status}: {body}");

            (status, body) = await Send(entryPoint, [Input("age", "22")], raw => Compress([.. raw, .. Enumerable.Repeat((byte)'\n', ProtocolClient.MaximumBytes + 1)], encoding), encoding);
            Assert.True(status is HttpStatusCode.RequestEntityTooLarge, $"{entryPoint}: {status}: {body}");

            (status, body) = await Send(entryPoint, [Input("age", "22")], encoding: "br");
            Assert.True(
                status is HttpStatusCode.UnsupportedMediaType && body.Contains("it must be gzip, deflate or absent.", StringComparison.Ordinal), $"{entryPoint}: {status}: {body}");
        }
    }

    /// <summary>A prediction request is refused as a whole; of passengers, the row is rejected.</summary>
    private static bool IsRefused(HttpStatusCode status, string body) =>
        status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity || (status is HttpStatusCode.OK && body.Contains("\"rejected\":1,", StringComparison.Ordinal));

    private static byte[] Compress(byte[] body, string encoding)
    {
        using var to = new MemoryStream();
        using (Stream compressed = encoding switch
        {
            "gzip" => new System.IO.Compression.GZipStream(to, System.IO.Compression.CompressionMode.Compress),
            _ => new System.IO.Compression.ZLibStream(to, System.IO.Compression.CompressionMode.Compress),
        })
            compressed.Write(body);
        return to.ToArray();
    }

    private static string Text(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "missing";

    /// <summary>A valid input, except for one field.</summary>
    private static Values Input(string field, string text)
    {
        var input = new Values(Interlocked.Increment(ref _lastId));
        return field switch
        {
            "pclass" => input with { Pclass = text, Changed = field },
            "sex" => input with { Sex = text, Changed = field },
            "age" => input with { Age = text, Changed = field },
            "fare" => input with { Fare = text, Changed = field },
            _ => input with { Survived = text, Changed = field },
        };
    }

    /// <summary>Sends inputs and returns the values that are stored.</summary>
    private async Task<IReadOnlyList<Dictionary<string, double?>>> Read(EntryPoint entryPoint, IReadOnlyList<Values> inputs)
    {
        var stored = new List<Dictionary<string, double?>>();
        if (entryPoint is EntryPoint.Page)
        {
            foreach (var input in inputs)
            {
                var page = await site.Get(Url(input));
                var link = page.QuerySelector("#prediction a[href^='/predictions/']")!.GetAttribute("href")!;
                stored.Add(ValuesOf(await site.Receipt(long.Parse(link.Split('/')[2], CultureInfo.InvariantCulture))));
            }
            return stored;
        }
        var (status, body) = await Send(entryPoint, inputs);
        Assert.True(status is HttpStatusCode.OK, $"{entryPoint}: {status}: {body}");
        if (entryPoint is EntryPoint.PassengersCsv or EntryPoint.PassengersJson)
        {
            Assert.Contains("\"rejected\":0", body, StringComparison.Ordinal);
            foreach (var input in inputs)
                stored.Add(ValuesOf(await Passenger(input)));
            return stored;
        }
        foreach (var id in Ids(entryPoint, JsonElement.Parse(body)))
            stored.Add(ValuesOf(await site.Receipt(id)));
        return stored;
    }

    private async Task<JsonElement> Passenger(Values input)
    {
        using var response = await site.Client.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/passengers/api/{input.Id}"), Cancellation);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation)).GetProperty("passenger");
    }

    private static IEnumerable<long> Ids(EntryPoint entryPoint, JsonElement body) => entryPoint switch
    {
        EntryPoint.Predictions => body.EnumerateArray().Select(prediction => prediction.GetProperty("id").GetInt64()),
        EntryPoint.MlflowJson or EntryPoint.MlflowCsv => body.GetProperty("predictions").EnumerateArray().Select(prediction => prediction.GetProperty("prediction_id").GetInt64()),
        _ => Tensors.Data(body, "prediction_id").Select(id => id.GetInt64()),
    };

    private static Dictionary<string, double?> ValuesOf(JsonElement row) => new()
    {
        ["pclass"] = row.GetProperty("pclass").GetInt32(),
        ["sex"] = row.Text("sex") == "female" ? 1 : 0,
        ["age"] = row.GetProperty("age").ValueKind == JsonValueKind.Null ? null : row.GetProperty("age").GetDouble(),
        ["fare"] = row.GetProperty("fare").ValueKind == JsonValueKind.Null ? null : row.GetProperty("fare").GetDouble(),
    };

    private async Task<(HttpStatusCode Status, string Body)> Send(
        EntryPoint entryPoint, IReadOnlyList<Values> inputs, Func<byte[], byte[]>? change = null, string? encoding = null)
    {
        if (entryPoint is EntryPoint.Page)
        {
            using var page = await site.Client.GetAsync(Url(inputs[0]), Cancellation);
            return (page.StatusCode, "");
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, entryPoint switch
        {
            EntryPoint.Predictions => "/api/predictions",
            EntryPoint.PassengersCsv or EntryPoint.PassengersJson => "/api/passengers",
            EntryPoint.MlflowJson or EntryPoint.MlflowCsv => "/invocations",
            _ => "/v2/models/titanic_knn/infer",
        });
        var (body, jsonLength) = Body(entryPoint, inputs);
        request.Content = new ByteArrayContent(change is null ? body : change(body));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(entryPoint switch
        {
            EntryPoint.PassengersCsv or EntryPoint.MlflowCsv => ProtocolClient.Csv,
            EntryPoint.InferenceBinary => "application/octet-stream",
            _ => ProtocolClient.Json,
        });
        if (encoding is not null)
            request.Content.Headers.ContentEncoding.Add(encoding);
        if (jsonLength is { } length)
            request.Headers.Add("Inference-Header-Content-Length", length.ToString(CultureInfo.InvariantCulture));
        if (entryPoint is EntryPoint.PassengersCsv or EntryPoint.PassengersJson)
            request.Headers.Add("X-Api-Key", await IngestKey());
        using var response = await site.Client.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private string? _key;

    private async Task<string> IngestKey()
    {
        if (_key is not null)
            return _key;
        await using var services = site.Services.CreateAsyncScope();
        return _key = await services.ServiceProvider.GetRequiredService<ApiKeys>().Create($"matrix {Guid.NewGuid():N}", ApiKeyScope.Ingest, "a test", Cancellation);
    }

    private static string Url(Values input) =>
        $"/?pclass={Uri.EscapeDataString(input.Pclass)}&sex={Uri.EscapeDataString(input.Sex)}&age={Uri.EscapeDataString(input.Age)}&fare={Uri.EscapeDataString(input.Fare)}";

    private static (byte[] Body, int? JsonLength) Body(EntryPoint entryPoint, IReadOnlyList<Values> inputs) => entryPoint switch
    {
        EntryPoint.Predictions => (Encoding.UTF8.GetBytes($"[{string.Join(',', inputs.Select(input => input.Record()))}]"), null),
        EntryPoint.PassengersJson => (Encoding.UTF8.GetBytes($"[{string.Join(',', inputs.Select(input => input.PassengerRecord()))}]"), null),
        EntryPoint.PassengersCsv => (Encoding.UTF8.GetBytes("PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n" + string.Concat(inputs.Select(input => input.PassengerLine()))), null),
        EntryPoint.MlflowJson => (Encoding.UTF8.GetBytes($$"""{"dataframe_records": [{{string.Join(',', inputs.Select(input => input.Record()))}}]}"""), null),
        EntryPoint.MlflowCsv => (Encoding.UTF8.GetBytes("pclass,sex,age,fare\n" + string.Concat(inputs.Select(input => input.Line()))), null),
        EntryPoint.InferenceJson => (Encoding.UTF8.GetBytes($$"""{"inputs": [{{string.Join(',', Values.Fields.Select(field => Tensor(field, inputs)))}}]}"""), null),
        _ => BinaryBody(inputs),
    };

    private static string Tensor(string field, IReadOnlyList<Values> inputs)
    {
        var datatype = inputs[0].IsTyped && inputs[0].Changed == field && field != "sex" ? "FP64" : "BYTES";
        return $$"""{"name": "{{field}}", "datatype": "{{datatype}}", "shape": [{{inputs.Count}}], "data": [{{string.Join(',', inputs.Select(input => input.Json(field)))}}]}""";
    }

    private static (byte[] Body, int? JsonLength) BinaryBody(IReadOnlyList<Values> inputs)
    {
        var tensors = Values.Fields.Select(field => inputs.SelectMany(input => Element(input.Of(field))).ToArray()).ToList();
        var json = Encoding.UTF8.GetBytes($$"""{"inputs": [{{string.Join(',', Values.Fields.Select((field, i) =>
            $$"""{"name": "{{field}}", "datatype": "BYTES", "shape": [{{inputs.Count}}], "parameters": {"binary_data_size": {{tensors[i].Length}} } }"""))}}]}""");
        return ([.. json, .. tensors.SelectMany(tensor => tensor)], json.Length);

        static byte[] Element(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var length = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            return [.. length, .. bytes];
        }
    }

    /// <summary>The texts of the fields of an input.</summary>
    private sealed record Values(int Id)
    {
        public static readonly string[] Fields = ["pclass", "sex", "age", "fare"];

        public string Pclass { get; init; } = "3";
        public string Sex { get; init; } = "male";
        public string Age { get; init; } = "30";
        public string Fare { get; init; } = "8";
        public string Survived { get; init; } = "0";
        public string Changed { get; init; } = "";
        public string IdSuffix { get; init; } = "";

        /// <summary>Whether the changed field is a JSON value and not a string.</summary>
        public bool IsTyped { get; init; }

        public string Of(string field) => field switch { "pclass" => Pclass, "sex" => Sex, "age" => Age, "fare" => Fare, _ => Survived };

        public string Json(string field) => IsTyped && field == Changed ? Of(field) : JsonSerializer.Serialize(Of(field));

        public string Record() => $$"""{"pclass": {{Json("pclass")}}, "sex": {{Json("sex")}}, "age": {{Json("age")}}, "fare": {{Json("fare")}}}""";

        public string PassengerRecord() => string.Create(
            CultureInfo.InvariantCulture, $$"""{"passengerId": "{{Id}}{{IdSuffix}}", "name": "Matrix {{Id}}", "survived": {{Json("survived")}}, {{Record()[1..]}}""");

        public string Line() => string.Join(',', Fields.Select(field => Quote(Of(field)))) + "\n";

        public string PassengerLine() => string.Create(
            CultureInfo.InvariantCulture, $"{Id}{IdSuffix},{Quote(Survived)},{Quote(Pclass)},Matrix {Id},{Quote(Sex)},{Quote(Age)},{Quote(Fare)}\n");

        private static string Quote(string cell) => $"\"{cell}\"";
    }
}
