using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Titanic.Web.Tests.Serving;

[Collection<ModelSiteCollection>]
public sealed class PredictionsApiTests(ModelSite site)
{
    private const string FirstClass = """{"pclass": 1, "sex": "female", "age": 29, "fare": 100}""";
    private const string ThirdClass = """{"pclass": 3, "sex": "male"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Returns_an_object_for_an_object_and_stores_it()
    {
        var prediction = await Post(FirstClass, HttpStatusCode.OK);

        Assert.True(prediction.GetProperty("survived").GetBoolean());
        Assert.Equal(1, prediction.GetProperty("modelVersion").GetInt32());
        var (survivors, neighbors) = (prediction.GetProperty("survivors").GetInt32(), prediction.GetProperty("neighbors").GetInt32());
        Assert.Equal((survivors + 1.0) / (neighbors + 2.0), prediction.GetProperty("probability").GetDouble());
        Assert.Equal(("titanic_binned/1", "api"), (Text(prediction, "encoder"), Text(prediction, "source")));
        Assert.Equal(
            [("pclass", 1, "1st class"), ("sex", 1, "female"), ("age_group", 3, "Young adult"), ("fare_band", 4, "over £75 to £100")],
            prediction.GetProperty("encoded").EnumerateArray().Select(value => (Text(value, "feature"), value.GetProperty("value").GetInt32(), Text(value, "meaning"))));
        Assert.Equal(
            "female", await Scalar<string>($"select sex from predictions where prediction_id = {prediction.GetProperty("id").GetInt64()}"));
    }

    [Fact]
    public async Task Returns_an_explanation_if_requested()
    {
        var prediction = await Post(FirstClass, HttpStatusCode.OK, "?explain=true");

        var explanation = prediction.GetProperty("explanation");
        var neighbors = explanation.GetProperty("neighbors").EnumerateArray().ToList();
        Assert.Equal(
            prediction.GetProperty("neighbors").GetInt32(),
            neighbors.Sum(n => n.GetProperty("died").GetInt32() + n.GetProperty("survived").GetInt32()));
        Assert.All(neighbors, n => Assert.Equal(JsonValueKind.String, n.GetProperty("people")[0].GetProperty("name").ValueKind));
        var alternative = explanation.GetProperty("change").GetProperty("alternatives")[0];
        Assert.False(
            (await Post(alternative.GetProperty("question").GetRawText(), HttpStatusCode.OK)).GetProperty("survived").GetBoolean());
        var removal = explanation.GetProperty("removal");
        Assert.Equal(removal.GetProperty("rows").GetInt32(), removal.GetProperty("inputs").EnumerateArray().Sum(input => input.GetProperty("rows").GetInt32()));
        Assert.Equal([3, 2, 6, 11], explanation.GetProperty("sensitivity").EnumerateArray().Select(feature => feature.GetProperty("values").GetArrayLength()));
        Assert.False((await Post(FirstClass, HttpStatusCode.OK)).TryGetProperty("explanation", out _));
    }

    [Fact]
    public async Task Explains_up_to_100_predictions_and_rejects_101()
    {
        var maximum = await Post($"[{string.Join(',', Enumerable.Repeat(ThirdClass, 99))}, {FirstClass}]", HttpStatusCode.OK, "?explain=true");
        var tooMany = await Post($"[{string.Join(',', Enumerable.Repeat(ThirdClass, 101))}]", HttpStatusCode.BadRequest, "?explain=true");

        Assert.NotEqual(maximum[0].GetProperty("explanation").GetRawText(), maximum[99].GetProperty("explanation").GetRawText());
        Assert.Equal("The array has 101 inputs; with explain=true it must have 1 to 100.", Text(tooMany, "detail"));
    }

    [Fact]
    public async Task Returns_an_array_in_the_order_of_the_inputs()
    {
        var predictions = await Post($"[{FirstClass}, {ThirdClass}, {FirstClass}]", HttpStatusCode.OK);

        Assert.Equal(JsonValueKind.Array, predictions.ValueKind);
        Assert.Equal(
            [(1, true), (3, false), (1, true)],
            predictions.EnumerateArray().Select(p => (p.GetProperty("pclass").GetInt32(), p.GetProperty("survived").GetBoolean())));
        Assert.Equal(3, predictions.EnumerateArray().Select(p => p.GetProperty("id").GetInt64()).Distinct().Count());
    }

    [Fact]
    public async Task The_receipt_contains_the_response()
    {
        var prediction = await Post(ThirdClass, HttpStatusCode.OK);

        var receipt = await site.Client.GetFromJsonAsync<JsonElement>($"/api/predictions/{prediction.GetProperty("id").GetInt64()}", Cancellation);

        Assert.Equal(prediction.EnumerateObject().Select(p => p.Name).Append("lineage").Order(), receipt.EnumerateObject().Select(p => p.Name).Order());
        Assert.All(prediction.EnumerateObject(), p => Assert.Equal(p.Value.GetRawText(), receipt.GetProperty(p.Name).GetRawText()));
    }

    [Fact]
    public async Task Returns_404_for_an_unknown_receipt()
    {
        var problem = await Problem(await site.Client.GetAsync("/api/predictions/999999999", Cancellation), HttpStatusCode.NotFound);

        Assert.Equal("There is no prediction 999999999; the page /predictions and GET /api/predictions list the predictions.", Text(problem, "detail"));
    }

    [Theory]
    [InlineData("""{"pclass": 4, "sex": "female"}""", "pclass")]
    [InlineData("""{"pclass": 1, "sex": "man"}""", "sex")]
    [InlineData("""{"pclass": 1, "sex": "male", "age": 121}""", "age")]
    [InlineData("""{"pclass": 1, "sex": "male", "fare": 1e400}""", "fare")]
    [InlineData("""{"sex": "male"}""", "pclass")]
    [InlineData("""{"pclass": 1}""", "sex")]
    [InlineData("""[{"pclass": 1, "sex": "male"}, {"pclass": 1, "sex": null}]""", "[1].sex")]
    [InlineData("""[null]""", "[0]")]
    [InlineData("""{"pclass": 1, "sex": "male", "cabin": "C85"}""", "cabin")]
    [InlineData("""{"pclass": "4", "sex": "male"}""", "pclass")]
    [InlineData("""{"pclass": 1.5, "sex": "male"}""", "pclass")]
    [InlineData("""{"pclass": 1, "sex": "male", "age": true}""", "age")]
    [InlineData("""{"pclass": 1, "sex": "male", "sex": "male"}""", "sex")]
    [InlineData("""[{"pclass": 1, "sex": "male"}, 7]""", "[1]")]
    public async Task Returns_400_with_the_field_of_an_invalid_value(string body, string field)
    {
        var problem = await Post(body, HttpStatusCode.BadRequest);

        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Theory]
    [InlineData("[]", "The array has 0 inputs; it must have 1 to 10,000.")]
    [InlineData("null", "The body is empty or null; it must be an object")]
    [InlineData("\"male\"", "The body is the string \"male\"; it must be an object")]
    [InlineData("""{"pclass": 1, """, "the body is not valid JSON")]
    [InlineData("{\n  \"pclass\": one}", "Line 2, byte 13: the body is not valid JSON. Check the quotes, commas and brackets at this position.")]
    [InlineData("""{"pclass": 1, "sex": "male"} {}""", "the body is not valid JSON")]
    [InlineData("", "The body is empty or null; it must be an object")]
    public async Task Returns_400_with_the_allowed_shape_for_an_invalid_body(string body, string detail)
    {
        var problem = await Post(body, HttpStatusCode.BadRequest);

        Assert.Contains(detail, Text(problem, "detail"), StringComparison.Ordinal);
        Assert.DoesNotContain("Titanic.Web", Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predicts_up_to_10000_inputs_and_rejects_10001()
    {
        var maximum = await Post($"[{string.Join(',', Enumerable.Repeat(ThirdClass, 10_000))}]", HttpStatusCode.OK);
        var tooMany = await Post($"[{string.Join(',', Enumerable.Repeat(ThirdClass, 10_001))}]", HttpStatusCode.BadRequest);

        Assert.Equal(10_000, maximum.GetArrayLength());
        Assert.Equal("The array has 10,001 inputs; it must have 1 to 10,000.", Text(tooMany, "detail"));
    }

    [Fact]
    public async Task Returns_415_for_another_content_type()
    {
        var response = await site.Client.PostAsync("/api/predictions", new StringContent(FirstClass, Encoding.UTF8, "text/plain"), Cancellation);

        Assert.Equal(
            "The content type is \"text/plain; charset=utf-8\"; it must be application/json.",
            Text(await Problem(response, HttpStatusCode.UnsupportedMediaType), "detail"));
    }

    [Fact]
    public async Task Returns_415_for_another_charset()
    {
        var response = await site.Client.PostAsync("/api/predictions", new StringContent(FirstClass, Encoding.Unicode, "application/json"), Cancellation);

        Assert.Equal(
            "The content type is \"application/json; charset=utf-16\"; it must be application/json, in UTF-8.",
            Text(await Problem(response, HttpStatusCode.UnsupportedMediaType), "detail"));
    }

    [Fact]
    public async Task Returns_400_for_invalid_UTF8()
    {
        var body = new ByteArrayContent([.. """{"pclass": 1, "sex": "m"""u8, 0xFF, .. """le"}"""u8]);
        body.Headers.ContentType = new("application/json");

        var problem = await Problem(await site.Client.PostAsync("/api/predictions", body, Cancellation), HttpStatusCode.BadRequest);

        Assert.Equal("sex", Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
    }

    [Fact]
    public async Task Returns_413_for_an_oversized_body()
    {
        var problem = await Post($"[{new string(' ', 4 * 1024 * 1024)}{FirstClass}]", HttpStatusCode.RequestEntityTooLarge);

        Assert.Contains("4,194,304 bytes", Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alternative_contains_a_complete_input()
    {
        var prediction = await Post(FirstClass, HttpStatusCode.OK, "?explain=true");

        Assert.All(
            prediction.GetProperty("explanation").GetProperty("change").GetProperty("alternatives").EnumerateArray(),
            alternative => Assert.Equal(["pclass", "sex", "age", "fare"], alternative.GetProperty("question").EnumerateObject().Select(member => member.Name)));
    }

    private async Task<JsonElement> Post(string body, HttpStatusCode status, string query = "")
    {
        var response = await site.Client.PostAsync("/api/predictions" + query, new StringContent(body, Encoding.UTF8, "application/json"), Cancellation);
        if (status != HttpStatusCode.OK)
            return await Problem(response, status);
        Assert.Equal((status, "application/json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    private static async Task<JsonElement> Problem(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    private async Task<T> Scalar<T>(string sql)
    {
        await using var command = site.Database.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
