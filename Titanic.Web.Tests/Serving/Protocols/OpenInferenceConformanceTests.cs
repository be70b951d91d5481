using System.Net;
using System.Text.Json;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>
/// Tests the rules of the Open Inference Protocol v2 over HTTP (kserve/open-inference-protocol) against the running product.
/// </summary>
[Collection<ModelSiteCollection>]
public sealed class OpenInferenceConformanceTests(ModelSite site)
{
    private const string Model = "/v2/models/titanic_knn";

    /// <summary>The two passengers of the accepted cases.</summary>
    private const string Both = """[{"pclass": 1, "sex": "female", "age": 29, "fare": 100}, {"pclass": 3, "sex": "male"}]""";

    private const string Pclass = """{"name": "pclass", "shape": [2], "datatype": "INT64", "data": [1, 3]}""";
    private const string Sex = """{"name": "sex", "shape": [2], "datatype": "BYTES", "data": ["female", "male"]}""";
    private const string Age = """{"name": "age", "shape": [2], "datatype": "FP64", "data": [29, null]}""";
    private const string Fare = """{"name": "fare", "shape": [2], "datatype": "FP64", "data": [100, null]}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> AcceptedInputs => new()
    {
        { "named tensors", $"{Pclass}, {Sex}, {Age}, {Fare}" },
        { "in another order", $"{Fare}, {Age}, {Sex}, {Pclass}" },
        { "unknown parameters of a tensor", $$"""{{Pclass}}, {"name": "sex", "shape": [2], "datatype": "BYTES", "parameters": {"content_type": "str", "n": 1, "b": true}, "data": ["female", "male"]}, {{Age}}, {{Fare}}""" },
        { "shape [n, 1], flattened", """{"name": "pclass", "shape": [2, 1], "datatype": "INT64", "data": [1, 3]}, {"name": "sex", "shape": [2, 1], "datatype": "BYTES", "data": ["female", "male"]}, {"name": "age", "shape": [2, 1], "datatype": "FP64", "data": [29, null]}, {"name": "fare", "shape": [2, 1], "datatype": "FP64", "data": [100, null]}""" },
        { "shape [n, 1], nested", """{"name": "pclass", "shape": [2, 1], "datatype": "INT64", "data": [[1], [3]]}, {"name": "sex", "shape": [2, 1], "datatype": "BYTES", "data": [["female"], ["male"]]}, {"name": "age", "shape": [2, 1], "datatype": "FP64", "data": [[29], [null]]}, {"name": "fare", "shape": [2, 1], "datatype": "FP64", "data": [[100], [null]]}""" },
        { "INT8 and INT16", $$"""{"name": "pclass", "shape": [2], "datatype": "INT8", "data": [1, 3]}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "INT8", "data": [29, null]}, {"name": "fare", "shape": [2], "datatype": "INT16", "data": [100, null]}""" },
        { "INT32", $$"""{"name": "pclass", "shape": [2], "datatype": "INT32", "data": [1, 3]}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "INT32", "data": [29, null]}, {"name": "fare", "shape": [2], "datatype": "INT32", "data": [100, null]}""" },
        { "UINT8 to UINT64", $$"""{"name": "pclass", "shape": [2], "datatype": "UINT8", "data": [1, 3]}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "UINT16", "data": [29, null]}, {"name": "fare", "shape": [2], "datatype": "UINT64", "data": [100, null]}""" },
        { "FP32", $$"""{"name": "pclass", "shape": [2], "datatype": "FP32", "data": [1.0, 3.0]}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "FP32", "data": [29.0, null]}, {"name": "fare", "shape": [2], "datatype": "FP32", "data": [1e2, null]}""" },
        { "FP16 and BF16", $$"""{{Pclass}}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "FP16", "data": [29.0, null]}, {"name": "fare", "shape": [2], "datatype": "BF16", "data": [100, null]}""" },
        { "BYTES", """{"name": "pclass", "shape": [2], "datatype": "BYTES", "data": ["1", "Third"]}, {"name": "sex", "shape": [2], "datatype": "BYTES", "data": ["female", "male"]}, {"name": "age", "shape": [2], "datatype": "BYTES", "data": ["29", "NA"]}, {"name": "fare", "shape": [2], "datatype": "BYTES", "data": ["100.0", ""]}""" },
        { "NaN for an unknown value", $$"""{{Pclass}}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "FP64", "data": [29, NaN]}, {"name": "fare", "shape": [2], "datatype": "FP64", "data": [100, NaN]}""" },
    };

    public static TheoryData<string, string, string> RejectedBodies => new()
    {
        { "inputs are required", "{}", "The body does not match the protocol at $;" },
        { "inputs are an array", """{"inputs": {"pclass": [1]}}""", "The body does not match the protocol at $.inputs;" },
        { "no inputs", """{"inputs": []}""", "The array inputs is empty; it must have pclass and sex, and may have age and fare." },
        { "an input is an object", """{"inputs": [null]}""", "An input is null;" },
        { "name is required", """{"inputs": [{"shape": [1], "datatype": "INT64", "data": [1]}]}""", "The body does not match the protocol at $.inputs[0];" },
        { "shape is required", """{"inputs": [{"name": "pclass", "datatype": "INT64", "data": [1]}]}""", "The body does not match the protocol at $.inputs[0];" },
        { "datatype is required", """{"inputs": [{"name": "pclass", "shape": [1], "data": [1]}]}""", "The body does not match the protocol at $.inputs[0];" },
        { "data is required", """{"inputs": [{"name": "pclass", "shape": [1], "datatype": "INT64"}]}""", "The data of the input \"pclass\" is missing or not an array;" },
        { "data is an array", """{"inputs": [{"name": "pclass", "shape": [1], "datatype": "INT64", "data": 1}]}""", "The data of the input \"pclass\" is missing or not an array;" },
        { "a dimension is unsigned", """{"inputs": [{"name": "pclass", "shape": [-1], "datatype": "INT64", "data": [1]}]}""", "The body does not match the protocol at $.inputs[0].shape[0];" },
        { "a dimension fits 64 bits", """{"inputs": [{"name": "pclass", "shape": [18446744073709551616], "datatype": "INT64", "data": [1]}]}""", "The body does not match the protocol at $.inputs[0].shape[0];" },
        { "shape and data agree", """{"inputs": [{"name": "pclass", "shape": [18446744073709551615], "datatype": "INT64", "data": [1]}]}""", "The data of the input \"pclass\" has 1 element; its shape [18446744073709551615] requires 18446744073709551615." },
        { "shape is the model's", """{"inputs": [{"name": "pclass", "shape": [1, 2], "datatype": "INT64", "data": [1, 2]}]}""", "The shape of the input \"pclass\" is [1, 2]; it must be [n] or [n, 1] for n passengers." },
        { "no passengers", """{"inputs": [{"name": "pclass", "shape": [0], "datatype": "INT64", "data": []}, {"name": "sex", "shape": [0], "datatype": "BYTES", "data": []}]}""", "The request has 0 inputs; it must have 1 to 10,000." },
        { "one batch size", $$"""{"inputs": [{{Pclass}}, {"name": "sex", "shape": [1], "datatype": "BYTES", "data": ["male"]}]}""", "The input \"sex\" has 1 element and \"pclass\" has 2 elements; all inputs must have the same number." },
        { "unknown input", $$"""{"inputs": [{{Pclass}}, {{Sex}}, {"name": "cabin", "shape": [2], "datatype": "BYTES", "data": ["a", "b"]}]}""", "There is no input \"cabin\"; there are pclass, sex, age, fare." },
        { "names are case-sensitive", """{"inputs": [{"name": "Pclass", "shape": [1], "datatype": "INT64", "data": [1]}]}""", "There is no input \"Pclass\";" },
        { "a duplicate input", $$"""{"inputs": [{{Pclass}}, {{Sex}}, {{Sex}}]}""", "The request has 2 inputs \"sex\"; it must have one." },
        { "a required input", $$"""{"inputs": [{{Pclass}}]}""", "sex is missing; pclass and sex are required, age and fare are optional." },
        { "datatype of another kind", $$"""{"inputs": [{{Sex}}, {"name": "pclass", "shape": [2], "datatype": "BOOL", "data": [true, true]}]}""", "The datatype of the input \"pclass\" is \"BOOL\"; it must be INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FP16, BF16, FP32, FP64 or BYTES." },
        { "BOOL for a string", $$"""{"inputs": [{{Pclass}}, {"name": "sex", "shape": [2], "datatype": "BOOL", "data": [true, false]}]}""", "The datatype of the input \"sex\" is \"BOOL\"; it must be BYTES." },
        { "a number in BYTES", $$"""{"inputs": [{{Sex}}, {"name": "pclass", "shape": [2], "datatype": "BYTES", "data": ["1", 3]}]}""", "Input \"pclass\", element 1: The class is 3, which is not a valid BYTES;" },
        { "datatypes are case-sensitive", """{"inputs": [{"name": "pclass", "shape": [1], "datatype": "int64", "data": [1]}]}""", "The datatype of the input \"pclass\" is \"int64\";" },
        { "an element of another type", $$"""{"inputs": [{{Sex}}, {"name": "pclass", "shape": [2], "datatype": "INT64", "data": [1, "3"]}]}""", "Input \"pclass\", element 1: The class is \"3\", which is not a valid INT64; it must be 1, 2 or 3." },
        { "a fraction in INT64", $$"""{"inputs": [{{Pclass}}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "INT64", "data": [1, 2.5]}]}""", "Input \"age\", element 1: The age is 2.5, which is not a valid INT64; it must be a plain number between 0 and 120 years, such as 29 or 0.75, or omitted if unknown." },
        { "too large for INT8", $$"""{"inputs": [{{Pclass}}, {{Sex}}, {"name": "fare", "shape": [2], "datatype": "INT8", "data": [127, 128]}]}""", "Input \"fare\", element 1: The fare is 128, which is not a valid INT8;" },
        { "a fraction in FP64 that is not a class", $$"""{"inputs": [{{Sex}}, {"name": "pclass", "shape": [2], "datatype": "FP64", "data": [1, 2.5]}]}""", "Input \"pclass\", element 1: The class is 2.5; it must be 1, 2 or 3." },
        { "nested too deeply", $$"""{"inputs": [{{Sex}}, {"name": "pclass", "shape": [2, 1], "datatype": "INT64", "data": [[[1]], [3]]}]}""", "Input \"pclass\", element 0: The class is [1];" },
        { "nested with a flat shape", $$"""{"inputs": [{{Sex}}, {"name": "pclass", "shape": [2], "datatype": "INT64", "data": [[1], [3]]}]}""", "Input \"pclass\", element 0: The class is [1];" },
        { "an unknown value of a required input", $$"""{"inputs": [{{Pclass}}, {"name": "sex", "shape": [2], "datatype": "BYTES", "data": ["male", null]}]}""", "Input \"sex\", element 1: The sex is missing; it must be male or female." },
        { "out of range", $$"""{"inputs": [{{Pclass}}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "FP64", "data": [1, 121]}]}""", "Input \"age\", element 1: The age is 121; it must be a plain number between 0 and 120 years" },
        { "binary data", """{"inputs": [{"name": "pclass", "shape": [1], "datatype": "INT64", "parameters": {"binary_data_size": 8}}]}""", "The parameter binary_data_size of the input \"pclass\" is 8; it must be the number of bytes of its data, of which 0 bytes follow" },
        { "unknown output", $$"""{"inputs": [{{Pclass}}, {{Sex}}], "outputs": [{"name": "fate"}]}""", "There is no output \"fate\"; there are survived, probability, survivors, neighbors, prediction_id." },
        { "a duplicate output", $$"""{"inputs": [{{Pclass}}, {{Sex}}], "outputs": [{"name": "survived"}, {"name": "survived"}]}""", "The output \"survived\" is requested 2 times; it must be requested once." },
        { "an output has a name", $$"""{"inputs": [{{Pclass}}, {{Sex}}], "outputs": [{}]}""", "The body does not match the protocol at $.outputs[0];" },
        { "id is a string", $$"""{"id": 42, "inputs": [{{Pclass}}, {{Sex}}]}""", "The body does not match the protocol at $.id;" },
        { "a duplicate member", $$"""{"inputs": [{{Pclass}}, {{Sex}}], "inputs": []}""", "The body does not match the protocol at $.inputs;" },
        { "null", "null", "The body is null; it must be an object with the member inputs." },
        { "an empty body", "", "The body is empty; it must be a JSON object." },
        { "malformed JSON", """{"inputs": [""", "the body is not valid JSON. " },
        { "an unpaired surrogate", """{"id": "\udc00", "inputs": []}""", "unpaired surrogate" },
    };

    [Theory]
    [MemberData(nameof(AcceptedInputs))]
    public async Task Returns_the_predictions_of_the_API_for_every_tensor_format(string rule, string inputs)
    {
        var response = await site.PostOk($"{Model}/infer", $$"""{"inputs": [{{inputs}}]}""");

        Assert.True((await site.PredictByApi(Both)).SequenceEqual(Tensors.ReadPredictions(response)), rule);
    }

    [Fact]
    public async Task A_response_has_model_version_id_and_every_output_with_datatype_and_shape()
    {
        var response = await site.PostOk($"{Model}/infer", $$"""{"id": "forty-two", "parameters": {"priority": 1}, "inputs": [{{Pclass}}, {{Sex}}]}""");

        Assert.Equal(["model_name", "model_version", "id", "outputs"], response.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("titanic_knn", "1", "forty-two"), (response.Text("model_name"), response.Text("model_version"), response.Text("id")));
        Assert.Equal(
            [("survived", "BOOL", "[2]"), ("probability", "FP64", "[2]"), ("survivors", "INT64", "[2]"), ("neighbors", "INT64", "[2]"), ("prediction_id", "INT64", "[2]")],
            response.GetProperty("outputs").EnumerateArray()
                .Select(output => (output.Text("name"), output.Text("datatype"), output.GetProperty("shape").GetRawText())));
        var ids = Tensors.Data(response, "prediction_id").Select(id => id.GetInt64()).ToList();
        var receipts = new[] { await site.Receipt(ids[0]), await site.Receipt(ids[1]) };
        Assert.Equal(Tensors.ReadPredictions(response), receipts.Select(ComparablePrediction.Of));
        Assert.Equal(
            [("api", 1, "female"), ("api", 3, "male")],
            receipts.Select(receipt => (receipt.Text("source"), receipt.GetProperty("pclass").GetInt32(), receipt.Text("sex"))));
    }

    [Fact]
    public async Task Returns_only_the_requested_outputs_in_order_and_no_id_without_one()
    {
        const string outputs = """[{"name": "prediction_id"}, {"name": "probability", "parameters": {"binary_data": false} }]""";
        var response = await site.PostOk($"{Model}/infer", $$"""{"inputs": [{{Pclass}}, {{Sex}}], "outputs": {{outputs}}}""");

        Assert.False(response.TryGetProperty("id", out _));
        Assert.Equal(
            ["prediction_id", "probability"], response.GetProperty("outputs").EnumerateArray().Select(output => output.Text("name")));
        Assert.All(Tensors.Data(response, "probability"), value => Assert.Equal(JsonValueKind.Number, value.ValueKind));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("champion")]
    public async Task The_loaded_version_can_be_addressed_by_number_and_alias(string version)
    {
        var response = await site.PostOk($"{Model}/versions/{version}/infer", $$"""{"inputs": [{{Pclass}}, {{Sex}}, {{Age}}, {{Fare}}]}""");

        Assert.Equal("1", response.Text("model_version"));
        Assert.Equal(await site.PredictByApi(Both), Tensors.ReadPredictions(response));
    }

    [Theory]
    [InlineData("infer")]
    [InlineData("versions/1/explain")]
    [InlineData("explain")]
    public async Task Predicts_up_to_10000_inputs_and_explains_up_to_100(string path)
    {
        var maximum = path == "infer" ? 10_000 : 100;
        await site.PostOk($"{Model}/{path}", Tensors.RequestFor(maximum));

        var error = await (await site.Send($"{Model}/{path}", Tensors.RequestFor(maximum + 1))).ReadJson(HttpStatusCode.BadRequest);

        Assert.Equal(FormattableString.Invariant($"The request has {maximum + 1:#,##0} inputs; it must have 1 to {maximum:#,##0}."), error.Text("error"));
    }

    [Fact]
    public async Task Returns_the_explanation_of_the_API_as_a_string()
    {
        var response = await site.PostOk($"{Model}/explain", $$"""{"id": "why", "inputs": [{{Pclass}}, {{Sex}}, {{Age}}, {{Fare}}]}""");
        var byApi = await site.PostOk("/api/predictions?explain=true", Both);

        Assert.Equal(byApi.EnumerateArray().Select(ComparablePrediction.Of), Tensors.ReadPredictions(response));
        Assert.Equal(
            byApi.EnumerateArray().Select(prediction => prediction.GetProperty("explanation").GetRawText()),
            Tensors.Data(response, "explanation").Select(text => text.GetString()!));
        var only = await site.PostOk($"{Model}/explain", $$"""{"inputs": [{{Pclass}}, {{Sex}}], "outputs": [{"name": "explanation"}]}""");
        var output = Assert.Single(only.GetProperty("outputs").EnumerateArray());
        Assert.Equal(
            ("explanation", "BYTES", "[2]"), (output.Text("name"), output.Text("datatype"), output.GetProperty("shape").GetRawText()));
    }

    [Theory]
    [MemberData(nameof(RejectedBodies))]
    public async Task Returns_400_with_the_reason_for_an_invalid_body(string rule, string body, string message)
    {
        foreach (var operation in (string[])["infer", "versions/1/infer", "explain"])
        {
            var error = await (await site.Send($"{Model}/{operation}", body)).ReadJson(HttpStatusCode.BadRequest);

            Assert.Equal(["error"], error.EnumerateObject().Select(member => member.Name));
            var text = operation == "explain"
                ? error.Text("error").Replace(" to 100.", " to 10,000.").Replace(", explanation", "")
                : error.Text("error");
            Assert.True(text.Contains(message, StringComparison.Ordinal), $"{rule}: {text}");
            Assert.DoesNotContain("Titanic.Web", text, StringComparison.Ordinal);
        }
    }
}
