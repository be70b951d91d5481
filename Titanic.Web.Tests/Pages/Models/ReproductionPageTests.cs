using System.Net;
using AngleSharp.Dom;

namespace Titanic.Web.Tests.Pages.Models;

/// <summary>Making a version again on its page, and what every page then says about it.</summary>
public sealed class ReproductionPageTests(FullSite site, PageLooks looks) : IClassFixture<FullSite>, IClassFixture<PageLooks>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_button_makes_a_version_again_and_every_page_says_how_that_went()
    {
        var champion = await site.Database.Ask<int>($"""select version as "Value" from alias_assignments where alias = 'champion' and ended_at is null""");
        Assert.Equal("Reproducibility: not checked yet", (await site.Get("/monitoring")).Text("#champion-reproduction .badge"));
        using var admin = await site.NewAdminClient();

        var made = await Reproduce(admin, champion);

        Assert.Equal((HttpStatusCode.Redirect, $"/models/{champion}#reproduction"), (made.StatusCode, made.Headers.Location!.OriginalString));
        var page = await site.Get($"/models/{champion}");
        Assert.StartsWith($"Version {champion} is reproduced: ", page.Text("#reproduction-result"), StringComparison.Ordinal);
        Assert.Matches(@"^reproduced just now on \w+-\w+, same bytes$", page.Text("#reproduction-badge"));
        Assert.Equal(TitanicSite.AdminEmail, page.Rows("#reproductions")[0][2]);
        foreach (var badge in (string[])[(await site.Get("/monitoring")).Text("#champion-reproduction .badge"), (await site.Get("/models")).Text($"[data-reproduction='{champion}']")])
            Assert.Equal(page.Text("#reproduction-badge"), badge);
        await looks.Look(site, $"/models/{champion}", "reproduced");
        await looks.Look(site, "/models", "models-reproduced");
    }

    [Fact]
    public async Task A_difference_is_told_in_full()
    {
        await Execute("update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1) where version = 2");
        using var admin = await site.NewAdminClient();

        await Reproduce(admin, 2);

        var page = await site.Get("/models/2");
        Assert.StartsWith("Version 2 differs: the stored model. The retrained bytes have the registered SHA-256, the stored bytes do not:", page.Text("#reproduction-result"), StringComparison.Ordinal);
        Assert.StartsWith("differs, checked just now on ", page.Text("#reproduction-badge"), StringComparison.Ordinal);
        await looks.Look(site, "/models/2", "reproduction-differs");
    }

    [Fact]
    public async Task A_visitor_is_asked_to_sign_in_and_makes_nothing()
    {
        var page = await site.Get("/models/1");
        Assert.Null(page.QuerySelector("form[action*=Reproduce]"));
        Assert.NotNull(page.QuerySelector("a[href='/login?returnUrl=/models/1']"));
        using var visitor = site.NewClient();
        var token = (await Page(visitor, "/login")).QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;

        var answer = await visitor.PostAsync("/models/1?handler=Reproduce", new FormUrlEncodedContent([new("__RequestVerificationToken", token)]), Cancelled);

        Assert.Equal(("/login", HttpStatusCode.Redirect), (answer.Headers.Location?.AbsolutePath, answer.StatusCode));
        Assert.Equal(0, await site.Database.Ask<int>($"""select count(*)::int as "Value" from reproductions where version = 1"""));
    }

    [Fact]
    public async Task A_version_that_is_not_there_is_not_made_again()
    {
        using var admin = await site.NewAdminClient();
        var token = (await Page(admin, "/models/1")).QuerySelector("form[action*=Reproduce] input[name=__RequestVerificationToken]")!.GetAttribute("value")!;

        var answer = await admin.PostAsync("/models/999?handler=Reproduce", new FormUrlEncodedContent([new("__RequestVerificationToken", token)]), Cancelled);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> Reproduce(HttpClient client, int version)
    {
        var form = (await Page(client, $"/models/{version}")).QuerySelector("form[action*=Reproduce]")!;
        var token = form.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        return await client.PostAsync(form.GetAttribute("action"), new FormUrlEncodedContent([new("__RequestVerificationToken", token)]), Cancelled);
    }

    private static async Task<IDocument> Page(HttpClient client, string path) => await TitanicSite.Page(await client.GetAsync(path, Cancelled));

    private async Task Execute(string sql)
    {
        await using var command = site.Database.DataSource.CreateCommand(sql);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Cancelled));
    }
}
