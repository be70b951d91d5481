using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Registry;

namespace Titanic.Web.Tests.Pages.Predictions;

/// <summary>A site whose champion learned through the numeric view, and what becomes of its answers when its bytes are damaged.</summary>
public sealed class NumericReceiptTests(ModelSite site) : IClassFixture<ModelSite>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_and_API_answer_and_show_through_the_view_of_the_champion()
    {
        await using (var workflow = new TestWorkflow(site.Database))
            await workflow.RegisterNumeric(Verdict.Promote);
        await Eventually.True(async () => (await Answer()).GetProperty("modelVersion").GetInt32() == 2, "version 2 is served");

        var answer = await Answer();
        Assert.Equal("titanic_numeric/1", answer.GetProperty("encoder").GetString());
        Assert.Equal(["1st class", "female", "29 years", "£100"], answer.GetProperty("encoded").EnumerateArray().Select(value => value.GetProperty("meaning").GetString()));
        Assert.False(answer.GetProperty("explanation").GetProperty("change").GetProperty("isExact").GetBoolean());

        var page = await site.Get("/?pclass=1&sex=female&age=&fare=100");
        Assert.Contains("Age counts as 28 years (age unknown) Price counts as £100", page.Text("#answer .facts"), StringComparison.Ordinal);
        Assert.Contains("A missing age counts as 28 years", page.Text(".predict-form details"), StringComparison.Ordinal);
        Assert.Contains("Searched a fixed grid of 3 classes, 2 sexes, 17 ages and 17 fares", page.Text("#explanation"), StringComparison.Ordinal);

        var address = page.QuerySelector("#answer a[href^='/predictions/']")!.GetAttribute("href")!;
        var receipt = await site.Get(address);
        Assert.Equal("As asked, and as the model saw it through titanic_numeric/1", receipt.Text("caption"));
        Assert.Equal(["Age", "unknown", "28 (28 years)"], receipt.Rows("main table:has(caption)")[2]);
        Assert.Equal(page.Text("#explanation"), receipt.Text("#explanation"));

        await using (var workflow = new TestWorkflow(site.Database))
            await workflow.Execute("update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1) where version = 2");
        var damaged = await site.Get(address);
        Assert.Contains("The answer cannot be explained any more: The artifact of titanic_knn version 2 has SHA-256", damaged.Text("main"), StringComparison.Ordinal);
        Assert.Null(damaged.QuerySelector("#explanation"));

        await using (var workflow = new TestWorkflow(site.Database))
            await workflow.Execute($"update predictions set encoded = null, point_code = 999 where prediction_id = {address.Split('/')[^1]}");
        Assert.Equal(["Age", "unknown", "cannot be read"], (await site.Get(address)).Rows("main table:has(caption)")[2]);
        Assert.Equal(HttpStatusCode.Conflict, (await site.Client.GetAsync("/api" + address, Cancelled)).StatusCode);
        var verified = await site.Client.PostAsync($"/api{address}/verify", null, Cancelled);
        Assert.Contains("but point 999 is stored.", await verified.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    private async Task<JsonElement> Answer()
    {
        var answer = await site.Client.PostAsJsonAsync("/api/predictions?explain=true", new { pclass = 1, sex = "female", age = 29, fare = 100 }, Cancelled);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }
}
