using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Pages.Predictions;

/// <summary>A champion trained on the numeric feature view, and its predictions after its bytes are corrupted.</summary>
public sealed class NumericReceiptTests(ModelSite site) : IClassFixture<ModelSite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_and_API_use_the_feature_view_of_the_champion_and_report_corrupt_bytes()
    {
        await using (var workflow = new TestWorkflow(site.Database))
            await workflow.RegisterNumeric(Verdict.Promote);
        await Eventually.True(async () => (await Predict()).GetProperty("modelVersion").GetInt32() == 2, "version 2 is served");

        var prediction = await Predict();
        Assert.Equal("titanic_numeric/1", prediction.GetProperty("encoder").GetString());
        Assert.Equal(["1st class", "female", "29 years", "£100"], prediction.GetProperty("encoded").EnumerateArray().Select(value => value.GetProperty("meaning").GetString()));
        Assert.False(prediction.GetProperty("explanation").GetProperty("change").GetProperty("isExact").GetBoolean());

        var page = await site.Get("/?pclass=1&sex=female&age=&fare=100");
        Assert.Contains("Encoded age 28 years (age unknown) Encoded fare £100", page.Text("#prediction .facts"), StringComparison.Ordinal);
        Assert.Contains("A missing age is replaced by 28 years", page.Text(".predict-form details"), StringComparison.Ordinal);
        Assert.Contains(
            "Searched a fixed grid of 3 classes, 2 sexes, 17 ages and 17 fares", page.Text("#explanation"), StringComparison.Ordinal);

        var address = page.QuerySelector("#prediction a[href^='/predictions/']")!.GetAttribute("href")!;
        var receipt = await site.Get(address);
        Assert.Equal("Values as received and as encoded by titanic_numeric v1", receipt.Text("caption"));
        Assert.Equal(["Age", "unknown", "28 (28 years)"], receipt.Rows("main table:has(caption)")[2]);
        Assert.Equal(page.Text("#explanation"), receipt.Text("#explanation"));

        await using (var workflow = new TestWorkflow(site.Database))
            await workflow.Execute("update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1) where version = 2");
        var corrupt = await site.Get(address);
        Assert.Contains("The explanation is not available: The artifact of titanic_knn version 2 has SHA-256", corrupt.Text("main"), StringComparison.Ordinal);
        Assert.Null(corrupt.QuerySelector("#explanation"));

        await using (var workflow = new TestWorkflow(site.Database))
            await workflow.Execute($"update predictions set encoded = null, point_code = 999 where prediction_id = {address.Split('/')[^1]}");
        Assert.Equal(["Age", "unknown", "not readable"], (await site.Get(address)).Rows("main table:has(caption)")[2]);
        Assert.Equal(HttpStatusCode.Conflict, (await site.Client.GetAsync("/api" + address, Cancellation)).StatusCode);
        var verified = await site.Client.PostAsync($"/api{address}/verify", null, Cancellation);
        Assert.Contains("but point 999 is stored.", await verified.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private async Task<JsonElement> Predict()
    {
        var response = await site.Client.PostAsJsonAsync("/api/predictions?explain=true", new { pclass = 1, sex = "female", age = 29, fare = 100 }, Cancellation);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }
}
