using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Titanic.Web.Tests.Pages;

[Collection<OneEmptySite>]
public sealed class ErrorTests(EmptySite site)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", HttpStatusCode.NotFound, "There is no such page")]
    [InlineData("POST", HttpStatusCode.MethodNotAllowed, "This page cannot be used that way")]
    [InlineData("DELETE", HttpStatusCode.MethodNotAllowed, "This page cannot be used that way")]
    public async Task Tells_people_in_a_page_that_there_is_nothing_here(string method, HttpStatusCode status, string title)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/no/such/page");

        var answer = await site.Client.SendAsync(request, Cancelled);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(title, (await TitanicSite.Page(answer)).QuerySelector("h1")?.TextContent);
    }

    [Fact]
    public async Task Leaves_programs_their_own_language()
    {
        var answer = await site.Client.GetAsync("/api/no/such/thing", Cancelled);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Guards_what_programs_are_told_like_any_other_answer()
    {
        var answer = await site.Client.PostAsync("/api/predictions", new StringContent("{", null, "application/json"), Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.StartsWith("default-src 'none';", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tells_what_to_do_when_a_form_comes_without_its_token()
    {
        var answer = await site.Client.PostAsync("/login", new FormUrlEncodedContent([new("Email", "a@b.c")]), Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("send the form again", (await TitanicSite.Page(answer)).QuerySelector("main")?.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_a_page_that_was_not_asked_for_when_somebody_types_its_address() =>
        Assert.Equal("There is no such page", (await site.Get("/error", HttpStatusCode.NotFound)).QuerySelector("h1")?.TextContent);

    [Fact]
    public async Task Is_shown_as_well_where_it_cannot_be_found_out_who_is_asking()
    {
        using var admin = await site.NewAdminClient();
        await using var db = site.Database.NewContext();
        await db.Database.ExecuteSqlAsync($"alter table access.users rename to hidden", Cancelled);
        try
        {
            var answer = await admin.GetAsync("/login", Cancelled);

            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
            Assert.Equal("Something went wrong on our side", (await TitanicSite.Page(answer)).QuerySelector("h1")?.TextContent);
            Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"alter table access.hidden rename to users", Cancelled);
        }
    }

    [Fact]
    public async Task Gives_a_number_that_finds_the_failure_in_the_log_and_nothing_about_its_inside()
    {
        await using var db = site.Database.NewContext();
        await db.Database.ExecuteSqlAsync($"alter table predictions rename to hidden", Cancelled);
        try
        {
            var page = await site.Get("/predictions", HttpStatusCode.InternalServerError);

            Assert.Equal("Something went wrong on our side", page.QuerySelector("h1")?.TextContent);
            Assert.NotEqual("", page.QuerySelector("main code")?.TextContent);
            Assert.DoesNotContain("Npgsql", page.DocumentElement.OuterHtml, StringComparison.Ordinal);
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"alter table hidden rename to predictions", Cancelled);
        }
    }
}
