using System.Net;

namespace Titanic.Web.Tests.Pages;

public sealed class PageMethodsTests(ModelSite site) : IClassFixture<ModelSite>
{
    /// <summary>With a valid antiforgery token; without one the response is 400.</summary>
    [Theory]
    [InlineData("/")]
    [InlineData("/monitoring")]
    [InlineData("/models/1?handler=Unknown")]
    [InlineData("/features/commits/1")]
    public async Task Returns_405_where_a_page_has_no_handler(string path)
    {
        using var admin = await site.NewAdminClient();
        var token = (await admin.GetPage("/pipelines")).QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;

        using var response = await admin.PostAsync(
            path, new FormUrlEncodedContent([new("__RequestVerificationToken", token)]), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }
}
