using System.Net;
using System.Text.Json;
using Titanic.Web.Tests.Pages;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>Passengers, commits and changes over HTTP, with the bundled dataset and three days of the stream.</summary>
[Collection(SharedSites.Name)]
public sealed class HistoryApiTests(FullSite full, EmptySite empty)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Returns_all_passengers_of_a_commit_page_by_page()
    {
        var keys = new List<string>();
        var next = "/api/passengers?asOf=1&limit=500";
        while (next is not null)
        {
            var page = await Get(next);
            Assert.Equal(1, page.GetProperty("asOfCommitId").GetInt64());
            keys.AddRange(page.GetProperty("passengers").EnumerateArray().Select(passenger => IngestionClient.Text(passenger, "key")));
            next = page.GetProperty("next").GetString();
        }

        Assert.Equal(Enumerable.Range(1, 1309).Select(id => $"{id}").Order(StringComparer.Ordinal), keys);
    }

    [Fact]
    public async Task Returns_a_passenger_with_all_versions()
    {
        var response = await Get("/api/passengers/titanic3/1");

        var passenger = response.GetProperty("passenger");
        Assert.Equal(("titanic3", "1", "female", 1), (IngestionClient.Text(passenger, "source"), IngestionClient.Text(passenger, "key"), IngestionClient.Text(passenger, "sex"), IngestionClient.Number(passenger, "pclass")));
        Assert.True(passenger.GetProperty("survived").GetBoolean());
        Assert.Equal((1, 1), (response.GetProperty("versions").GetArrayLength(), response.GetProperty("outcomes").GetArrayLength()));
    }

    [Fact]
    public async Task Lists_commits_newest_first_with_Hopsworks_names()
    {
        var newest = (await Get("/api/commits?limit=1")).GetProperty("commits")[0];
        var first = await Get("/api/commits/1");
        var older = await Get($"/api/commits?before={newest.GetProperty("commitId")}&limit=2");

        Assert.True(newest.GetProperty("commitId").GetInt64() > 3);
        Assert.All(older.GetProperty("commits").EnumerateArray(), commit => Assert.True(commit.GetProperty("commitId").GetInt64() < newest.GetProperty("commitId").GetInt64()));
        Assert.Equal((1309, 0, 0), (IngestionClient.Number(first, "rowsInserted"), IngestionClient.Number(first, "rowsUpdated"), IngestionClient.Number(first, "rowsDeleted")));
        Assert.True(first.GetProperty("commitTime").GetDateTimeOffset() <= newest.GetProperty("commitTime").GetDateTimeOffset());
        var changes = await Get("/api/commits/1/changes?limit=2");
        Assert.Equal(["inserted", "inserted"], changes.GetProperty("changes").EnumerateArray().Select(change => IngestionClient.Text(change, "kind")));
        Assert.Equal("/api/commits/1/changes?after=2&limit=2", IngestionClient.Text(changes, "next"));
    }

    [Theory]
    [InlineData("/api/passengers?asOf=99999", HttpStatusCode.BadRequest, "There is no commit 99999; commits go from 1")]
    [InlineData("/api/passengers?asOf=yesterday", HttpStatusCode.BadRequest, "The point in time is \"yesterday\"; it must be a commit")]
    [InlineData("/api/passengers?source=moon", HttpStatusCode.BadRequest, "There is no source \"moon\"; there are titanic3, upload, synthetic, api.")]
    [InlineData("/api/passengers?after=x", HttpStatusCode.BadRequest, "The parameter after is \"x\"; it must be source/key")]
    [InlineData("/api/passengers?after=api/%00", HttpStatusCode.BadRequest, "The parameter after is \"api/\\u0000\"; it must be source/key")]
    [InlineData("/api/passengers?limit=1001", HttpStatusCode.BadRequest, "The parameter limit is \"1001\"; it must be a whole number between 1 and 1,000.")]
    [InlineData("/api/passengers/titanic3/1?asOf=x", HttpStatusCode.BadRequest, "The point in time is \"x\"")]
    [InlineData("/api/passengers/titanic3/4711", HttpStatusCode.NotFound, "There is no passenger \"titanic3/4711\"; the page /features/passengers and GET /api/passengers list the passengers.")]
    [InlineData("/api/commits?limit=0", HttpStatusCode.BadRequest, "The parameter limit is \"0\"; it must be a whole number between 1 and 1,000.")]
    [InlineData("/api/commits/99999", HttpStatusCode.NotFound, "There is no commit 99999; the page /features and GET /api/commits list the commits.")]
    [InlineData("/api/commits/99999/changes", HttpStatusCode.NotFound, "There is no commit 99999; the page /features and GET /api/commits list the commits.")]
    public async Task Returns_a_problem_for_unknown_ids_and_invalid_parameters(string path, HttpStatusCode status, string message)
    {
        var problem = await IngestionClient.ReadProblem(full.Client.GetAsync(path, Cancellation), status);

        Assert.StartsWith(message, IngestionClient.Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Returns_400_for_an_empty_store()
    {
        var problem = await IngestionClient.ReadProblem(empty.Client.GetAsync("/api/passengers", Cancellation), HttpStatusCode.BadRequest);

        Assert.Equal("There is no commit; the store is empty.", IngestionClient.Text(problem, "detail"));
    }

    private Task<JsonElement> Get(string path) => IngestionClient.ReadAccepted(full.Client.GetAsync(path, Cancellation));
}
