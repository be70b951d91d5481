using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>
/// Sends the request bodies of public clients. Those of tritonclient are the bytes that its functions InferInput and
/// _get_inference_request (version of 2026, commit 58a44ca) returned for two passengers, the second of unknown age and fare.
/// </summary>
[Collection<ModelSiteCollection>]
public sealed class RecordedClientTests(ModelSite site)
{
    private const string Infer = "/v2/models/titanic_knn/infer";
    private const string LengthHeader = "Inference-Header-Content-Length";
    private const string Both = """[{"pclass": 1, "sex": "female", "age": 29, "fare": 100}, {"pclass": 3, "sex": "male"}]""";

    private const int DefaultJsonLength = 396;
    private const string DefaultBody =
            "eyJpZCI6IjQyIiwiaW5wdXRzIjpbeyJuYW1lIjoicGNsYXNzIiwic2hhcGUiOlsyXSwiZGF0YXR5cGUiOiJJTlQ2NCIsInBhcmFtZXRlcnMiOnsiYmluYXJ5"
            + "X2RhdGFfc2l6ZSI6MTZ9fSx7Im5hbWUiOiJzZXgiLCJzaGFwZSI6WzJdLCJkYXRhdHlwZSI6IkJZVEVTIiwicGFyYW1ldGVycyI6eyJiaW5hcnlfZGF0YV9z"
            + "aXplIjoxOH19LHsibmFtZSI6ImFnZSIsInNoYXBlIjpbMl0sImRhdGF0eXBlIjoiRlAzMiIsInBhcmFtZXRlcnMiOnsiYmluYXJ5X2RhdGFfc2l6ZSI6OH19"
            + "LHsibmFtZSI6ImZhcmUiLCJzaGFwZSI6WzJdLCJkYXRhdHlwZSI6IkZQNjQiLCJwYXJhbWV0ZXJzIjp7ImJpbmFyeV9kYXRhX3NpemUiOjE2fX1dLCJwYXJh"
            + "bWV0ZXJzIjp7ImJpbmFyeV9kYXRhX291dHB1dCI6dHJ1ZX19AQAAAAAAAAADAAAAAAAAAAYAAABmZW1hbGUEAAAAbWFsZQAA6EEAAMB/AAAAAAAAWUAAAAAA"
            + "AAD4fw==";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A description, the length of the JSON object, and the body in Base64.</summary>
    public static TheoryData<string, int, string> BodiesOfTritonclient => new()
    {
        { "the defaults: binary inputs and outputs", DefaultJsonLength, DefaultBody },
        {
            "FP16 and UINT8 of shape [n, 1]", 392,
            "eyJpbnB1dHMiOlt7Im5hbWUiOiJwY2xhc3MiLCJzaGFwZSI6WzIsMV0sImRhdGF0eXBlIjoiVUlOVDgiLCJwYXJhbWV0ZXJzIjp7ImJpbmFyeV9kYXRhX3Np"
            + "emUiOjJ9fSx7Im5hbWUiOiJzZXgiLCJzaGFwZSI6WzIsMV0sImRhdGF0eXBlIjoiQllURVMiLCJwYXJhbWV0ZXJzIjp7ImJpbmFyeV9kYXRhX3NpemUiOjE4"
            + "fX0seyJuYW1lIjoiYWdlIiwic2hhcGUiOlsyLDFdLCJkYXRhdHlwZSI6IkZQMTYiLCJwYXJhbWV0ZXJzIjp7ImJpbmFyeV9kYXRhX3NpemUiOjR9fSx7Im5h"
            + "bWUiOiJmYXJlIiwic2hhcGUiOlsyLDFdLCJkYXRhdHlwZSI6IkZQMTYiLCJwYXJhbWV0ZXJzIjp7ImJpbmFyeV9kYXRhX3NpemUiOjR9fV0sInBhcmFtZXRl"
            + "cnMiOnsiYmluYXJ5X2RhdGFfb3V0cHV0Ijp0cnVlfX0BAwYAAABmZW1hbGUEAAAAbWFsZUBPAH5AVgB+"
        },
        {
            "binary inputs, JSON outputs", 580,
            "eyJpbnB1dHMiOlt7Im5hbWUiOiJwY2xhc3MiLCJzaGFwZSI6WzJdLCJkYXRhdHlwZSI6IklOVDMyIiwicGFyYW1ldGVycyI6eyJiaW5hcnlfZGF0YV9zaXpl"
            + "Ijo4fX0seyJuYW1lIjoic2V4Iiwic2hhcGUiOlsyXSwiZGF0YXR5cGUiOiJCWVRFUyIsInBhcmFtZXRlcnMiOnsiYmluYXJ5X2RhdGFfc2l6ZSI6MTh9fSx7"
            + "Im5hbWUiOiJhZ2UiLCJzaGFwZSI6WzJdLCJkYXRhdHlwZSI6IkZQMzIiLCJwYXJhbWV0ZXJzIjp7ImJpbmFyeV9kYXRhX3NpemUiOjh9fSx7Im5hbWUiOiJm"
            + "YXJlIiwic2hhcGUiOlsyXSwiZGF0YXR5cGUiOiJGUDMyIiwicGFyYW1ldGVycyI6eyJiaW5hcnlfZGF0YV9zaXplIjo4fX1dLCJvdXRwdXRzIjpbeyJuYW1l"
            + "Ijoic3Vydml2ZWQiLCJwYXJhbWV0ZXJzIjp7ImJpbmFyeV9kYXRhIjpmYWxzZX19LHsibmFtZSI6InByb2JhYmlsaXR5IiwicGFyYW1ldGVycyI6eyJiaW5h"
            + "cnlfZGF0YSI6ZmFsc2V9fSx7Im5hbWUiOiJzdXJ2aXZvcnMiLCJwYXJhbWV0ZXJzIjp7ImJpbmFyeV9kYXRhIjpmYWxzZX19LHsibmFtZSI6Im5laWdoYm9y"
            + "cyIsInBhcmFtZXRlcnMiOnsiYmluYXJ5X2RhdGEiOmZhbHNlfX1dfQEAAAADAAAABgAAAGZlbWFsZQQAAABtYWxlAADoQQAAwH8AAMhCAADAfw=="
        },
        {
            "BYTES for all inputs", 389,
            "eyJpbnB1dHMiOlt7Im5hbWUiOiJwY2xhc3MiLCJzaGFwZSI6WzJdLCJkYXRhdHlwZSI6IkJZVEVTIiwicGFyYW1ldGVycyI6eyJiaW5hcnlfZGF0YV9zaXpl"
            + "IjoxNn19LHsibmFtZSI6InNleCIsInNoYXBlIjpbMl0sImRhdGF0eXBlIjoiQllURVMiLCJwYXJhbWV0ZXJzIjp7ImJpbmFyeV9kYXRhX3NpemUiOjIwfX0s"
            + "eyJuYW1lIjoiYWdlIiwic2hhcGUiOlsyXSwiZGF0YXR5cGUiOiJCWVRFUyIsInBhcmFtZXRlcnMiOnsiYmluYXJ5X2RhdGFfc2l6ZSI6MTJ9fSx7Im5hbWUi"
            + "OiJmYXJlIiwic2hhcGUiOlsyXSwiZGF0YXR5cGUiOiJCWVRFUyIsInBhcmFtZXRlcnMiOnsiYmluYXJ5X2RhdGFfc2l6ZSI6MTN9fV0sInBhcmFtZXRlcnMi"
            + "OnsiYmluYXJ5X2RhdGFfb3V0cHV0Ijp0cnVlfX0DAAAAMS4wBQAAAFRoaXJkBgAAAEZFTUFMRQYAAAAgbWFsZSACAAAAMjkCAAAATkEFAAAAMTAwLjAAAAAA"
        },
    };

    [Theory]
    [MemberData(nameof(BodiesOfTritonclient))]
    public async Task Predicts_for_tritonclient(string rule, int jsonLength, string body)
    {
        var response = await Send(Convert.FromBase64String(body), jsonLength);

        Assert.True((await site.PredictByApi(Both)).SequenceEqual(ReadPredictions(await ReadTensors(response))), rule);
    }

    /// <summary>
    /// The bodies of KServe's InferRequest.to_rest (version 0.21), written by its code: JSON, and binary data for all inputs.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Predicts_for_KServe(bool isBinary)
    {
        const string start = """{"id":"9a3f","model_name":"titanic_knn","inputs":[{"name":"pclass","shape":[2],"datatype":"INT32",""";
        var json = Encoding.UTF8.GetBytes(isBinary
            ? start + """
                "parameters":{"binary_data_size":8}},{"name":"sex","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":18}},{"name":"age","shape":[2],"datatype":"FP16","parameters":{"binary_data_size":4}},{"name":"fare","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}}],"parameters":{"binary_data_output":true}}
                """
            : start + """
                "data":[1,3]},{"name":"sex","shape":[2],"datatype":"BYTES","data":["female","male"]},{"name":"age","shape":[2],"datatype":"FP32","data":[29.0,null]},{"name":"fare","shape":[2],"datatype":"FP32","data":[100.0,null]}]}
                """);
        byte[] data =
        [
            1, 0, 0, 0, 3, 0, 0, 0,
            6, 0, 0, 0, .. "female"u8, 4, 0, 0, 0, .. "male"u8,
            0x40, 0x4F, 0x00, 0x7E, // 29 and NaN in 16 bits
            0, 0, 0xC8, 0x42, 0, 0, 0xC0, 0x7F, // 100 and NaN in 32 bits
        ];

        var response = isBinary ? await Send([.. json, .. data], json.Length) : await Send(json);

        Assert.Equal(await site.PredictByApi(Both), ReadPredictions(await ReadTensors(response)));
    }

    /// <summary>
    /// The body of MLflow's ScoringServerClient, the same in 2.22 and 3: dataframe_split of pandas with its index, written by json.dumps,
    /// which writes NaN.
    /// </summary>
    [Theory]
    [InlineData("application/json")] // 3 and 2
    [InlineData("application/json; charset=utf-8")] // curl as in the documents of 2.22
    public async Task Predicts_for_MLflow(string contentType)
    {
        const string body = """
            {"dataframe_split": {"index": [0, 1], "columns": ["pclass", "sex", "age", "fare"], "data": [[1, "female", 29.0, 100.0], [3, "male", NaN, NaN]]}}
            """;

        var response = await site.PostOk("/invocations", body, contentType);

        Assert.Equal(await site.PredictByApi(Both), response.GetProperty("predictions").EnumerateArray().Select(ComparablePrediction.Of));
    }

    /// <summary>The layout that tritonclient's InferResult reads: the JSON object, then the binary outputs in their order.</summary>
    [Fact]
    public async Task A_binary_response_has_the_length_of_its_JSON_and_the_sizes_of_its_tensors()
    {
        using var response = await Send(Convert.FromBase64String(DefaultBody), DefaultJsonLength);
        var bytes = await response.Content.ReadAsByteArrayAsync(Cancellation);
        var length = int.Parse(Assert.Single(response.Headers.GetValues(LengthHeader)), CultureInfo.InvariantCulture);
        var json = JsonElement.Parse(bytes.AsSpan(0, length));

        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("titanic_knn", "1", "42"), (json.Text("model_name"), json.Text("model_version"), json.Text("id")));
        Assert.Equal(
            ["survived BOOL 2", "probability FP64 16", "survivors INT64 16", "neighbors INT64 16", "prediction_id INT64 16"],
            json.GetProperty("outputs").EnumerateArray().Select(output =>
                $"{output.Text("name")} {output.Text("datatype")} {output.GetProperty("parameters").GetProperty("binary_data_size").GetInt32()}"));
        Assert.All(json.GetProperty("outputs").EnumerateArray(), output => Assert.False(output.TryGetProperty("data", out _)));
        Assert.Equal(bytes.Length, length + 2 + (4 * 16));
    }

    /// <summary>tritonclient with JSON inputs sends neither a content type nor the length of the JSON.</summary>
    [Fact]
    public async Task Returns_binary_outputs_for_JSON_inputs_without_content_type()
    {
        const string body =
            "eyJpbnB1dHMiOlt7Im5hbWUiOiJwY2xhc3MiLCJzaGFwZSI6WzJdLCJkYXRhdHlwZSI6IklOVDY0IiwiZGF0YSI6WzEsM119LHsibmFtZSI6InNleCIsInNo"
            + "YXBlIjpbMl0sImRhdGF0eXBlIjoiQllURVMiLCJkYXRhIjpbImZlbWFsZSIsIm1hbGUiXX1dLCJvdXRwdXRzIjpbeyJuYW1lIjoic3Vydml2ZWQiLCJwYXJh"
            + "bWV0ZXJzIjp7ImJpbmFyeV9kYXRhIjp0cnVlfX0seyJuYW1lIjoicHJvYmFiaWxpdHkiLCJwYXJhbWV0ZXJzIjp7ImJpbmFyeV9kYXRhIjp0cnVlfX1dfQ==";

        var tensors = await ReadTensors(await Send(Convert.FromBase64String(body)));

        Assert.Equal(["survived", "probability"], tensors.Keys);
        Assert.Equal(
            (await site.PredictByApi("""[{"pclass": 1, "sex": "female"}, {"pclass": 3, "sex": "male"}]""")).Select(prediction => (prediction.Survived, prediction.Probability)),
            tensors["survived"].Zip(tensors["probability"]).Select(pair => ((bool)pair.First, (double)pair.Second)));
    }

    /// <summary>An explanation is a BYTES tensor: each element has its length in four bytes before it.</summary>
    [Fact]
    public async Task Returns_explanations_as_binary_texts()
    {
        const string inputs = """
            {"parameters": {"binary_data_output": true}, "outputs": [{"name": "explanation"}, {"name": "survived", "parameters": {"binary_data": false}}],
             "inputs": [{"name": "pclass", "shape": [1], "datatype": "INT64", "data": [3]}, {"name": "sex", "shape": [1], "datatype": "BYTES", "data": ["male"]}]}
            """;
        var tensors = await ReadTensors(await Send(Encoding.UTF8.GetBytes(inputs), path: "/v2/models/titanic_knn/explain"));

        Assert.Equal(JsonValueKind.Object, JsonElement.Parse((string)Assert.Single(tensors["explanation"])).ValueKind);
        Assert.False((bool)Assert.Single(tensors["survived"]));
    }

    [Theory]
    [InlineData("0", "The header Inference-Header-Content-Length is \"0\"; it must be the length of the JSON object, between 1 and")]
    [InlineData("9999", "The header Inference-Header-Content-Length is \"9999\"; it must be")]
    [InlineData("x", "The header Inference-Header-Content-Length is \"x\"; it must be")]
    [InlineData("395", "the body is not valid JSON")]
    public async Task Refuses_a_wrong_length_of_the_JSON(string length, string message)
    {
        using var response = await Send(Convert.FromBase64String(DefaultBody), length);

        Assert.Contains(message, (await response.ReadJson(HttpStatusCode.BadRequest)).Text("error"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT64", "1", 8, 7, "of which 7 bytes follow")]
    [InlineData("INT64", "1", 9, 9, "The binary data of the input \"pclass\" has 9 bytes; 1 element of INT64 have 8 bytes.")]
    [InlineData("INT64", "1", 8, 9, "The body has 1 byte after its last tensor; the sum of binary_data_size must be the rest of the body.")]
    [InlineData("INT64", "0", 0, 0, "The request has 0 inputs; it must have 1 to 10,000.")]
    [InlineData("INT64", "10001", 8, 8, "The request has 10,001 inputs; it must have 1 to 10,000.")]
    [InlineData("INT64", "18446744073709551615", 8, 8, "inputs; it must have 1 to 10,000.")]
    [InlineData("BYTES", "1", 8, 8, "element 0 does not end within them")]
    [InlineData("BYTES", "1", 3, 3, "element 0 does not end within them")]
    [InlineData("FP32", "1", 4, 4, "Input \"pclass\", element 0: The class is ")]
    public async Task Refuses_binary_data_of_a_wrong_size(string datatype, string shape, int size, int sent, string message)
    {
        var json = Encoding.UTF8.GetBytes(
            $$"""{"inputs": [{"name": "sex", "shape": [1], "datatype": "BYTES", "data": ["male"]}, {"name": "pclass", "shape": [{{shape}}], "datatype": "{{datatype}}", "parameters": {"binary_data_size": {{size}} } }]}""");
        byte[] data = [.. Enumerable.Repeat((byte)7, sent)];

        using var response = await Send([.. json, .. data], json.Length);

        var error = (await response.ReadJson(HttpStatusCode.BadRequest)).Text("error");
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> Send(byte[] body, int jsonLength) => Send(body, jsonLength.ToString(CultureInfo.InvariantCulture));

    private async Task<HttpResponseMessage> Send(byte[] body, string? jsonLength = null, string path = Infer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (jsonLength is not null)
            request.Headers.TryAddWithoutValidation(LengthHeader, jsonLength);
        return await site.Client.SendAsync(request, Cancellation);
    }

    /// <summary>The values of each output, from JSON or from binary data.</summary>
    private static async Task<Dictionary<string, object[]>> ReadTensors(HttpResponseMessage response)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.True(response.StatusCode == HttpStatusCode.OK, Encoding.UTF8.GetString(bytes));
        var length = response.Headers.TryGetValues(LengthHeader, out var values) ? int.Parse(values.Single(), CultureInfo.InvariantCulture) : bytes.Length;
        var (json, at) = (JsonElement.Parse(bytes.AsSpan(0, length)), length);
        var tensors = new Dictionary<string, object[]>();
        foreach (var output in json.GetProperty("outputs").EnumerateArray())
        {
            if (!output.TryGetProperty("parameters", out var parameters))
            {
                tensors[output.Text("name")] = [.. output.GetProperty("data").EnumerateArray().Select(Value)];
                continue;
            }
            var size = parameters.GetProperty("binary_data_size").GetInt32();
            tensors[output.Text("name")] = [.. Elements(output.Text("datatype"), bytes[at..(at + size)])];
            at += size;
        }
        Assert.Equal(bytes.Length, at);
        return tensors;
    }

    private static object Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => element.GetBoolean(),
        JsonValueKind.Number => element.GetDouble(),
        _ => element.GetString()!,
    };

    private static IEnumerable<object> Elements(string datatype, byte[] data) => datatype switch
    {
        "BOOL" => data.Select(value => (object)(value == 1)),
        "FP64" => data.Chunk(8).Select(value => (object)BinaryPrimitives.ReadDoubleLittleEndian(value)),
        "INT64" => data.Chunk(8).Select(value => (object)(double)BinaryPrimitives.ReadInt64LittleEndian(value)),
        _ => [Encoding.UTF8.GetString(data, 4, BinaryPrimitives.ReadInt32LittleEndian(data))], // one element
    };

    private static IEnumerable<ComparablePrediction> ReadPredictions(Dictionary<string, object[]> tensors) =>
        tensors["survived"].Select((survived, i) => new ComparablePrediction(
            (bool)survived, (double)tensors["probability"][i], (int)(double)tensors["survivors"][i], (int)(double)tensors["neighbors"][i]));
}
