using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Access;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Pages.Predictions;

/// <summary>Lineage and verification of a receipt, on the page and through the API.</summary>
[Collection<FullSiteCollection>]
public sealed class ReceiptVerificationTests(FullSite full)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_link_of_the_lineage_leads_to_a_page()
    {
        var page = await full.Get($"/predictions/{await FindStreamPrediction()}");

        var lineage = page.QuerySelector("#lineage")!;
        Assert.Equal(["Inputs", "Encoding", "Model version", "Training dataset", "Commits", "Runs", "Code"], lineage.QuerySelectorAll("h3").Select(PageReading.NormalizedText));
        var links = lineage.QuerySelectorAll("a").Select(link => link.GetAttribute("href")!.Split('#')[0]).ToList();
        foreach (var start in (string[])["/features/passengers/synthetic/", "/features/commits/", "/models/", "/features/datasets/", "/runs/"])
            Assert.Contains(links, link => link.StartsWith(start, StringComparison.Ordinal));
        foreach (var link in links.Distinct())
            await full.Get(link);
    }

    [Fact]
    public async Task The_API_returns_the_same_lineage()
    {
        var id = await FindStreamPrediction();

        var lineage = (await full.Client.GetFromJsonAsync<JsonElement>($"/api/predictions/{id}", Cancellation)).GetProperty("lineage");

        var expected = await full.Database.QueryScalar<string>(
            $"""
            select concat_ws(' ', p.commit_id, o.commit_id, v.version, v.artifact_sha256, d.training_dataset_id, d.sha256, d.as_of_commit_id) as "Value"
            from predictions a
            join passengers p on p.passenger_id = a.passenger_id and p.superseded_by is null
            join outcomes o on o.passenger_id = a.passenger_id and o.superseded_by is null
            join model_versions v on v.version = a.model_version
            join training_datasets d using (training_dataset_id)
            where a.prediction_id = {id}
            """);
        Assert.Equal(expected, string.Join(' ',
            At("passenger", "commit", "commitId"), At("outcome", "commit", "commitId"), At("model", "version"), At("model", "artifactSha256"),
            At("trainingDataset", "id"), At("trainingDataset", "sha256"), At("trainingDataset", "asOf", "commitId")));
        Assert.Contains(
            "made the prediction", lineage.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("did").GetString()));

        JsonElement At(params string[] path) => path.Aggregate(lineage, (element, name) => element.GetProperty(name));
    }

    [Fact]
    public async Task Verification_is_public_and_works_without_scripts()
    {
        using var visitor = full.NewClient();

        var page = await (await visitor.SubmitForm(await visitor.GetPage($"/predictions/{await FindStreamPrediction()}"), "#verification form")).ReadPage();

        Assert.Equal("Valid: 10 checks passed, 2 not made.", page.Text("#verdict strong"));
        Assert.Equal(10, page.QuerySelectorAll("[data-result=passed]").Length);
        Assert.Equal(2, page.QuerySelectorAll("[data-result='not run']").Length);
    }

    [Fact]
    public async Task Verification_by_the_administrator_reads_the_training_rows()
    {
        using var admin = await full.NewAdminClient();

        var page = await (await admin.SubmitForm(await admin.GetPage($"/predictions/{await FindStreamPrediction()}"), "#verification form")).ReadPage();

        Assert.Equal("Valid: all 12 checks passed.", page.Text("#verdict strong"));
    }

    [Fact]
    public async Task The_API_verifies_according_to_the_scope_of_the_caller()
    {
        var id = await FindStreamPrediction();
        using var operating = await IngestionClient.Create(full, ApiKeyScope.Operate);

        var visitor = await Verify(full.Client, id);
        var operators = await Verify(operating.Http, id);

        Assert.Equal((true, false), (visitor.GetProperty("isSound").GetBoolean(), visitor.GetProperty("isComplete").GetBoolean()));
        Assert.Equal("Valid: all 12 checks passed.", operators.GetProperty("verdict").GetString());
        Assert.Equal(["dataset", "outcome"], visitor.GetProperty("checks").EnumerateArray().Where(check => check.GetProperty("result").GetString() == "notMade").Select(check => check.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Returns_404_for_an_unknown_prediction() =>
        Assert.Equal(
            HttpStatusCode.NotFound, (await full.Client.PostAsync("/api/predictions/999999999/verify", null, Cancellation)).StatusCode);

    [Theory]
    [InlineData("source=nonsense", "The parameter source is \"nonsense\"; it must be batch, ui or api.")]
    [InlineData("outcome=maybe", "it must be TN, FP, FN, TP, right, wrong, known or unknown.")]
    [InlineData("from=23.11.2026", "it must be a date such as 2026-11-23.")]
    [InlineData("from=2026-11-23&to=2026-11-22", "The last day 2026-11-22 is before the first day 2026-11-23.")]
    [InlineData("version=0", "The parameter version is \"0\"; it must be a whole number between 1 and 2,147,483,647.")]
    [InlineData("live=perhaps", "it must be true or false.")]
    [InlineData("before=x", "The parameter before is \"x\"; it must be a whole number.")]
    [InlineData("run=1'%20or%20true", "it must be a whole number of at least 1.")]
    public async Task Rejects_invalid_filter_parameters(string query, string message) =>
        Assert.Contains(
            message, (await full.Get($"/predictions?{query}", HttpStatusCode.BadRequest)).Text("[role=alert]"), StringComparison.Ordinal);

    private async Task<JsonElement> Verify(HttpClient client, long id)
    {
        var response = await client.PostAsync($"/api/predictions/{id}/verify", null, Cancellation);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    /// <summary>The first prediction of the first day, whose outcome is in a later training dataset.</summary>
    private Task<long> FindStreamPrediction() => full.Database.QueryScalar<long>($"""select min(prediction_id) as "Value" from predictions where passenger_id is not null""");
}
