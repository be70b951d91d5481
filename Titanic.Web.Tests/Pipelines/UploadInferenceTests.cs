using System.Net;
using System.Text.Json;
using Titanic.Web.Access;
using Titanic.Web.Tests.Pages;
using static Titanic.Web.Tests.Pipelines.IngestionClient;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Passengers that are sent to the API are predicted at once, and pages tell what training does not use; with real workers.</summary>
public sealed class UploadInferenceTests(ModelSite site) : IClassFixture<ModelSite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Predicts_new_passengers_of_the_API_and_no_others()
    {
        using var client = await Create(site);

        var first = await ReadAccepted(client.PostJson("/api/passengers", Passenger(501)));
        var again = await ReadAccepted(client.PostJson("/api/passengers", Passenger(501)));
        var list = await ReadAccepted(client.PostCsv("/api/passengers?source=upload", Header + "502,1,1,\"Newman, Miss. B\",female,30,80\n"));
        var outcomes = await ReadAccepted(client.PostCsv("/api/outcomes", "PassengerId,Survived\n501,1\n"));

        Assert.All([again, list, outcomes], response => Assert.Equal(JsonValueKind.Null, response.GetProperty("inferenceRunId").ValueKind));
        var run = Number(first, "inferenceRunId");
        await Eventually.True(() => Scalar<bool>(
            $"select exists (select from runs where run_id = {run} and status = 'Succeeded' and trigger = 'Upload' and logical_date = (queued_at at time zone 'UTC')::date)"), "the inference run succeeds");
        Assert.Equal(run, await Scalar<long>("select x.run_id from predictions x join passengers p using (passenger_id) where p.source_key = '501'"));
        Assert.Equal($"Inference run {run} is queued.", await Scalar<string>($"select string_agg(message, '') from run_log where run_id = {Number(first, "runId")}"));
        Assert.Equal("upload", (await Json(client, $"/api/runs/{run}")).GetProperty("trigger").GetString());
    }

    [Fact]
    public async Task Predicts_then_trains_from_the_API_and_shows_the_unused_rows()
    {
        using var sender = await Create(site);
        using var operators = await Create(site, ApiKeyScope.Operate);
        await ReadAccepted(sender.PostCsv("/api/passengers", Header + "511,1,1,\"Newman, Miss. C\",female,31,81\n"));
        await ReadAccepted(sender.PostJson("/api/passengers", Passenger(512)));

        var accepted = await operators.PostJson("/api/pipelines/training/runs", """{"predictFirst": true}""");
        var rejected = await operators.PostJson("/api/pipelines/monitoring/runs", """{"predictFirst": true}""");

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.BadRequest), (accepted.StatusCode, rejected.StatusCode));
        var path = accepted.Headers.Location!.OriginalString;
        await Eventually.True(async () => (await Json(operators, path)).GetProperty("status").GetString() == "succeeded", "the training run succeeds");
        var run = await Json(operators, path);
        Assert.True(run.GetProperty("counts").GetProperty("outcomeUnknown").GetInt32() >= 1);
        Assert.False(run.GetProperty("counts").TryGetProperty("awaitingPrediction", out _));

        var page = await site.Get($"/models/{Number(run.GetProperty("counts"), "version")}");
        Assert.Contains("not known yet", page.Text("#unused-rows"), StringComparison.Ordinal);
        Assert.Null(page.QuerySelector("#predict-then-train"));
        Assert.Contains("not known yet", (await site.Get($"/runs/{Number(run, "runId")}")).Text("#run-status"), StringComparison.Ordinal);
    }

    /// <summary>A passenger without an outcome.</summary>
    private static string Passenger(int id) => $$"""[{"passengerId": {{id}}, "name": "Newman, Miss. {{id}}", "pclass": 1, "sex": "female", "age": 30, "fare": 80}]""";

    private static async Task<JsonElement> Json(IngestionClient client, string path) =>
        JsonSerializer.Deserialize<JsonElement>(await client.Http.GetStringAsync(path, Cancellation));

    private async Task<T> Scalar<T>(string sql)
    {
        await using var command = site.Database.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}

/// <summary>As above, with the setting <c>Schedule:InferenceOnUpload</c> false, so that passengers await a prediction.</summary>
public sealed class WithoutUploadInferenceTests(ScheduledInferenceSite site) : IClassFixture<ScheduledInferenceSite>
{
    [Fact]
    public async Task An_operator_predicts_then_trains_from_the_pages()
    {
        using var sender = await Create(site);
        using var admin = await site.NewAdminClient();

        var sent = await ReadAccepted(sender.PostCsv("/api/passengers", Header + "521,1,1,\"Newman, Miss. E\",female,31,81\n"));
        var upload = await admin.GetPage($"/features/upload?run={Number(sent, "runId")}");

        Assert.Equal(JsonValueKind.Null, sent.GetProperty("inferenceRunId").ValueKind);
        Assert.Equal("1 newer row not used: 1 passenger awaits a prediction.", upload.Text("#upload-result #unused-rows"));
        var response = await admin.SubmitForm(upload, "#predict-then-train", ("predictFirst", "true"));
        var path = response.Headers.Location!.OriginalString;
        await Eventually.True(async () => (await admin.GetPage(path)).Text("#run-status").StartsWith("succeeded Version 2 was trained on 1,310 rows", StringComparison.Ordinal), "version 2 is trained");
        Assert.Equal("All rows are used.", (await admin.GetPage("/models/2")).Text("#unused-rows"));

        await ReadAccepted(sender.PostCsv("/api/passengers", Header + "522,1,1,\"Newman, Miss. F\",female,32,82\n"));
        var training = await admin.SubmitForm(await admin.GetPage("/pipelines"), "[data-pipeline=training] form");
        path = training.Headers.Location!.OriginalString;
        await Eventually.True(async () => (await admin.GetPage(path)).Text("#run-status").EndsWith("1 newer row not used: 1 passenger awaits a prediction.", StringComparison.Ordinal), "the second training run succeeds");
        Assert.NotNull((await admin.GetPage(path)).QuerySelector("#predict-then-train button"));
        Assert.Null((await site.Get(path)).QuerySelector("#predict-then-train"));
    }
}

/// <summary>A site with the bundled list and one model, where uploads queue no inference run.</summary>
public sealed class ScheduledInferenceSite(TestPostgres postgres)
    : TitanicSite(postgres, [("Bootstrap:SimulateDays", "0"), ("Schedule:InferenceOnUpload", "false"), .. TestWorkflow.FastTrainingSettings]);
