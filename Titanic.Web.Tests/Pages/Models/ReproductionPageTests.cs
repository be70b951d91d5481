using System.Net;
using System.Text.RegularExpressions;
using AngleSharp.Dom;

namespace Titanic.Web.Tests.Pages.Models;

/// <summary>The reproduction of a version on its page, and its result on every page.</summary>
public sealed class ReproductionPageTests(FullSite site, PageChecks looks) : IClassFixture<FullSite>, IClassFixture<PageChecks>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_button_reproduces_a_version_and_every_page_shows_the_result()
    {
        var champion = await site.Database.QueryScalar<int>($"""select version as "Value" from alias_assignments where alias = 'champion' and ended_at is null""");
        Assert.Equal("Reproducibility: not checked yet", (await site.Get("/monitoring")).Text("#champion-reproduction .badge"));
        using var admin = await site.NewAdminClient();

        var reproduced = await Reproduce(admin, champion);

        Assert.Equal((HttpStatusCode.Redirect, $"/models/{champion}#reproduction"), (reproduced.StatusCode, reproduced.Headers.Location!.OriginalString));
        var page = await site.Get($"/models/{champion}");
        Assert.StartsWith($"Version {champion} is reproduced: ", page.Text("#reproduction-result"), StringComparison.Ordinal);
        Assert.Matches(@"^reproduced [0-9-]+ [0-9:]+ UTC on \w+-\w+, same bytes$", page.Text("#reproduction-badge"));
        Assert.Equal(TitanicSite.AdminEmail, page.Rows("#reproductions")[0][2]);
        Assert.Equal(page.Text("#reproduction-badge"), (await site.Get("/monitoring")).Text("#champion-reproduction .badge"));
        Assert.Equal( // lists have no seconds
            Regex.Replace(page.Text("#reproduction-badge"), ":[0-9]{2} UTC", " UTC"), (await site.Get("/models")).Text($"[data-reproduction='{champion}']"));
        await looks.Check(site, $"/models/{champion}", "reproduced");
        await looks.Check(site, "/models", "models-reproduced");
    }

    [Fact]
    public async Task Shows_every_difference()
    {
        await Execute("update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1) where version = 2");
        using var admin = await site.NewAdminClient();

        await Reproduce(admin, 2);

        var page = await site.Get("/models/2");
        Assert.StartsWith("Version 2 differs: the stored model. The retrained bytes have the registered SHA-256, the stored bytes do not:", page.Text("#reproduction-result"), StringComparison.Ordinal);
        Assert.Matches("^differs, checked [0-9-]+ [0-9:]+ UTC on ", page.Text("#reproduction-badge"));
        await looks.Check(site, "/models/2", "reproduction-differs");
    }

    [Fact]
    public async Task Redirects_a_visitor_to_the_sign_in_page_and_reproduces_nothing()
    {
        var page = await site.Get("/models/1");
        Assert.Null(page.QuerySelector("form[action*=Reproduce]"));
        Assert.NotNull(page.QuerySelector("a[href='/login?returnUrl=/models/1']"));
        using var visitor = site.NewClient();
        var token = (await Page(visitor, "/login")).QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;

        var response = await visitor.PostAsync("/models/1?handler=Reproduce", new FormUrlEncodedContent([new("__RequestVerificationToken", token)]), Cancellation);

        Assert.Equal(("/login", HttpStatusCode.Redirect), (response.Headers.Location?.AbsolutePath, response.StatusCode));
        Assert.Equal(0, await site.Database.QueryScalar<int>($"""select count(*)::int as "Value" from reproductions where version = 1"""));
    }

    [Fact]
    public async Task Returns_404_for_an_unknown_version()
    {
        using var admin = await site.NewAdminClient();
        var token = (await Page(admin, "/models/1")).QuerySelector("form[action*=Reproduce] input[name=__RequestVerificationToken]")!.GetAttribute("value")!;

        var response = await admin.PostAsync("/models/999?handler=Reproduce", new FormUrlEncodedContent([new("__RequestVerificationToken", token)]), Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static async Task<HttpResponseMessage> Reproduce(HttpClient client, int version)
    {
        var form = (await Page(client, $"/models/{version}")).QuerySelector("form[action*=Reproduce]")!;
        var token = form.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        return await client.PostAsync(form.GetAttribute("action"), new FormUrlEncodedContent([new("__RequestVerificationToken", token)]), Cancellation);
    }

    private static async Task<IDocument> Page(HttpClient client, string path) => await TitanicSite.ParsePage(await client.GetAsync(path, Cancellation));

    private async Task Execute(string sql)
    {
        await using var command = site.Database.DataSource.CreateCommand(sql);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Cancellation));
    }
}
