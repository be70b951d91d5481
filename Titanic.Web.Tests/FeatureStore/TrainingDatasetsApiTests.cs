using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parquet;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Tests.Pages;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class TrainingDatasetsApiTests(EmptySite site) : IClassFixture<EmptySite>, IAsyncLifetime
{
    private const string Datasets = "/api/training-datasets";

    private static readonly Passenger[] Three =
    [
        new("9", "Cora", 2, Sex.Female, 5, 30, true),
        new("10", "Bert", 3, Sex.Male, null, null, false),
        new("2", "Anna", 1, Sex.Female, 30, 80, true),
    ];

    private IngestionClient _operator = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _operator = await IngestionClient.Create(site, ApiKeyScope.Operate);
        await Ingest(Three); // inserted for the first test, unchanged for the others
    }

    public ValueTask DisposeAsync()
    {
        _operator.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The digest equals the one in <see cref="TrainingDatasetsTests"/>.</summary>
    [Fact]
    public async Task Defines_shows_lists_and_audits_a_dataset()
    {
        var response = await _operator.Http.PostAsJsonAsync(
            Datasets, new { view = "titanic_binned", sources = new[] { "titanic3" }, knownBefore = "2026-03-02", testShare = 0, salt = "mine" }, Cancellation);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var dataset = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal($"{Datasets}/{Id(dataset)}", response.Headers.Location!.OriginalString);
        Assert.Equal("a61d3e1781f4139faa1cd967128a5fbe627e2ec765dbdf47012bfae880139beb", dataset.GetProperty("sha256").GetString());
        Assert.Equal((3, 2, 0), (dataset.GetProperty("rows").GetInt32(), dataset.GetProperty("survivors").GetInt32(), dataset.GetProperty("heldOutRows").GetInt32()));
        Assert.Equal(("mine", "2026-03-02T00:00:00+00:00"), (dataset.GetProperty("salt").GetString(), dataset.GetProperty("knownBefore").GetString()));
        Assert.Equal(dataset.GetProperty("sha256").GetString(), (await IngestionClient.ReadAccepted(site.Client.GetAsync($"{Datasets}/{Id(dataset)}", Cancellation))).GetProperty("sha256").GetString());
        Assert.Contains(Id(dataset), await Ids($"{Datasets}?limit=200"));
        Assert.InRange(await site.Database.QueryScalar<int>(
            $"""select count(*)::int as "Value" from access.audit_log where what = 'training dataset defined' and details = {"SHA-256 " + dataset.GetProperty("sha256").GetString()} and subject = 'titanic_binned v1 as of commit 1' and who like 'API key a sender%'"""), 1, int.MaxValue);
    }

    [Fact]
    public async Task The_default_cutoff_is_that_of_the_commit()
    {
        var dataset = await Define("1");

        Assert.Equal(
            await site.Database.QueryScalar<DateTime>($"""select committed_at + interval '1 microsecond' as "Value" from commits where commit_id = 1"""),
            dataset.GetProperty("knownBefore").GetDateTimeOffset().UtcDateTime);
        Assert.Equal("""["titanic3","upload","synthetic","api"]""", dataset.GetProperty("sources").GetRawText());
    }

    [Fact]
    public async Task Lists_datasets_page_by_page()
    {
        long[] ids = [Id(await Define("1")), Id(await Define("1")), Id(await Define("1"))];

        var first = await IngestionClient.ReadAccepted(site.Client.GetAsync($"{Datasets}?limit=2", Cancellation));
        var second = await Ids(first.GetProperty("next").GetString()!);

        Assert.Equal([ids[2], ids[1]], first.GetProperty("trainingDatasets").EnumerateArray().Select(Id));
        Assert.Equal(ids[0], second.First());
    }

    [Fact]
    public async Task Downloads_rows_as_CSV_or_Parquet()
    {
        var id = Id(await Define("1"));

        var csv = await site.Client.GetAsync($"{Datasets}/{id}/rows", Cancellation);
        var parquet = await site.Client.GetAsync($"{Datasets}/{id}/rows?format=parquet", Cancellation);

        Assert.Equal(("text/csv; charset=utf-8", $"training-dataset-{id}.csv"), (csv.Content.Headers.ContentType!.ToString(), csv.Content.Headers.ContentDisposition!.FileName));
        var lines = (await csv.Content.ReadAsStringAsync(Cancellation)).TrimEnd('\n').Split('\n');
        Assert.Equal(("source,source_key,pclass,sex,age_group,fare_band,survived,held_out,fold,person_key", 4), (lines[0], lines.Length));
        Assert.StartsWith("titanic3,10,3,0,0,1,0,", lines[1], StringComparison.Ordinal);
        Assert.Equal($"training-dataset-{id}.parquet", parquet.Content.Headers.ContentDisposition!.FileName);
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(await parquet.Content.ReadAsByteArrayAsync(Cancellation)), cancellationToken: Cancellation);
        Assert.Equal(3, reader.OpenRowGroupReader(0).RowCount);
    }

    [Fact]
    public async Task Verifies_a_dataset()
    {
        var dataset = await Define("1");

        var compared = await IngestionClient.ReadAccepted(_operator.Http.PostAsync($"{Datasets}/{Id(dataset)}/verify", null, Cancellation));

        Assert.True(compared.GetProperty("isEqual").GetBoolean());
        Assert.Equal((3, 3), (compared.GetProperty("storedRows").GetInt32(), compared.GetProperty("readRows").GetInt32()));
        Assert.Equal(dataset.GetProperty("sha256").GetString(), compared.GetProperty("readSha256").GetString());
        Assert.True(compared.GetProperty("durationInSeconds").GetDouble() > 0);
    }

    /// <summary>An outcome is flipped without a commit, and restored afterwards.</summary>
    [Fact]
    public async Task Detects_rows_changed_without_a_commit_and_aborts_their_download()
    {
        var id = Id(await Define("1"));
        await FlipOutcome();
        try
        {
            var compared = await IngestionClient.ReadAccepted(_operator.Http.PostAsync($"{Datasets}/{id}/verify", null, Cancellation));

            Assert.False(compared.GetProperty("isEqual").GetBoolean());
            Assert.Equal((2, 1), (compared.GetProperty("storedSurvivors").GetInt32(), compared.GetProperty("readSurvivors").GetInt32()));
            await Assert.ThrowsAsync<HttpRequestException>(() => site.Client.GetStringAsync($"{Datasets}/{id}/rows?format=csv", Cancellation));
            await Assert.ThrowsAsync<HttpRequestException>(() => site.Client.GetByteArrayAsync($"{Datasets}/{id}/rows?format=parquet", Cancellation));
        }
        finally
        {
            await FlipOutcome();
        }
    }

    [Theory]
    [InlineData("""{"view": "titanic_deep"}""", "view", "There is no feature view \"titanic_deep v1\"; there are titanic_binned v1, titanic_numeric v1.")]
    [InlineData("""{"version": 1}""", "view", "The feature view is missing; it must be titanic_binned v1 or titanic_numeric v1.")]
    [InlineData("""{"view": "titanic_binned", "version": 2}""", "view", "There is no feature view \"titanic_binned v2\";")]
    [InlineData("""{"view": "titanic_binned", "asOf": "soon"}""", "asOf", "The point in time is \"soon\"; it must be a commit")]
    [InlineData("""{"view": "titanic_binned", "eventTimeFrom": "today"}""", "eventTimeFrom", "The first event time is \"today\"; it must be a date such as 2026-11-23 (its start in UTC)")]
    [InlineData("""{"view": "titanic_binned", "knownBefore": "2026-02-30"}""", "knownBefore", "The label cutoff is \"2026-02-30\"; it must be a date such as 2026-11-23 (its start in UTC)")]
    [InlineData("""{"view": "titanic_binned", "sources": []}""", "sources", "The source is missing; it must be one or more of")]
    [InlineData("""{"view": "titanic_binned", "sources": ["kaggle"]}""", "sources", "There is no source \"kaggle\"; there are titanic3")]
    [InlineData("""{"view": "titanic_binned", "sources": [null]}""", "sources", "There is no source \"\"; there are titanic3")]
    [InlineData("""{"view": "titanic_binned", "testShare": 1}""", "testShare", "The hold-out share is 1; it must be at least 0 and less than 1.")]
    [InlineData("""{"view": "titanic_binned", "salt": "a\u0000b"}""", "salt", "The salt has 3 characters; it must have at most 100 and no control characters.")]
    public async Task Returns_400_with_one_message_per_invalid_field(string json, string field, string message)
    {
        var problem = await IngestionClient.ReadProblem(_operator.Http.PostAsync(Datasets, new StringContent(json, new MediaTypeHeaderValue("application/json")), Cancellation), HttpStatusCode.BadRequest);

        Assert.StartsWith(message, problem.GetProperty("errors").GetProperty(field)[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Returns_400_for_an_unknown_field()
    {
        var problem = await IngestionClient.ReadProblem(_operator.Http.PostAsJsonAsync(Datasets, new { view = "titanic_binned", tastShare = 0.1 }, Cancellation), HttpStatusCode.BadRequest);

        Assert.Contains("tastShare", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Returns_422_if_no_labeled_row_is_selected()
    {
        var problem = await IngestionClient.ReadProblem(_operator.Http.PostAsJsonAsync(Datasets, new { view = "titanic_binned", knownBefore = "1900-01-01" }, Cancellation), HttpStatusCode.UnprocessableEntity);

        Assert.StartsWith("No labeled passenger from titanic3, upload, synthetic, api is known before 1900-01-01", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requires_the_operate_scope_for_defining_and_verifying()
    {
        var id = Id(await Define("1"));
        using var predictor = await IngestionClient.Create(site, ApiKeyScope.Predict);

        foreach (var path in (string[])[Datasets, $"{Datasets}/{id}/verify"])
        {
            await IngestionClient.ReadProblem(site.Client.PostAsJsonAsync(path, new { view = "titanic_binned" }, Cancellation), HttpStatusCode.Unauthorized);
            await IngestionClient.ReadProblem(predictor.Http.PostAsJsonAsync(path, new { view = "titanic_binned" }, Cancellation), HttpStatusCode.Forbidden);
        }
    }

    [Theory]
    [InlineData("/api/training-datasets/987654", HttpStatusCode.NotFound, "There is no training dataset 987654; the page /features/datasets and GET /api/training-datasets list the training datasets.")]
    [InlineData("/api/training-datasets/987654/rows", HttpStatusCode.NotFound, "There is no training dataset 987654; the page /features/datasets and GET /api/training-datasets list the training datasets.")]
    [InlineData("/api/training-datasets?limit=0", HttpStatusCode.BadRequest, "The parameter limit is \"0\"; it must be a whole number between 1 and 200.")]
    [InlineData("/api/training-datasets/{id}/rows?format=xml", HttpStatusCode.BadRequest, "The format is \"xml\"; it must be csv or parquet.")]
    public async Task Returns_a_problem_for_unknown_ids_and_invalid_parameters(string path, HttpStatusCode status, string message)
    {
        var id = Id(await Define("1"));

        var problem = await IngestionClient.ReadProblem(site.Client.GetAsync(path.Replace("{id}", $"{id}", StringComparison.Ordinal), Cancellation), status);

        Assert.Equal(message, problem.GetProperty("detail").GetString());
    }

    private static long Id(JsonElement dataset) => dataset.GetProperty("id").GetInt64();

    private async Task<JsonElement> Define(string asOf)
    {
        var response = await _operator.Http.PostAsJsonAsync(Datasets, new { view = "titanic_binned", version = 1, asOf }, Cancellation);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    private async Task<IEnumerable<long>> Ids(string path) =>
        (await IngestionClient.ReadAccepted(site.Client.GetAsync(path, Cancellation))).GetProperty("trainingDatasets").EnumerateArray().Select(Id);

    private async Task FlipOutcome()
    {
        await using var command = site.Database.DataSource.CreateCommand("update outcomes set survived = not survived where passenger_id = (select passenger_id from passengers where source_key = '2')");
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private async Task Ingest(IReadOnlyList<Passenger> passengers)
    {
        await using var scope = site.Services.CreateAsyncScope();
        var start = FeatureReader.StartOf(TestWorkflow.FirstDay);
        await scope.ServiceProvider.GetRequiredService<Ingestion>().Ingest(
            PassengerBatch.FromPassengers(PassengerSources.Titanic3, "a test", start, start, passengers), new Provenance(null, "test"), Cancellation);
    }
}
