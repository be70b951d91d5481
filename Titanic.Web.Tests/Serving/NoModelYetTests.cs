using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Titanic.Web.Tests.Serving;

[Collection<OneEmptySite>]
public sealed class NoModelYetTests(EmptySite site)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_before_the_first_model_is_answered_with_503_and_what_to_do()
    {
        var answer = await site.Client.PostAsJsonAsync("/api/predictions", new { pclass = 1, sex = "female" }, Cancellation);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Contains("No model is in service yet. Train one first", problem.GetProperty("detail").GetString());
    }
}
