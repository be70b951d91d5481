using System.Net;
using System.Text.Json;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>The rules of the Open Inference Protocol v2 over HTTP (kserve/open-inference-protocol), each against the running product.</summary>
[Collection<OneModelSite>]
public sealed class OpenInferenceConformanceTests(ModelSite site)
{
    private const string Model = "/v2/models/titanic_knn";

    /// <summary>The two passengers of every case below.</summary>
    private const string Both = """[{"pclass": 1, "sex": "female", "age": 29, "fare": 100}, {"pclass": 3, "sex": "male"}]""";

    private const string Pclass = """{"name": "pclass", "shape": [2], "datatype": "INT64", "data": [1, 3]}""";
    private const string Sex = """{"name": "sex", "shape": [2], "datatype": "BYTES", "data": ["female", "male"]}""";
    private const string Age = """{"name": "age", "shape": [2], "datatype": "FP64", "data": [29, null]}""";
    private const string Fare = """{"name": "fare", "shape": [2], "datatype": "FP64", "data": [100, null]}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Understood => new()
    {
        { "named tensors", $"{Pclass}, {Sex}, {Age}, {Fare}" },
        { "in another order", $"{Fare}, {Age}, {Sex}, {Pclass}" },
        { "parameters of a tensor that nobody knows", $$"""{{Pclass}}, {"name": "sex", "shape": [2], "datatype": "BYTES", "parameters": {"content_type": "str", "n": 1, "b": true}, "data": ["female", "male"]}, {{Age}}, {{Fare}}""" },
        { "shape [n, 1], flattened", """{"name": "pclass", "shape": [2, 1], "datatype": "INT64", "data": [1, 3]}, {"name": "sex", "shape": [2, 1], "datatype": "BYTES", "data": ["female", "male"]}, {"name": "age", "shape": [2, 1], "datatype": "FP64", "data": [29, null]}, {"name": "fare", "shape": [2, 1], "datatype": "FP64", "data": [100, null]}""" },
        { "shape [n, 1], nested", """{"name": "pclass", "shape": [2, 1], "datatype": "INT64", "data": [[1], [3]]}, {"name": "sex", "shape": [2, 1], "datatype": "BYTES", "data": [["female"], ["male"]]}, {"name": "age", "shape": [2, 1], "datatype": "FP64", "data": [[29], [null]]}, {"name": "fare", "shape": [2, 1], "datatype": "FP64", "data": [[100], [null]]}""" },
        { "INT8 and INT16", $$"""{"name": "pclass", "shape": [2], "datatype": "INT8", "data": [1, 3]}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "INT8", "data": [29, null]}, {"name": "fare", "shape": [2], "datatype": "INT16", "data": [100, null]}""" },
        { "INT32", $$"""{"name": "pclass", "shape": [2], "datatype": "INT32", "data": [1, 3]}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "INT32", "data": [29, null]}, {"name": "fare", "shape": [2], "datatype": "INT32", "data": [100, null]}""" },
        { "UINT8 to UINT64", $$"""{"name": "pclass", "shape": [2], "datatype": "UINT8", "data": [1, 3]}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "UINT16", "data": [29, null]}, {"name": "fare", "shape": [2], "datatype": "UINT64", "data": [100, null]}""" },
        { "FP32", $$"""{"name": "pclass", "shape": [2], "datatype": "FP32", "data": [1.0, 3.0]}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "FP32", "data": [29.0, null]}, {"name": "fare", "shape": [2], "datatype": "FP32", "data": [1e2, null]}""" },
        { "NaN for what is unknown", $$"""{{Pclass}}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "FP64", "data": [29, NaN]}, {"name": "fare", "shape": [2], "datatype": "FP64", "data": [100, NaN]}""" },
    };

    public static TheoryData<string, string, string> Refused => new()
    {
        { "inputs are required", "{}", "The body does not fit the protocol at $;" },
        { "inputs are an array", """{"inputs": {"pclass": [1]}}""", "The body does not fit the protocol at $.inputs;" },
        { "no inputs", """{"inputs": []}""", "There are no inputs; there must be pclass and sex, and may be age and fare." },
        { "an input is an object", """{"inputs": [null]}""", "An input is null;" },
        { "name is required", """{"inputs": [{"shape": [1], "datatype": "INT64", "data": [1]}]}""", "The body does not fit the protocol at $.inputs[0];" },
        { "shape is required", """{"inputs": [{"name": "pclass", "datatype": "INT64", "data": [1]}]}""", "The body does not fit the protocol at $.inputs[0];" },
        { "datatype is required", """{"inputs": [{"name": "pclass", "shape": [1], "data": [1]}]}""", "The body does not fit the protocol at $.inputs[0];" },
        { "data is required", """{"inputs": [{"name": "pclass", "shape": [1], "datatype": "INT64"}]}""", "The input \"pclass\" has no data;" },
        { "data is an array", """{"inputs": [{"name": "pclass", "shape": [1], "datatype": "INT64", "data": 1}]}""", "The input \"pclass\" has no data;" },
        { "a dimension is unsigned", """{"inputs": [{"name": "pclass", "shape": [-1], "datatype": "INT64", "data": [1]}]}""", "The body does not fit the protocol at $.inputs[0].shape[0];" },
        { "a dimension fits 64 bits", """{"inputs": [{"name": "pclass", "shape": [18446744073709551616], "datatype": "INT64", "data": [1]}]}""", "The body does not fit the protocol at $.inputs[0].shape[0];" },
        { "shape and data agree", """{"inputs": [{"name": "pclass", "shape": [18446744073709551615], "datatype": "INT64", "data": [1]}]}""", "The data of the input \"pclass\" have 1 elements; its shape [18446744073709551615] has 18446744073709551615." },
        { "shape is the model's", """{"inputs": [{"name": "pclass", "shape": [1, 2], "datatype": "INT64", "data": [1, 2]}]}""", "The input \"pclass\" has the shape [1, 2]; it must be [n] or [n, 1] for n passengers." },
        { "no passengers", """{"inputs": [{"name": "pclass", "shape": [0], "datatype": "INT64", "data": []}, {"name": "sex", "shape": [0], "datatype": "BYTES", "data": []}]}""", "There are 0 questions; there must be 1 to 10000." },
        { "one batch size", $$"""{"inputs": [{{Pclass}}, {"name": "sex", "shape": [1], "datatype": "BYTES", "data": ["male"]}]}""", "The input \"sex\" is of 1 passengers and \"pclass\" of 2; all inputs must have the same shape." },
        { "unknown input", $$"""{"inputs": [{{Pclass}}, {{Sex}}, {"name": "cabin", "shape": [2], "datatype": "BYTES", "data": ["a", "b"]}]}""", "There is no input \"cabin\"; the inputs are pclass, sex, age and fare." },
        { "names are case-sensitive", """{"inputs": [{"name": "Pclass", "shape": [1], "datatype": "INT64", "data": [1]}]}""", "There is no input \"Pclass\";" },
        { "an input twice", $$"""{"inputs": [{{Pclass}}, {{Sex}}, {{Sex}}]}""", "The input \"sex\" is there twice." },
        { "a required input", $$"""{"inputs": [{{Pclass}}]}""", "sex is missing; the inputs are pclass, sex, age and fare, of which age and fare may be left out." },
        { "datatype of another kind", $$"""{"inputs": [{{Sex}}, {"name": "pclass", "shape": [2], "datatype": "BYTES", "data": ["1", "3"]}]}""", "The input \"pclass\" has the datatype \"BYTES\"; it must be INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FP32, FP64." },
        { "BOOL for nothing", $$"""{"inputs": [{{Pclass}}, {"name": "sex", "shape": [2], "datatype": "BOOL", "data": [true, false]}]}""", "The input \"sex\" has the datatype \"BOOL\"; it must be BYTES." },
        { "FP16 has no JSON", $$"""{"inputs": [{{Pclass}}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "FP16", "data": [1, 2]}]}""", "The input \"age\" has the datatype \"FP16\";" },
        { "datatypes are case-sensitive", """{"inputs": [{"name": "pclass", "shape": [1], "datatype": "int64", "data": [1]}]}""", "The input \"pclass\" has the datatype \"int64\";" },
        { "an element of another type", $$"""{"inputs": [{{Sex}}, {"name": "pclass", "shape": [2], "datatype": "INT64", "data": [1, "3"]}]}""", "Input \"pclass\", element 1: The class is the text \"3\"; it must be 1, 2 or 3." },
        { "a fraction in INT64", $$"""{"inputs": [{{Pclass}}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "INT64", "data": [1, 2.5]}]}""", "Input \"age\", element 1: The age is 2.5, which is no INT64; it must be 0 to 120 years, or left out if unknown." },
        { "too large for INT8", $$"""{"inputs": [{{Pclass}}, {{Sex}}, {"name": "fare", "shape": [2], "datatype": "INT8", "data": [127, 128]}]}""", "Input \"fare\", element 1: The ticket price is 128, which is no INT8;" },
        { "a fraction in FP64 that is no class", $$"""{"inputs": [{{Sex}}, {"name": "pclass", "shape": [2], "datatype": "FP64", "data": [1, 2.5]}]}""", "Input \"pclass\", element 1: The class is 2.5; it must be 1, 2 or 3." },
        { "nested too deep", $$"""{"inputs": [{{Sex}}, {"name": "pclass", "shape": [2, 1], "datatype": "INT64", "data": [[[1]], [3]]}]}""", "Input \"pclass\", element 0: The class is [1];" },
        { "nested against its shape", $$"""{"inputs": [{{Sex}}, {"name": "pclass", "shape": [2], "datatype": "INT64", "data": [[1], [3]]}]}""", "Input \"pclass\", element 0: The class is [1];" },
        { "unknown where it must be known", $$"""{"inputs": [{{Pclass}}, {"name": "sex", "shape": [2], "datatype": "BYTES", "data": ["male", null]}]}""", "Input \"sex\", element 1: The sex is missing; it must be male or female." },
        { "out of range", $$"""{"inputs": [{{Pclass}}, {{Sex}}, {"name": "age", "shape": [2], "datatype": "FP64", "data": [1, 121]}]}""", "Input \"age\", element 1: The age is 121; it must be 0 to 120 years" },
        { "binary data", """{"inputs": [{"name": "pclass", "shape": [1], "datatype": "INT64", "parameters": {"binary_data_size": 8}}]}""", "The input \"pclass\" has the parameter binary_data_size; tensors are taken as JSON only" },
        { "unknown output", $$"""{"inputs": [{{Pclass}}, {{Sex}}], "outputs": [{"name": "fate"}]}""", "There is no output \"fate\"; the outputs are survived, probability, survivors, neighbors, prediction_id." },
        { "an output twice", $$"""{"inputs": [{{Pclass}}, {{Sex}}], "outputs": [{"name": "survived"}, {"name": "survived"}]}""", "An output is asked for twice." },
        { "an output has a name", $$"""{"inputs": [{{Pclass}}, {{Sex}}], "outputs": [{}]}""", "The body does not fit the protocol at $.outputs[0];" },
        { "id is a text", $$"""{"id": 42, "inputs": [{{Pclass}}, {{Sex}}]}""", "The body does not fit the protocol at $.id;" },
        { "a member twice", $$"""{"inputs": [{{Pclass}}, {{Sex}}], "inputs": []}""", "The body does not fit the protocol at $.inputs;" },
        { "null", "null", "The body is null; it must be an object with inputs." },
        { "nothing", "", "The body is empty; it must be a JSON object." },
        { "malformed JSON", """{"inputs": [""", "The body is not valid JSON: " },
        { "half a character", """{"id": "\udc00", "inputs": []}""", "half a surrogate pair" },
    };

    [Theory]
    [MemberData(nameof(Understood))]
    public async Task Tensors_of_every_form_are_answered_as_the_API_answers(string rule, string inputs)
    {
        var answer = await site.Ask($"{Model}/infer", $$"""{"inputs": [{{inputs}}]}""");

        Assert.True((await site.ByApi(Both)).SequenceEqual(Tensors.Said(answer)), rule);
    }

    [Fact]
    public async Task An_answer_names_model_version_and_id_and_gives_every_output_with_its_type_and_shape()
    {
        var answer = await site.Ask($"{Model}/infer", $$"""{"id": "forty-two", "parameters": {"priority": 1}, "inputs": [{{Pclass}}, {{Sex}}]}""");

        Assert.Equal(["model_name", "model_version", "id", "outputs"], answer.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("titanic_knn", "1", "forty-two"), (answer.Text("model_name"), answer.Text("model_version"), answer.Text("id")));
        Assert.Equal(
            [("survived", "BOOL", "[2]"), ("probability", "FP64", "[2]"), ("survivors", "INT64", "[2]"), ("neighbors", "INT64", "[2]"), ("prediction_id", "INT64", "[2]")],
            answer.GetProperty("outputs").EnumerateArray().Select(output => (output.Text("name"), output.Text("datatype"), output.GetProperty("shape").GetRawText())));
        var ids = Tensors.Data(answer, "prediction_id").Select(id => id.GetInt64()).ToList();
        var receipts = new[] { await site.Receipt(ids[0]), await site.Receipt(ids[1]) };
        Assert.Equal(Tensors.Said(answer), receipts.Select(Said.Of));
        Assert.Equal([("api", 1, "female"), ("api", 3, "male")], receipts.Select(receipt => (receipt.Text("source"), receipt.GetProperty("pclass").GetInt32(), receipt.Text("sex"))));
    }

    [Fact]
    public async Task Without_an_id_there_is_none_and_only_the_wanted_outputs_come_in_the_order_wanted()
    {
        var answer = await site.Ask($"{Model}/infer", $$"""{"inputs": [{{Pclass}}, {{Sex}}], "outputs": [{"name": "prediction_id"}, {"name": "probability", "parameters": {"binary_data": true} }]}""");

        Assert.False(answer.TryGetProperty("id", out _));
        Assert.Equal(["prediction_id", "probability"], answer.GetProperty("outputs").EnumerateArray().Select(output => output.Text("name")));
        Assert.All(Tensors.Data(answer, "probability"), value => Assert.Equal(JsonValueKind.Number, value.ValueKind));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("champion")]
    public async Task The_version_in_service_can_be_asked_by_its_number_and_its_alias(string version)
    {
        var answer = await site.Ask($"{Model}/versions/{version}/infer", $$"""{"inputs": [{{Pclass}}, {{Sex}}, {{Age}}, {{Fare}}]}""");

        Assert.Equal("1", answer.Text("model_version"));
        Assert.Equal(await site.ByApi(Both), Tensors.Said(answer));
    }

    [Theory]
    [InlineData("infer")]
    [InlineData("versions/1/explain")]
    [InlineData("explain")]
    public async Task Ten_thousand_are_answered_and_a_hundred_explained(string path)
    {
        var most = path == "infer" ? 10_000 : 100;
        await site.Ask($"{Model}/{path}", Tensors.Many(most));

        var error = await (await site.Send($"{Model}/{path}", Tensors.Many(most + 1))).Read(HttpStatusCode.BadRequest);

        Assert.Equal($"There are {most + 1} questions; there must be 1 to {most}.", error.Text("error"));
    }

    [Fact]
    public async Task An_explanation_is_that_of_the_API_as_text_beside_the_answer()
    {
        var answer = await site.Ask($"{Model}/explain", $$"""{"id": "why", "inputs": [{{Pclass}}, {{Sex}}, {{Age}}, {{Fare}}]}""");
        var byApi = await site.Ask("/api/predictions?explain=true", Both);

        Assert.Equal(byApi.EnumerateArray().Select(Said.Of), Tensors.Said(answer));
        Assert.Equal(
            byApi.EnumerateArray().Select(said => said.GetProperty("explanation").GetRawText()),
            Tensors.Data(answer, "explanation").Select(text => text.GetString()!));
        var only = await site.Ask($"{Model}/explain", $$"""{"inputs": [{{Pclass}}, {{Sex}}], "outputs": [{"name": "explanation"}]}""");
        Assert.Equal(("explanation", "BYTES", "[2]"), Assert.Single(only.GetProperty("outputs").EnumerateArray().Select(output => (output.Text("name"), output.Text("datatype"), output.GetProperty("shape").GetRawText()))));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_body_that_breaks_a_rule_is_a_bad_request_that_says_which(string rule, string body, string message)
    {
        foreach (var operation in (string[])["infer", "versions/1/infer", "explain"])
        {
            var error = await (await site.Send($"{Model}/{operation}", body)).Read(HttpStatusCode.BadRequest);

            Assert.Equal(["error"], error.EnumerateObject().Select(member => member.Name));
            var sentence = operation == "explain" ? error.Text("error").Replace(" to 100.", " to 10000.").Replace(", explanation", "") : error.Text("error");
            Assert.True(sentence.Contains(message, StringComparison.Ordinal), $"{rule}: {sentence}");
            Assert.DoesNotContain("Titanic.Web", sentence, StringComparison.Ordinal);
        }
    }
}
