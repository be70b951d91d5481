using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Access;
using Titanic.Web.Tests.Pages;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Serving.Feedback;

/// <summary>Submitting feedback as an anonymous caller or a program; listing and deleting it as an operator.</summary>
[Collection<ModelSiteCollection>]
public sealed class FeedbackApiTests(ModelSite site)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stores_anonymous_feedback_and_lists_it_for_operators()
    {
        var id = await NewPrediction();
        using var operators = await IngestionClient.Create(site, ApiKeyScope.Operate);

        var sent = await SendAccepted(site.Client, id, """{"kind": "odd", "note": "  so few\r\nneighbors "}""");

        Assert.Equal(
            (id, "odd", "so few\nneighbors", "anonymous"),
            (sent.GetProperty("predictionId").GetInt64(), Text(sent, "kind"), Text(sent, "note"), Text(sent, "givenBy")));
        var listed = await operators.Http.GetFromJsonAsync<JsonElement>($"/api/predictions/{id}/feedback", Cancellation);
        Assert.Equal(
            [sent.GetProperty("feedbackId").GetInt64()],
            listed.GetProperty("feedback").EnumerateArray().Select(entry => entry.GetProperty("feedbackId").GetInt64()));
        Assert.Equal(
            "odd so few\nneighbors anonymous t",
            await site.Database.QueryScalar<string>($"""select concat_ws(' ', kind, note, given_by, reader is null) as "Value" from prediction_feedback where prediction_id = {id}"""));
    }

    [Fact]
    public async Task Later_feedback_with_the_same_key_replaces_the_earlier_one()
    {
        var id = await NewPrediction();
        using var program = await IngestionClient.Create(site, ApiKeyScope.Predict);
        using var another = await IngestionClient.Create(site, ApiKeyScope.Predict);

        await SendAccepted(program.Http, id, """{"kind": "wrong", "note": "He lived."}""");
        await SendAccepted(another.Http, id, """{"kind": "correct"}""");
        await SendAccepted(program.Http, id, """{"kind": "odd"}""");

        Assert.Equal("correct, odd", await site.Database.QueryScalar<string>(
            $"""select string_agg(kind, ', ' order by feedback_id) as "Value" from prediction_feedback where prediction_id = {id} and note is null"""));
        Assert.Equal(2, await Count(id));
    }

    [Fact]
    public async Task Returns_409_after_20_feedback_entries_on_a_prediction()
    {
        var id = await NewPrediction();
        for (var i = 0; i < 20; i++)
            await SendAccepted(site.Client, id, """{"kind": "correct"}""");

        var problem = await Problem(await Send(site.Client, id, """{"kind": "wrong"}"""), HttpStatusCode.Conflict);

        Assert.Equal($"Prediction {id} already has 20 feedback entries, which is the maximum.", Text(problem, "detail"));
        Assert.Equal(20, await Count(id));
    }

    [Theory]
    [InlineData("{}", "kind", "The kind is missing; it must be correct, wrong or odd.")]
    [InlineData("""{"kind": "Wrong"}""", "kind", "The kind is \"Wrong\"; it must be correct, wrong or odd.")]
    [InlineData("""{"kind": "odd", "note": "a\u0007b"}""", "note", "The comment has the control character U+0007; it must be plain text.")]
    [InlineData("""{"kind": "odd", "note": "\u0000"}""", "note", "The comment has the control character U+0000; it must be plain text.")]
    public async Task Returns_400_with_the_field_of_invalid_feedback(string body, string field, string sentence)
    {
        var id = await NewPrediction();

        var problem = await Problem(await Send(site.Client, id, body), HttpStatusCode.BadRequest);

        Assert.Equal([(field, sentence)], problem.GetProperty("errors").EnumerateObject().Select(error => (error.Name, error.Value[0].GetString()!)));
        Assert.Equal(0, await Count(id));
    }

    [Fact]
    public async Task Accepts_a_note_of_300_characters_and_rejects_301()
    {
        var id = await NewPrediction();

        await SendAccepted(site.Client, id, $$"""{"kind": "odd", "note": "{{new string('é', 300)}}"}""");
        var problem = await Problem(await Send(site.Client, id, $$"""{"kind": "odd", "note": "{{new string('x', 301)}}"}"""), HttpStatusCode.BadRequest);

        Assert.Equal(
            "The comment has 301 characters; it must have 0 to 300.", problem.GetProperty("errors").GetProperty("note")[0].GetString());
        Assert.Equal(1, await Count(id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"odd\"")]
    [InlineData("""{"kind": 3}""")]
    [InlineData("""{"kind": "odd", "note": "\ud800"}""")]
    [InlineData("""{"kind": "odd", "remark": "an unknown member"}""")]
    [InlineData("""{"kind": "odd", """)]
    public async Task Returns_400_for_an_invalid_body(string body)
    {
        var id = await NewPrediction();

        await Problem(await Send(site.Client, id, body), HttpStatusCode.BadRequest);

        Assert.Equal(0, await Count(id));
    }

    [Fact]
    public async Task Returns_404_for_an_unknown_prediction()
    {
        using var operators = await IngestionClient.Create(site, ApiKeyScope.Operate);

        var problem = await Problem(await Send(site.Client, 999_999_999, """{"kind": "odd"}"""), HttpStatusCode.NotFound);
        var list = await Problem(await operators.Http.GetAsync("/api/predictions/999999999/feedback", Cancellation), HttpStatusCode.NotFound);

        Assert.Equal(("There is no prediction 999999999; the page /predictions and GET /api/predictions list the predictions.", "There is no prediction 999999999; the page /predictions and GET /api/predictions list the predictions."), (Text(problem, "detail"), Text(list, "detail")));
    }

    [Fact]
    public async Task Operators_list_feedback_in_pages_and_delete_it()
    {
        var id = await NewPrediction();
        foreach (var kind in (string[])["wrong", "correct", "wrong", "odd", "wrong"])
            await SendAccepted(site.Client, id, $$"""{"kind": "{{kind}}", "note": "of the pages"}""");
        using var operators = await IngestionClient.Create(site, ApiKeyScope.Operate);

        var seen = new List<(long Id, string Kind)>();
        for (var next = "/api/feedback?kind=wrong&limit=2"; next is not null;)
        {
            var page = await operators.Http.GetFromJsonAsync<JsonElement>(next, Cancellation);
            seen.AddRange(page.GetProperty("feedback").EnumerateArray().Select(entry => (entry.GetProperty("feedbackId").GetInt64(), Text(entry, "kind"))));
            next = page.GetProperty("next").GetString();
        }
        var all = await site.Database.QueryScalar<string>(
            $"""select string_agg(feedback_id::text, ' ' order by feedback_id desc) as "Value" from prediction_feedback where kind = 'wrong'""");
        var deleted = await operators.Http.DeleteAsync($"/api/feedback/{seen[0].Id}", Cancellation);
        var again = await operators.Http.DeleteAsync($"/api/feedback/{seen[0].Id}", Cancellation);

        Assert.Equal(all, string.Join(' ', seen.Select(entry => entry.Id)));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal($"There is no feedback entry {seen[0].Id}; the page /predictions/feedback and GET /api/feedback list the feedback entries.", Text(await Problem(again, HttpStatusCode.NotFound), "detail"));
        Assert.Equal(4, await Count(id));
        Assert.StartsWith(
            $"\"wrong\" about prediction {id}, given by anonymous by API key a sender",
            await site.Database.QueryScalar<string>($"""select details || ' by ' || who as "Value" from access.audit_log where what = 'feedback deleted' and subject = {"feedback " + seen[0].Id}"""),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind=bad", "The kind is \"bad\"; it must be correct, wrong or odd.")]
    [InlineData("limit=0", "The parameter limit is \"0\"; it must be a whole number between 1 and 1,000.")]
    [InlineData("limit=1001", "The parameter limit is \"1001\"; it must be a whole number between 1 and 1,000.")]
    [InlineData("before=soon", "The parameter before is \"soon\"; it must be a whole number.")]
    public async Task Returns_400_for_invalid_query_parameters(string query, string detail)
    {
        using var operators = await IngestionClient.Create(site, ApiKeyScope.Operate);

        var problem = await Problem(await operators.Http.GetAsync($"/api/feedback?{query}", Cancellation), HttpStatusCode.BadRequest);

        Assert.Equal(detail, Text(problem, "detail"));
    }

    [Fact]
    public async Task Only_operators_read_and_delete()
    {
        using var program = await IngestionClient.Create(site, ApiKeyScope.Predict);

        foreach (var (client, status) in ((HttpClient, HttpStatusCode)[])[(site.Client, HttpStatusCode.Unauthorized), (program.Http, HttpStatusCode.Forbidden)])
        {
            await Problem(await client.GetAsync("/api/feedback", Cancellation), status);
            await Problem(await client.GetAsync("/api/predictions/1/feedback", Cancellation), status);
            await Problem(await client.DeleteAsync("/api/feedback/1", Cancellation), status);
        }
    }

    [Fact]
    public async Task Requires_an_antiforgery_token_with_a_cookie()
    {
        var id = await NewPrediction();
        using var admin = await site.NewAdminClient();

        await Problem(await Send(admin, id, """{"kind": "odd"}"""), HttpStatusCode.BadRequest);

        Assert.Equal(0, await Count(id));
    }

    private async Task<long> NewPrediction()
    {
        using var response = await site.Client.PostAsJsonAsync("/api/predictions", new { pclass = 3, sex = "male" }, Cancellation);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("id").GetInt64();
    }

    private static Task<HttpResponseMessage> Send(HttpClient client, long id, string body) =>
        client.PostAsync($"/api/predictions/{id}/feedback", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Cancellation);

    private static async Task<JsonElement> SendAccepted(HttpClient client, long id, string body)
    {
        var response = await Send(client, id, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    private static async Task<JsonElement> Problem(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.DoesNotContain("Titanic.Web", problem.GetRawText(), StringComparison.Ordinal);
        return problem;
    }

    private Task<long> Count(long id) => site.Database.QueryScalar<long>($"""select count(*) as "Value" from prediction_feedback where prediction_id = {id}""");

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
