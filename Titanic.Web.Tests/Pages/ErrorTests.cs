using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Titanic.Web.Tests.Pages;

[Collection<EmptySiteCollection>]
public sealed class ErrorTests(EmptySite site)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", HttpStatusCode.NotFound, "Page not found")]
    [InlineData("POST", HttpStatusCode.NotFound, "Page not found")]
    [InlineData("DELETE", HttpStatusCode.NotFound, "Page not found")]
    public async Task Returns_an_error_page_for_an_unknown_path(string method, HttpStatusCode status, string title)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/no/such/page");

        var response = await site.Client.SendAsync(request, Cancellation);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(title, (await TitanicSite.ParsePage(response)).QuerySelector("h1")?.TextContent);
    }

    [Theory]
    [InlineData("/runs/987654", "There is no run 987654; the page /runs and GET /api/runs list the runs.")]
    [InlineData("/models/987", "There is no version 987 of titanic_knn; the page /models and GET /api/models list the versions.")]
    public async Task Shows_what_does_not_exist_and_where_the_others_are_listed(string path, string message) =>
        Assert.Equal(message, (await site.Get(path, HttpStatusCode.NotFound)).QuerySelector("main .lead")?.TextContent);

    [Fact]
    public async Task Returns_problem_details_for_an_unknown_API_path()
    {
        var response = await site.Client.GetAsync("/api/no/such/thing", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Sets_security_headers_on_API_errors()
    {
        var response = await site.Client.PostAsync("/api/predictions", new StringContent("{", null, "application/json"), Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.StartsWith(
            "default-src 'none';", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explains_how_to_recover_from_a_missing_antiforgery_token()
    {
        var response = await site.Client.PostAsync("/login", new FormUrlEncodedContent([new("Email", "a@b.c")]), Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(
            "send the form again", (await TitanicSite.ParsePage(response)).QuerySelector("main")?.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Returns_404_when_the_error_page_is_requested_directly() =>
        Assert.Equal("Page not found", (await site.Get("/error", HttpStatusCode.NotFound)).QuerySelector("h1")?.TextContent);

    [Fact]
    public async Task Shows_the_error_page_when_the_signed_in_user_cannot_be_loaded()
    {
        using var admin = await site.NewAdminClient();
        await using var db = site.Database.NewContext();
        await db.Database.ExecuteSqlAsync($"alter table access.users rename to hidden", Cancellation);
        try
        {
            var response = await admin.GetAsync("/login", Cancellation);

            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            Assert.Equal("Internal server error", (await TitanicSite.ParsePage(response)).QuerySelector("h1")?.TextContent);
            Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"alter table access.hidden rename to users", Cancellation);
        }
    }

    [Fact]
    public async Task Shows_the_request_ID_and_no_internal_details()
    {
        await using var db = site.Database.NewContext();
        await db.Database.ExecuteSqlAsync($"alter table predictions rename to hidden", Cancellation);
        try
        {
            var page = await site.Get("/predictions", HttpStatusCode.InternalServerError);

            Assert.Equal("Internal server error", page.QuerySelector("h1")?.TextContent);
            Assert.NotEqual("", page.QuerySelector("main code")?.TextContent);
            Assert.DoesNotContain("Npgsql", page.DocumentElement.OuterHtml, StringComparison.Ordinal);
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"alter table hidden rename to predictions", Cancellation);
        }
    }
}
