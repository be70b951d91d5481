using System.Globalization;
using System.Net;
using System.Text.Json;
using Titanic.Web.Pipelines;
using Titanic.Web.Tests.Pages;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Runs as OpenLineage 2-0-2 events; the required members are taken from its JSON schemas.</summary>
[Collection<FullSiteCollection>]
public sealed class OpenLineageTests(FullSite site)
{
    /// <summary>The facets in use, with the members that their schemas require.</summary>
    private static readonly Dictionary<string, string[]> _required = new()
    {
        ["nominalTime"] = ["nominalStartTime"],
        ["processing_engine"] = ["version"],
        ["errorMessage"] = ["message", "programmingLanguage"],
        ["jobType"] = ["processingType", "integration"],
        ["documentation"] = ["description"],
        ["version"] = ["datasetVersion"],
        ["schema"] = ["fields"],
        ["dataQualityMetrics"] = ["columnMetrics"],
        ["dataQualityAssertions"] = ["assertions"],
        ["outputStatistics"] = ["rowCount"],
        ["columnLineage"] = ["fields"],
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("backfill is not null", "feature", "source/titanic3", "titanic_passengers, outcomes")]
    [InlineData("pipeline = 'feature' and backfill is null", "feature", "source/synthetic", "titanic_passengers, outcomes")]
    [InlineData("pipeline = 'training'", "training", "titanic_passengers, outcomes, training_dataset/titanic_binned_v1", "titanic_knn")]
    [InlineData("pipeline = 'inference'", "inference", "titanic_passengers, titanic_knn", "predictions")]
    [InlineData("pipeline = 'monitoring'", "monitoring", "predictions, outcomes", "daily_performance")]
    public async Task An_event_lists_inputs_and_outputs(string condition, string job, string inputs, string outputs)
    {
        var runEvent = await GetEvent(await NewestRun(condition));

        AssertRunEvent(runEvent);
        Assert.Equal(("COMPLETE", job), (Text(runEvent, "eventType"), Text(runEvent.GetProperty("job"), "name")));
        Assert.Equal((inputs, outputs), (Names(runEvent, "inputs"), Names(runEvent, "outputs")));
    }

    [Fact]
    public async Task Row_counts_versions_and_columns_match_the_database()
    {
        var training = await GetEvent(await NewestRun("pipeline = 'training'"));
        var inference = await GetEvent(await NewestRun("pipeline = 'inference'"));

        var dataset = training.GetProperty("inputs")[2];
        var learned = await site.Database.QueryScalar<string>($"""select sha256 || ' ' || rows || ' ' || survivors as "Value" from training_datasets where run_id = (select max(run_id) from model_versions)""");
        Assert.Equal(learned, string.Join(' ',
            Text(Facet(dataset, "facets", "version"), "datasetVersion"), Facet(dataset, "inputFacets", "dataQualityMetrics").GetProperty("rowCount"),
            Facet(dataset, "inputFacets", "dataQualityMetrics").GetProperty("columnMetrics").GetProperty("survived").GetProperty("sum")));
        Assert.Equal(
            ["pclass", "sex", "age_group", "fare_band", "survived"],
            Facet(dataset, "facets", "schema").GetProperty("fields").EnumerateArray().Select(field => Text(field, "name")));
        var model = await site.Database.QueryScalar<string>($"""select max(version)::text as "Value" from model_versions""");
        Assert.Equal(model, Text(Facet(training.GetProperty("outputs")[0], "facets", "version"), "datasetVersion"));

        var predictions = inference.GetProperty("outputs")[0];
        Assert.Equal(10, Facet(predictions, "outputFacets", "outputStatistics").GetProperty("rowCount").GetInt32());
        var probability = Facet(predictions, "facets", "columnLineage").GetProperty("fields").GetProperty("probability").GetProperty("inputFields");
        Assert.Equal(["pclass", "sex", "age", "fare"], probability.EnumerateArray().Select(field => Text(field, "field")));
        var read = await site.Database.QueryScalar<string>(
            $"""select max(p.commit_id)::text as "Value" from predictions a join passengers p using (passenger_id) where a.run_id = (select max(run_id) from predictions)""");
        Assert.Equal(read, Text(Facet(inference.GetProperty("inputs")[0], "facets", "version"), "datasetVersion"));
    }

    [Fact]
    public async Task The_run_ID_is_a_stable_UUID_that_sorts_by_time()
    {
        var first = Text((await GetEvent(1)).GetProperty("run"), "runId");
        var newest = await NewestRun("status = 'Succeeded'");

        Assert.Equal(first, Text((await GetEvent(1)).GetProperty("run"), "runId"));
        var other = Text((await GetEvent(newest)).GetProperty("run"), "runId");
        Assert.True(string.CompareOrdinal(first, other) < 0, $"{first} was queued before {other}.");
    }

    [Fact]
    public async Task The_start_event_has_the_same_run_ID_and_no_outputs()
    {
        var run = await NewestRun("pipeline = 'inference'");

        var start = await GetEvent(run, "?event=start");

        AssertRunEvent(start);
        Assert.Equal(("START", 0), (Text(start, "eventType"), start.GetProperty("outputs").GetArrayLength()));
        Assert.Equal(Text((await GetEvent(run)).GetProperty("run"), "runId"), Text(start.GetProperty("run"), "runId"));
    }

    [Theory]
    [InlineData("failed", "FAIL")]
    [InlineData("Cancelled", "ABORT")]
    [InlineData("Skipped", "ABORT")]
    [InlineData("Running", "START")]
    [InlineData("Queued", "OTHER")]
    public async Task Each_run_status_has_its_event_type(string status, string type)
    {
        var run = new Run
        {
            Pipeline = PipelineNames.Feature,
            LogicalDate = new DateOnly(2026, 1, 1),
            Status = Enum.Parse<RunStatus>(status, ignoreCase: true),
            CodeVersion = "1.0+a b",
            QueuedAt = DateTimeOffset.UnixEpoch,
            StartedAt = type == "OTHER" ? null : DateTimeOffset.UnixEpoch,
            EndedAt = type is "FAIL" or "ABORT" ? DateTimeOffset.UnixEpoch : null,
            Error = type == "FAIL" ? "an error" : null,
        };
        await using var db = site.Database.NewContext();
        db.Runs.Add(run);
        await db.SaveChangesAsync(Cancellation);
        try
        {
            var runEvent = await GetEvent(run.RunId);

            AssertRunEvent(runEvent);
            Assert.Equal((type, "urn:titanic:1.0%2Ba%20b"), (Text(runEvent, "eventType"), Text(runEvent, "producer")));
            Assert.Equal(type == "FAIL", runEvent.GetProperty("run").GetProperty("facets").TryGetProperty("errorMessage", out _));
        }
        finally
        {
            db.Runs.Remove(run);
            await db.SaveChangesAsync(Cancellation);
        }
    }

    [Fact]
    public async Task Returns_a_problem_for_an_unknown_run_and_an_unknown_event()
    {
        Assert.Equal("There is no run 999999; the page /runs and GET /api/runs list the runs.", Text(await Get("/api/runs/999999/lineage", HttpStatusCode.NotFound), "detail"));
        Assert.Equal("The event is \"end\"; it must be start, or omitted for the run's current state.", Text(await Get("/api/runs/1/lineage?event=end", HttpStatusCode.BadRequest), "detail"));
    }

    [Fact]
    public async Task The_page_of_a_run_links_to_its_event() =>
        Assert.NotNull((await site.Get("/runs/1")).QuerySelector("a[href='/api/runs/1/lineage']"));

    private static void AssertRunEvent(JsonElement runEvent)
    {
        Assert.Contains(Text(runEvent, "eventType"), (string[])["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]);
        Assert.True(
            DateTimeOffset.TryParse(Text(runEvent, "eventTime"), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _));
        Assert.True(Uri.TryCreate(Text(runEvent, "producer"), UriKind.Absolute, out _));
        Assert.Equal("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent", Text(runEvent, "schemaURL"));
        Assert.Equal('7', Guid.Parse(Text(runEvent.GetProperty("run"), "runId")).ToString()[14]);
        AssertNamed(runEvent.GetProperty("job"));
        AssertFacets(runEvent.GetProperty("run"), "facets");
        AssertFacets(runEvent.GetProperty("job"), "facets");
        foreach (var (datasets, own, others) in (ReadOnlySpan<(string, string, string)>)[("inputs", "inputFacets", "outputFacets"), ("outputs", "outputFacets", "inputFacets")])
        {
            foreach (var dataset in runEvent.GetProperty(datasets).EnumerateArray())
            {
                AssertNamed(dataset);
                AssertFacets(dataset, "facets");
                AssertFacets(dataset, own);
                Assert.False(dataset.TryGetProperty(others, out _));
            }
        }
    }

    private static void AssertNamed(JsonElement named)
    {
        Assert.Equal("titanic", Text(named, "namespace"));
        Assert.NotEmpty(Text(named, "name"));
    }

    private static void AssertFacets(JsonElement owner, string member)
    {
        foreach (var facet in owner.GetProperty(member).EnumerateObject())
        {
            Assert.True(Uri.TryCreate(Text(facet.Value, "_producer"), UriKind.Absolute, out _));
            Assert.Matches(@"^https://openlineage\.io/spec/facets/\d-\d-\d/(\w+)\.json#/\$defs/\1$", Text(facet.Value, "_schemaURL"));
            Assert.All(_required[facet.Name], needed => Assert.True(facet.Value.TryGetProperty(needed, out var value) && value.ValueKind != JsonValueKind.Null, $"{facet.Name} has no {needed}."));
        }
    }

    private static string Names(JsonElement runEvent, string datasets) => string.Join(", ", runEvent.GetProperty(datasets).EnumerateArray().Select(dataset => Text(dataset, "name")));

    private static JsonElement Facet(JsonElement owner, string member, string facet) => owner.GetProperty(member).GetProperty(facet);

    private static string Text(JsonElement owner, string member) => owner.GetProperty(member).GetString()!;

    /// <summary>The newest run of the simulated days; other tests run pipelines that have nothing left to do.</summary>
    private async Task<long> NewestRun(string condition)
    {
        await using var command = site.Database.DataSource.CreateCommand($"select max(run_id) from runs where status = 'Succeeded' and trigger = 'Bootstrap' and {condition}");
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private Task<JsonElement> GetEvent(long run, string query = "") => Get($"/api/runs/{run}/lineage{query}", HttpStatusCode.OK);

    private async Task<JsonElement> Get(string path, HttpStatusCode status)
    {
        var response = await site.Client.GetAsync(path, Cancellation);
        Assert.Equal(status, response.StatusCode);
        return JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(Cancellation));
    }
}
