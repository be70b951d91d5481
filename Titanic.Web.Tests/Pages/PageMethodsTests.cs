using System.Net;

namespace Titanic.Web.Tests.Pages;

public sealed class PageMethodsTests(ModelSite site) : IClassFixture<ModelSite>
{
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

    [Theory]
    [InlineData("PUT", "/pipelines", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/models", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "/monitoring", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "/pipelines", HttpStatusCode.BadRequest)]
    public async Task Returns_405_for_a_wrong_method_without_an_antiforgery_token(string method, string path, HttpStatusCode status)
    {
        using var client = site.NewClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, response.StatusCode);
    }
}
