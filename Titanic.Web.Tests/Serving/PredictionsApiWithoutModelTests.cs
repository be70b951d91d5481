using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Titanic.Web.Tests.Serving;

[Collection<EmptySiteCollection>]
public sealed class PredictionsApiWithoutModelTests(EmptySite site)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Returns_503_with_a_hint_before_the_first_champion()
    {
        var response = await site.Client.PostAsJsonAsync("/api/predictions", new { pclass = 1, sex = "female" }, Cancellation);

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Contains("There is no champion model yet. Run the training pipeline", problem.GetProperty("detail").GetString());
    }
}
