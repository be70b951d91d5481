using System.Net;
using System.Text;
using System.Text.Json;
using Titanic.Web.Access;
using Titanic.Web.Tests.Pages;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Registry;

/// <summary><c>/api/models</c> over HTTP with an API key.</summary>
public sealed class RegistryApiTests(FullSite site) : IClassFixture<FullSite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lists_versions_in_pages_without_artifacts_and_evaluations()
    {
        var newest = await Newest();

        var first = await Get("/api/models?limit=2");
        var second = await Get(first.GetProperty("next").GetString()!);

        Assert.Equal([newest, newest - 1], Versions(first));
        Assert.Equal(newest - 2, Versions(second).First());
        var listed = first.GetProperty("models")[0];
        Assert.Equal(64, listed.GetProperty("artifact").GetProperty("sha256").GetString()!.Length);
        Assert.False(listed.TryGetProperty("evaluations", out _));
        Assert.InRange(listed.GetProperty("crossValidatedAccuracy").GetProperty("value").GetDouble(), 0.75, 0.85);
        Assert.Equal(await Champion(), Assert.Single(Versions(await Get("/api/models?alias=champion"))));
    }

    [Fact]
    public async Task Location_is_below_the_path_base()
    {
        using var sender = await IngestionClient.Create(site, ApiKeyScope.Operate);

        using var run = await sender.PostJson($"{FullSite.PathBase}/api/pipelines/monitoring/runs", "{}");

        Assert.StartsWith($"{FullSite.PathBase}/api/runs/", run.Headers.Location?.OriginalString, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verdict=maybe&limit=1", "verdict", "There is no verdict \"maybe\"; there are PROMOTE, HOLD, REJECT.")]
    [InlineData("search=%00", "search", "The search is \"\\u0000\"; it must be plain text without control characters.")]
    public async Task Reports_invalid_filters(string query, string field, string problem)
    {
        var response = await IngestionClient.ReadProblem(site.Client.GetAsync($"/api/models?{query}", Cancellation), HttpStatusCode.BadRequest);

        Assert.Equal(problem, response.GetProperty("errors").GetProperty(field)[0].GetString());
    }

    [Theory]
    [InlineData("banana", "There is no version or alias \"banana\"; there are version numbers, champion, challenger, previous.")]
    [InlineData("99999999999", "There is no version 99999999999 of titanic_knn; the page /models and GET /api/models list the versions.")]
    [InlineData("challenger", "There is no version with the alias challenger; the page /models and GET /api/models list the versions.")]
    [InlineData("latest", "There is no version or alias \"latest\"; there are version numbers, champion, challenger, previous.")]
    public async Task Returns_404_for_an_unknown_version(string name, string message)
    {
        var problem = await IngestionClient.ReadProblem(site.Client.GetAsync($"/api/models/{name}", Cancellation), HttpStatusCode.NotFound);

        Assert.Equal(message, problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Shows_a_version_by_number_and_by_alias()
    {
        var champion = await Champion();

        var byAlias = await Get("/api/models/champion?verify=true");
        var byNumber = await Get($"/api/models/{champion}");

        Assert.Equal(champion, byAlias.GetProperty("version").GetInt32());
        Assert.Equal("champion", byNumber.GetProperty("aliases")[0].GetString());
        Assert.Equal((true, JsonValueKind.Null), (byAlias.GetProperty("verification").GetProperty("isSound").GetBoolean(), byNumber.GetProperty("verification").ValueKind));
        Assert.Equal("PROMOTE", byNumber.GetProperty("gate").GetProperty("verdict").GetString());
        Assert.Equal($"run {byNumber.GetProperty("runId").GetInt64()}", byNumber.GetProperty("aliasHistory").EnumerateArray().Last().GetProperty("assignedBy").GetString());
        Assert.True(byNumber.GetProperty("evaluations").GetArrayLength() > 8);
    }

    [Fact]
    public async Task Promotes_rolls_back_and_lists_the_history()
    {
        using var program = await IngestionClient.Create(site, ApiKeyScope.Operate);
        var champion = await Champion();
        var other = champion == 1 ? 2 : 1;

        var promoted = await IngestionClient.ReadAccepted(Put(program, "champion", $$"""{"version": {{other}}, "reason": "a test", "seen": {{champion}}, "force": true}"""));
        Assert.Equal((other, champion), (promoted.GetProperty("aliases").GetProperty("champion").GetInt32(), promoted.GetProperty("aliases").GetProperty("previous").GetInt32()));
        var stale = await IngestionClient.ReadProblem(Put(program, "champion", $$"""{"version": {{champion}}, "reason": "a test", "seen": {{champion}}}"""), HttpStatusCode.Conflict);
        Assert.Contains(
            $"The champion has changed: it is version {other} now", stale.GetProperty("detail").GetString(), StringComparison.Ordinal);

        await IngestionClient.ReadAccepted(program.PostJson("/api/models/aliases/champion/rollback", """{"reason": "the test is over"}"""));
        Assert.Equal(champion, await Champion());
        var history = await Get("/api/models/aliases/champion/history?limit=2");
        Assert.Equal(
            [$"Rolled back from version {other}: the test is over", "a test"],
            history.GetProperty("moves").EnumerateArray().Select(move => move.GetProperty("reason").GetString()));
        Assert.StartsWith(
            "API key a sender", history.GetProperty("moves")[0].GetProperty("assignedBy").GetString(), StringComparison.Ordinal);
        var older = await Get(history.GetProperty("next").GetString()!);
        Assert.True(
            older.GetProperty("moves")[0].GetProperty("id").GetInt64() < history.GetProperty("moves")[1].GetProperty("id").GetInt64());
        Assert.Equal("champion", (await Get("/api/models/aliases/history")).GetProperty("moves").EnumerateArray().First(move => move.GetProperty("alias").GetString() == "champion").GetProperty("alias").GetString());
    }

    [Fact]
    public async Task Assigns_and_withdraws_the_challenger()
    {
        using var program = await IngestionClient.Create(site, ApiKeyScope.Operate);
        var other = await Champion() == 1 ? 2 : 1;

        await IngestionClient.ReadAccepted(Put(program, "challenger", $$"""{"version": {{other}}, "reason": "a comparison"}"""));
        Assert.Equal(other, (await Get("/api/models/challenger")).GetProperty("version").GetInt32());
        await IngestionClient.ReadAccepted(program.Http.DeleteAsync("/api/models/aliases/challenger?reason=compared", Cancellation));
        await IngestionClient.ReadProblem(program.Http.DeleteAsync("/api/models/aliases/challenger?reason=again", Cancellation), HttpStatusCode.Conflict);
        await IngestionClient.ReadProblem(program.Http.DeleteAsync("/api/models/aliases/champion?reason=no", Cancellation), HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("champion", """{"version": 1}""", HttpStatusCode.BadRequest, "The reason is missing; it must have 1 to 500 characters.")]
    [InlineData("champion", """{"version": 999, "reason": "x"}""", HttpStatusCode.NotFound, "There is no version 999 of titanic_knn; the page /models and GET /api/models list the versions.")]
    [InlineData("previous", """{"version": 1, "reason": "x"}""", HttpStatusCode.Conflict, "The alias previous is set automatically")]
    [InlineData("latest", """{"version": 1, "reason": "x"}""", HttpStatusCode.NotFound, "There is no alias \"latest\"; there are champion, challenger, previous.")]
    [InlineData("champion", """{"version": "one", "reason": "x"}""", HttpStatusCode.BadRequest, "The value at $.version of the body has the wrong type")]
    [InlineData("champion", "{", HttpStatusCode.BadRequest, "Line 1, byte 2: the body is not valid JSON.")]
    public async Task Reports_why_an_alias_does_not_move(string alias, string body, HttpStatusCode status, string message)
    {
        using var program = await IngestionClient.Create(site, ApiKeyScope.Operate);
        var champion = await Champion();

        var problem = await IngestionClient.ReadProblem(Put(program, alias, body), status);

        Assert.StartsWith(message, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(champion, await Champion());
    }

    [Fact]
    public async Task Edits_description_and_tags_only_with_the_current_revision()
    {
        using var program = await IngestionClient.Create(site, ApiKeyScope.Operate);
        var revision = (await Get("/api/models/1")).GetProperty("revision").GetInt32();

        var edited = await IngestionClient.ReadAccepted(Patch(program, $$"""{"revision": {{revision}}, "description": "by a program", "tags": {"stage": "canary"} }"""));
        Assert.Equal(revision + 1, edited.GetProperty("revision").GetInt32());
        await IngestionClient.ReadProblem(Patch(program, $$"""{"revision": {{revision}}, "description": "again"}"""), HttpStatusCode.Conflict);
        await IngestionClient.ReadProblem(Patch(program, $$"""{"revision": {{revision + 1}}, "tags": {"Stage": "x"} }"""), HttpStatusCode.BadRequest);
        Assert.Equal(1, Assert.Single(Versions(await Get("/api/models?tag=stage=canary&search=BY A PROG"))));
    }

    [Fact]
    public async Task Moves_and_edits_require_an_operator()
    {
        using var sender = await IngestionClient.Create(site, ApiKeyScope.Ingest);
        var champion = await Champion();
        foreach (var (client, status) in new[] { (sender.Http, HttpStatusCode.Forbidden), (site.Client, HttpStatusCode.Unauthorized) })
        {
            var body = new StringContent("""{"version": 1, "reason": "x", "force": true, "revision": 0}""", Encoding.UTF8, "application/json");
            Assert.Equal(status, (await client.PutAsync("/api/models/aliases/champion", body, Cancellation)).StatusCode);
            Assert.Equal(status, (await client.PostAsync("/api/models/aliases/champion/rollback", body, Cancellation)).StatusCode);
            Assert.Equal(status, (await client.DeleteAsync("/api/models/aliases/challenger", Cancellation)).StatusCode);
            Assert.Equal(status, (await client.PatchAsync("/api/models/1", body, Cancellation)).StatusCode);
        }
        Assert.Equal(champion, await Champion());

        using var admin = await site.NewAdminClient(); // a cookie without antiforgery token
        var forged = await admin.PutAsync("/api/models/aliases/champion", new StringContent("""{"version": 1, "reason": "x"}""", Encoding.UTF8, "application/json"), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
    }

    private async Task<JsonElement> Get(string path) => await IngestionClient.ReadAccepted(site.Client.GetAsync(path, Cancellation));

    private static Task<HttpResponseMessage> Put(IngestionClient program, string alias, string body) =>
        program.Http.PutAsync($"/api/models/aliases/{alias}", new StringContent(body, Encoding.UTF8, "application/json"), Cancellation);

    private static Task<HttpResponseMessage> Patch(IngestionClient program, string body) =>
        program.Http.PatchAsync("/api/models/1", new StringContent(body, Encoding.UTF8, "application/json"), Cancellation);

    private static IEnumerable<int> Versions(JsonElement page) => page.GetProperty("models").EnumerateArray().Select(model => model.GetProperty("version").GetInt32());

    private Task<int> Newest() => site.Database.QueryScalar<int>($"""select max(version) as "Value" from model_versions""");

    private Task<int> Champion() => site.Database.QueryScalar<int>($"""select version as "Value" from alias_assignments where alias = 'champion' and ended_at is null""");
}
