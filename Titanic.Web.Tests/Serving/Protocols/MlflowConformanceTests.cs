using System.Net;
using System.Text.Json;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>
/// Tests the rules of MLflow's scoring server (mlflow/pyfunc/scoring_server) and of its signatures against the running product.
/// </summary>
[Collection<ModelSiteCollection>]
public sealed class MlflowConformanceTests(ModelSite site)
{
    /// <summary>The two passengers of the accepted cases.</summary>
    private const string Both = """[{"pclass": 1, "sex": "female", "age": 29, "fare": 100}, {"pclass": 3, "sex": "male"}]""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> AcceptedBodies => new()
    {
        { "dataframe_split", ProtocolClient.Json, """{"dataframe_split": {"columns": ["pclass", "sex", "age", "fare"], "data": [[1, "female", 29, 100], [3, "male", null, null]]}}""" },
        { "dataframe_split with index", ProtocolClient.Json, """{"dataframe_split": {"index": [7, "x"], "columns": ["pclass", "sex", "age", "fare"], "data": [[1, "female", 29, 100], [3, "male", null, null]]}}""" },
        { "columns in another order, and one that is not in the signature", ProtocolClient.Json, """{"dataframe_split": {"columns": ["cabin", "fare", "age", "sex", "pclass"], "data": [["C85", 100, 29, "female", 1], [null, null, null, "male", 3]]}}""" },
        { "dataframe_records", ProtocolClient.Json, """{"dataframe_records": [{"pclass": 1, "sex": "female", "age": 29, "fare": 100}, {"pclass": 3, "sex": "male", "age": null, "fare": null}]}""" },
        { "dataframe_records without optional columns in one row", ProtocolClient.Json, """{"dataframe_records": [{"pclass": 1, "sex": "female", "age": 29, "fare": 100}, {"pclass": 3, "sex": "male"}]}""" },
        { "instances as named rows", ProtocolClient.Json, """{"instances": [{"pclass": 1, "sex": "female", "age": 29, "fare": 100}, {"pclass": 3, "sex": "male", "age": null, "fare": null}]}""" },
        { "instances as named tensors", ProtocolClient.Json, """{"instances": [{"pclass": [1], "sex": ["female"], "age": [29.0], "fare": [100.0]}, {"pclass": [3], "sex": ["male"], "age": [null], "fare": [null]}]}""" },
        { "inputs as columns", ProtocolClient.Json, """{"inputs": {"pclass": [1, 3], "sex": ["female", "male"], "age": [29, null], "fare": [100, null]}}""" },
        { "inputs as tensors [n, 1]", ProtocolClient.Json, """{"inputs": {"pclass": [[1], [3]], "sex": [["female"], ["male"]], "age": [[29], [null]], "fare": [[100], [null]]}}""" },
        { "inputs as rows", ProtocolClient.Json, """{"inputs": [{"pclass": 1, "sex": "female", "age": 29, "fare": 100}, {"pclass": 3, "sex": "male", "age": null, "fare": null}]}""" },
        { "params that are not in the signature", ProtocolClient.Json, """{"params": {"temperature": 0.1}, "inputs": {"pclass": [1, 3], "sex": ["female", "male"], "age": [29, null], "fare": [100, null]}}""" },
        { "other members", ProtocolClient.Json, """{"client_request_id": "a", "inputs": {"pclass": [1, 3], "sex": ["female", "male"], "age": [29, null], "fare": [100, null]}}""" },
        { "whole numbers written with a fraction", ProtocolClient.Json, """{"inputs": {"pclass": [1.0, 3.0], "sex": ["female", "male"], "age": [29.0, null], "fare": [1e2, null]}}""" },
        { "NaN as Python writes it", ProtocolClient.Json, """{"inputs": {"pclass": [1, 3], "sex": ["female", "male"], "age": [29, NaN], "fare": [100, NaN], "note": ["NaN \" NaN", "\\"]}}""" },
        { "names in another case", ProtocolClient.Json, """{"inputs": {"Pclass": [1, 3], "Sex": ["female", "male"], "Age": [29, null], "Fare": [100, null]}}""" },
        { "a byte order mark", ProtocolClient.Json, "\uFEFF" + """{"inputs": {"pclass": [1, 3], "sex": ["female", "male"], "age": [29, null], "fare": [100, null]}}""" },
        { "charset=utf-8", "application/json; charset=utf-8", """{"inputs": {"pclass": [1, 3], "sex": ["female", "male"], "age": [29, null], "fare": [100, null]}}""" },
        { "CSV", ProtocolClient.Csv, "pclass,sex,age,fare\n1,female,29,100\n3,male,,\n" },
        { "CSV with charset", "text/csv; charset=UTF-8", "pclass,sex,age,fare\r\n1,female,29,100\r\n3,male,,\r\n" },
        { "CSV as pandas writes it, with its index", ProtocolClient.Csv, ",pclass,sex,age,fare\n0,1,female,29.0,100.0\n1,3,male,NaN,NaN\n" },
        { "CSV with quotes and without an end of line", ProtocolClient.Csv, "\"fare\",\"age\",\"sex\",\"pclass\"\n\"100\",\"29\",\"female\",\"1\"\n,,\"male\",\"3\"" },
    };

    public static TheoryData<string, string, string> RejectedBodies => new()
    {
        { "no format", """{"data": [[1]]}""", "The body has the members data; it must have exactly one of dataframe_split, dataframe_records, instances or inputs." },
        { "no members", "{}", "The body has no members;" },
        { "two formats", """{"inputs": {"pclass": [1], "sex": ["male"]}, "instances": []}""", "The body has the members inputs, instances; it must have exactly one of" },
        { "one format twice", """{"inputs": {"pclass": [1], "sex": ["male"]}, "inputs": {"pclass": [1], "sex": ["male"]}}""", "The body has a member more than once; it must have it once." },
        { "a list, as before MLflow 2", """[{"pclass": 1, "sex": "male"}]""", "The body is an array; it must be an object" },
        { "null", "null", "The body is null;" },
        { "a string", "\"male\"", "The body is a string;" },
        { "an empty body", "", "The body is empty; it must be a JSON object." },
        { "malformed JSON", """{"inputs": """, "the body is not valid JSON. " },
        { "Infinity", """{"inputs": {"pclass": [1], "sex": ["male"], "age": [Infinity]}}""", "Line 1, byte 53: the body is not valid JSON. Check the quotes, commas and brackets at this position." },
        { "an unpaired surrogate", """{"inputs": {"pclass": [1], "sex": ["\ud800"]}}""", "unpaired surrogate" },
        { "split is not an object", """{"dataframe_split": [{"pclass": 1, "sex": "male"}]}""", "dataframe_split is an array; it must be an object {columns, data}." },
        { "split without data", """{"dataframe_split": {"columns": ["pclass", "sex"]}}""", "dataframe_split.data is missing; it must be an array." },
        { "split with another member", """{"dataframe_split": {"columns": ["pclass", "sex"], "data": [[1, "male"]], "dtypes": []}}""", "There is no member \"dtypes\" of dataframe_split; there are columns, data, index." },
        { "split without columns", """{"dataframe_split": {"data": [[1, "male"]]}}""", "dataframe_split.columns is missing; it must be an array." },
        { "split with a duplicate column", """{"dataframe_split": {"columns": ["pclass", "sex", "Sex"], "data": [[1, "male", "male"]]}}""", "dataframe_split.columns has sex more than once;" },
        { "ragged split", """{"dataframe_split": {"columns": ["pclass", "sex"], "data": [[1, "male"], [2]]}}""", "dataframe_split.data[1] is an array of 1 element; it must be an array of 2 elements, one for each column." },
        { "index of another length", """{"dataframe_split": {"index": [1, 2], "columns": ["pclass", "sex"], "data": [[1, "male"]]}}""", "dataframe_split.index is an array of 2 elements; it must be an array of 1 element, one for each row of data." },
        { "records are not an array", """{"dataframe_records": {"pclass": [1]}}""", "dataframe_records is an object; it must be an array of objects." },
        { "a record is not an object", """{"dataframe_records": [{"pclass": 1, "sex": "male"}, 7]}""", "dataframe_records[1] is a number; it must be an object" },
        { "no rows", """{"dataframe_records": []}""", "The request has 0 inputs; it must have 1 to 10,000." },
        { "instances without names", """{"instances": [[1, "male", 29, 100]]}""", "instances[0] is an array; it must be an object, because the inputs of the model are named." },
        { "ragged instances", """{"instances": [{"pclass": 1, "sex": "male", "age": 1}, {"pclass": 1, "sex": "male"}]}""", "instances[1] has other columns than instances[0];" },
        { "instances are an object", """{"instances": {"pclass": [1], "sex": ["male"]}}""", "instances is an object; it must be an array of objects." },
        { "ragged inputs", """{"inputs": {"pclass": [1, 2], "sex": ["male"]}}""", "inputs.sex is an array of 1 element and inputs.pclass is an array of 2 elements; all columns must have the same length." },
        { "an array and a single value", """{"inputs": {"pclass": 1, "sex": ["male"]}}""", "inputs.sex is an array of 1 element and inputs.pclass is a single value;" },
        { "a missing column", """{"inputs": {"pclass": [1], "age": [3]}}""", "sex is missing; pclass and sex are required, age and fare are optional." },
        { "both missing", """{"inputs": {}}""", "pclass and sex are missing;" },
        { "a missing value", """{"dataframe_records": [{"pclass": 1, "sex": "male"}, {"pclass": 2}]}""", "dataframe_records[1].sex: The sex is missing; it must be male or female." },
        { "double to integer", """{"inputs": {"pclass": [1, 1.5], "sex": ["male", "male"]}}""", "inputs.pclass[1]: The class is 1.5; it must be 1, 2 or 3." },
        { "string to integer", """{"inputs": {"pclass": ["4"], "sex": ["male"]}}""", "inputs.pclass[0]: The class is \"4\"; it must be 1, 2 or 3." },
        { "integer to string", """{"inputs": {"pclass": [1], "sex": [1]}}""", "inputs.sex[0]: The sex is 1; it must be male or female." },
        { "boolean to double", """{"inputs": {"pclass": [1], "sex": ["male"], "age": [true]}}""", "inputs.age[0]: The age is true; it must be a plain number between 0 and 120 years, such as 29 or 0.75, or omitted if unknown." },
        { "a tensor of two values", """{"inputs": {"pclass": [[1, 2]], "sex": [["male"]]}}""", "inputs.pclass[0]: The class is [1, 2];" },
        { "out of range", """{"dataframe_split": {"columns": ["pclass", "sex", "age", "fare"], "data": [[4, "man", 121, 1e400]]}}""", "dataframe_split.data[0], age: The age is 121; it must be a plain number between 0 and 120 years" },
        { "params are not an object", """{"params": 3, "inputs": {"pclass": [1], "sex": ["male"]}}""", "params is a number; it must be an object" },
        { "signature_name", """{"signature_name": "x", "inputs": {"pclass": [1], "sex": ["male"]}}""", "signature_name is given; it must be absent" },
    };

    public static TheoryData<string, string> RejectedCsv => new()
    {
        { "", "The file is empty." },
        { "pclass,age\n1,2\n", "Line 1: the header \"pclass,age\" has no column for sex; columns are found by name: sex. Hint: rename the column." },
        { "pclass|sex\n1|male\n", "must be separated by \",\"" },
        { "pclass,sex\n", "The file has a header and no input." },
        { "pclass,sex\n1\n", "Line 2: The row has 1 cell; the header has 2 columns." },
        { "pclass,sex\n1,male\n1.5,male\n", "Line 3, pclass: The class is \"1.5\"; it must be 1, 2 or 3." },
        { "pclass,sex,name\n1,male,\"A\nB\"\n\n4,male,C\n", "Line 5, pclass: The class is \"4\"; it must be 1, 2 or 3." },
        { "pclass,sex,age\n1,male,7e1\n", "Line 2, age: The age is \"7e1\"; it must be a plain number between 0 and 120 years" },
        { "pclass,sex,fare\n1,male,-1\n", "Line 2, fare: The fare is \"-1\"; it must be a plain number between 0 and 10,000 pounds" },
        { "pclass,sex\n4,male\n", "Line 2, pclass: The class is \"4\"; it must be 1, 2 or 3." },
        { "pclass,sex\n1,\"male\n", "Line 2: a quote is opened" },
        { "pclass,sex\n1,ma\u0001le\n", "control character U+0001" },
    };

    [Theory]
    [MemberData(nameof(AcceptedBodies))]
    public async Task Returns_the_predictions_of_the_API_for_every_format(string rule, string contentType, string body)
    {
        var response = await site.PostOk("/invocations", body, contentType);

        Assert.Equal(["predictions"], response.EnumerateObject().Select(member => member.Name));
        Assert.True((await site.PredictByApi(Both)).SequenceEqual(response.GetProperty("predictions").EnumerateArray().Select(ComparablePrediction.Of)), rule);
    }

    [Fact]
    public async Task Single_values_instead_of_columns_are_one_row()
    {
        var response = await site.PostOk("/invocations", """{"inputs": {"pclass": 1, "sex": "female", "age": 29, "fare": 100}}""");

        Assert.Equal((await site.PredictByApi(Both))[0], ComparablePrediction.Of(Assert.Single(response.GetProperty("predictions").EnumerateArray())));
    }

    [Fact]
    public async Task A_prediction_has_the_outputs_of_the_signature_in_order_and_the_id_of_its_receipt()
    {
        var version = JsonElement.Parse(await site.Client.GetStringAsync("/api/models/champion", Cancellation));

        var prediction = (await site.PostOk("/invocations", """{"dataframe_records": [{"pclass": 2, "sex": "male", "age": 7.5}]}""")).GetProperty("predictions")[0];

        Assert.Equal(
            [.. version.GetProperty("signature").GetProperty("outputs").EnumerateArray().Select(output => output.Text("name")), "prediction_id"],
            prediction.EnumerateObject().Select(member => member.Name));
        var receipt = await site.Receipt(prediction.GetProperty("prediction_id").GetInt64());
        Assert.Equal(("api", 2, "male", 7.5, JsonValueKind.Null), (
            receipt.Text("source"), receipt.GetProperty("pclass").GetInt32(), receipt.Text("sex"), receipt.GetProperty("age").GetDouble(), receipt.GetProperty("fare").ValueKind));
        Assert.Equal(ComparablePrediction.Of(prediction), ComparablePrediction.Of(receipt));
    }

    [Theory]
    [MemberData(nameof(RejectedBodies))]
    public async Task Returns_400_with_the_reason_for_an_invalid_body(string rule, string body, string message)
    {
        var error = await (await site.Send("/invocations", body)).ReadJson(HttpStatusCode.BadRequest);

        Assert.Equal(["error_code", "message"], error.EnumerateObject().Select(member => member.Name));
        Assert.Equal("BAD_REQUEST", error.Text("error_code"));
        Assert.True(error.Text("message").Contains(message, StringComparison.Ordinal), $"{rule}: {error.Text("message")}");
        Assert.DoesNotContain("Titanic.Web", error.Text("message"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(RejectedCsv))]
    public async Task Returns_400_with_the_line_of_invalid_CSV(string body, string message)
    {
        var error = await (await site.Send("/invocations", body, ProtocolClient.Csv)).ReadJson(HttpStatusCode.BadRequest);

        Assert.Equal("BAD_REQUEST", error.Text("error_code"));
        Assert.Contains(message, error.Text("message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain", "The content type is \"text/plain\"; it must be application/json or text/csv.")]
    [InlineData("application/x-www-form-urlencoded", "The content type is \"application/x-www-form-urlencoded\"; it must be application/json or text/csv.")]
    [InlineData("application/json; charset=latin1", "The charset is \"latin1\"; it must be utf-8.")]
    [InlineData("application/json; format=pandas-split", "There is no parameter \"format\" of the content type; there is only charset.")]
    [InlineData("text/csv; header=present", "There is no parameter \"header\" of the content type; there is only charset.")]
    [InlineData(null, "The content type is missing; it must be application/json or text/csv.")]
    public async Task Returns_415_with_the_allowed_content_types(string? contentType, string message)
    {
        var error = await (await site.Send("/invocations", """{"inputs": {"pclass": [1], "sex": ["male"]}}""", contentType)).ReadJson(HttpStatusCode.UnsupportedMediaType);

        Assert.Equal(("BAD_REQUEST", message), (error.Text("error_code"), error.Text("message")));
    }

    [Fact]
    public async Task Reports_the_first_20_problems_and_stores_nothing()
    {
        var before = await CountPredictions();

        var (classes, sexes) = (string.Join(',', Enumerable.Repeat(4, 1_000)), string.Join(',', Enumerable.Repeat("\"male\"", 1_000)));
        var error = await (await site.Send("/invocations", $$"""{"inputs": {"pclass": [{{classes}}], "sex": [{{sexes}}]} }""")).ReadJson(HttpStatusCode.BadRequest);

        Assert.StartsWith(
            "1,000 of 1,000 inputs are invalid; no prediction was made. inputs.pclass[0]: The class is 4; it must be 1, 2 or 3.",
            error.Text("message"), StringComparison.Ordinal);
        Assert.EndsWith(
            "inputs.pclass[19]: The class is 4; it must be 1, 2 or 3. 980 more problems are not listed.",
            error.Text("message"), StringComparison.Ordinal);
        Assert.Equal(before, await CountPredictions());
    }

    [Fact]
    public async Task Predicts_up_to_10000_rows_and_rejects_10001()
    {
        var maximum = await site.PostOk("/invocations", $"pclass,sex\n{string.Concat(Enumerable.Repeat("3,male\n", 10_000))}", ProtocolClient.Csv);
        var tooManyCsv = await (await site.Send("/invocations", $"pclass,sex\n{string.Concat(Enumerable.Repeat("3,male\n", 10_001))}", ProtocolClient.Csv))
            .ReadJson(HttpStatusCode.BadRequest);
        var instances = string.Join(',', Enumerable.Repeat("""{"pclass": 3, "sex": "male"}""", 10_001));
        var tooMany = await (await site.Send("/invocations", $$"""{"instances": [{{instances}}]}""")).ReadJson(HttpStatusCode.BadRequest);

        Assert.Equal(10_000, maximum.GetProperty("predictions").GetArrayLength());
        Assert.All([tooMany, tooManyCsv], error => Assert.Equal("The request has 10,001 inputs; it must have 1 to 10,000.", error.Text("message")));
    }

    [Fact]
    public async Task Returns_413_in_the_format_of_the_protocol_for_an_oversized_body()
    {
        var error = await (await site.Send("/invocations", new string(' ', ProtocolClient.MaximumBytes + 1))).ReadJson(HttpStatusCode.RequestEntityTooLarge);

        Assert.Equal("BAD_REQUEST", error.Text("error_code"));
    }

    [Theory]
    [InlineData("/ping", "")]
    [InlineData("/health", "")]
    [InlineData("/version", "0.1.0")]
    public async Task Returns_200_when_ready(string path, string text)
    {
        using var response = await site.Client.GetAsync(path, Cancellation);

        Assert.Equal((HttpStatusCode.OK, text), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation)));
    }

    [Fact]
    public async Task Rejects_another_method_in_the_format_of_the_protocol()
    {
        using var get = await site.Client.GetAsync("/invocations", Cancellation);
        using var delete = await site.Client.DeleteAsync("/ping", Cancellation);

        Assert.Equal("The method is GET; it must be POST.", (await get.ReadJson(HttpStatusCode.MethodNotAllowed)).Text("message"));
        Assert.Equal(["GET", "HEAD"], delete.Content.Headers.Allow);
        Assert.Equal("BAD_REQUEST", (await delete.ReadJson(HttpStatusCode.MethodNotAllowed)).Text("error_code"));
    }

    private async Task<long> CountPredictions()
    {
        await using var command = site.Database.DataSource.CreateCommand("select count(*) from predictions");
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
