using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Access;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Lifecycle;

public sealed class ReproductionsApiTests(FullSite site) : IClassFixture<FullSite>, IAsyncLifetime
{
    private const string FirstVersionUrl = "/api/models/1/reproductions";

    private IngestionClient _operator = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _operator = await IngestionClient.Create(site, ApiKeyScope.Operate);

    public ValueTask DisposeAsync()
    {
        _operator.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("1")]
    [InlineData("champion")]
    public async Task Reproduces_a_version_by_number_or_alias_and_stores_the_result(string version)
    {
        var response = await _operator.Http.PostAsync($"/api/models/{version}/reproductions", null, Cancellation);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var made = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(("reproduced", "titanic_knn"), (IngestionClient.Text(made, "verdict"), IngestionClient.Text(made, "model")));
        Assert.Equal(IngestionClient.Text(made, "registeredSha256"), IngestionClient.Text(made, "reproducedSha256"));
        Assert.StartsWith("API key a sender", IngestionClient.Text(made, "askedBy"), StringComparison.Ordinal);
        Assert.Matches("^[a-z]+-[a-z0-9]+$", IngestionClient.Text(made, "platform"));
        var stored = await IngestionClient.ReadAccepted(site.Client.GetAsync(response.Headers.Location, Cancellation));
        Assert.Equal((IngestionClient.Text(made, "summary"), 0), (IngestionClient.Text(stored, "summary"), stored.GetProperty("differences").GetArrayLength()));
    }

    [Fact]
    public async Task Lists_reproductions_in_pages()
    {
        List<long> made = [];
        for (var time = 0; time < 3; time++)
            made.Add(Id(await (await _operator.Http.PostAsync(FirstVersionUrl, null, Cancellation)).Content.ReadFromJsonAsync<JsonElement>(Cancellation)));

        var first = await IngestionClient.ReadAccepted(site.Client.GetAsync($"{FirstVersionUrl}?limit=2", Cancellation));
        var second = await IngestionClient.ReadAccepted(site.Client.GetAsync(IngestionClient.Text(first, "next"), Cancellation));

        Assert.Equal([made[2], made[1]], first.GetProperty("reproductions").EnumerateArray().Select(Id));
        Assert.Equal(made[0], second.GetProperty("reproductions").EnumerateArray().Select(Id).First());
    }

    [Fact]
    public async Task Reading_is_public_and_reproducing_requires_an_operator()
    {
        using var predictor = await IngestionClient.Create(site, ApiKeyScope.Predict);

        await IngestionClient.ReadProblem(site.Client.PostAsync(FirstVersionUrl, null, Cancellation), HttpStatusCode.Unauthorized);
        await IngestionClient.ReadProblem(predictor.Http.PostAsync(FirstVersionUrl, null, Cancellation), HttpStatusCode.Forbidden);
        using var admin = await site.NewAdminClient();
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PostAsync(FirstVersionUrl, null, Cancellation)).StatusCode); // a cookie without antiforgery token
        await IngestionClient.ReadAccepted(site.Client.GetAsync(FirstVersionUrl, Cancellation));
    }

    [Theory]
    [InlineData("/api/models/99/reproductions", HttpStatusCode.NotFound, "There is no version 99 of titanic_knn; the page /models and GET /api/models list the versions.")]
    [InlineData("/api/models/-1/reproductions", HttpStatusCode.NotFound, "There is no version or alias \"-1\"")]
    [InlineData("/api/models/99999999999/reproductions", HttpStatusCode.NotFound, "There is no version 99999999999 of titanic_knn")]
    [InlineData("/api/models/a%0Ab/reproductions", HttpStatusCode.NotFound, "There is no version or alias \"a\\nb\"")]
    [InlineData("/api/models/1/reproductions/987654", HttpStatusCode.NotFound, "Version 1 has no reproduction 987654.")]
    [InlineData("/api/models/1/reproductions?limit=0", HttpStatusCode.BadRequest, "The parameter limit is \"0\"; it must be a whole number between 1 and 200.")]
    public async Task Returns_a_problem_for_unknown_resources_and_invalid_limits(string path, HttpStatusCode status, string message)
    {
        var problem = await IngestionClient.ReadProblem(site.Client.GetAsync(path, Cancellation), status);

        Assert.StartsWith(message, IngestionClient.Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Returns_404_when_reproducing_an_unknown_version() =>
        await IngestionClient.ReadProblem(_operator.Http.PostAsync("/api/models/99/reproductions", null, Cancellation), HttpStatusCode.NotFound);

    private static long Id(JsonElement result) => result.GetProperty("id").GetInt64();
}
