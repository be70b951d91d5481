using System.Net;
using AngleSharp.Dom;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Pages.Models;

/// <summary>Promotion, rollback and edits on the pages, each with its confirmation.</summary>
public sealed class ModelActionsTests(FullSite site) : IClassFixture<FullSite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_the_changes_before_they_are_confirmed()
    {
        using var admin = await site.NewAdminClient();
        var (champion, other) = await ChampionAndOther();
        var actions = (await Page(admin, $"/models/{other}")).QuerySelectorAll("#alias-actions a").Select(link => link.GetAttribute("href")).ToList();
        Assert.Contains($"/models/{other}/edit", actions);

        var form = await Page(admin, $"/models/{other}/promote");
        Assert.Equal(["champion", $"version {champion}", $"version {other}"], form.Rows("#changes")[0]);
        Assert.Contains("PROMOTE", form.Text("main"), StringComparison.Ordinal);
        Assert.Equal(champion, await Champion());

        var response = await Post(admin, form, $"/models/{other}/promote", ("reason", "<i>better</i> with ties"));
        Assert.Equal($"/models/{other}#aliases", response.Headers.Location!.OriginalString);
        Assert.Equal(other, await Champion());
        var history = (await Page(admin, $"/models/{other}")).Rows("#alias-moves")[0];
        Assert.Equal(
            ("champion", "now", TitanicSite.AdminEmail, "<i>better</i> with ties"), (history[0], history[3], history[4], history[5]));

        var rollback = await Page(admin, $"/models/{champion}/rollback");
        await Post(admin, rollback, $"/models/{champion}/rollback", ("reason", "lower accuracy"));
        Assert.Equal(champion, await Champion());
        await using var db = site.Database.NewContext();
        var details = await db.Set<AuditEntry>().Where(e => e.What == "alias moved" && e.Who == TitanicSite.AdminEmail).OrderBy(e => e.Id).Select(e => e.Details).ToListAsync(Cancellation);
        Assert.Contains($"champion: version {champion} to version {other}", details[^2], StringComparison.Ordinal);
        Assert.Contains($"Rolled back from version {other}: lower accuracy", details[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_a_promotion_without_a_reason()
    {
        using var admin = await site.NewAdminClient();
        var (champion, other) = await ChampionAndOther();
        var form = await Page(admin, $"/models/{other}/promote");

        var response = await Post(admin, form, $"/models/{other}/promote", ("reason", " "));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(
            "The reason is missing; it must have 1 to 500 characters.", (await TitanicSite.ParsePage(response)).Text("#move-problem"));
        Assert.Equal(champion, await Champion());
    }

    [Fact]
    public async Task Requires_force_to_promote_a_version_with_the_verdict_HOLD()
    {
        using var admin = await site.NewAdminClient();
        var (champion, other) = await ChampionAndOther();
        await Execute($"update model_versions set gate = jsonb_set(gate, '{{verdict}}', '\"HOLD\"') where version = {other}");
        var form = await Page(admin, $"/models/{other}/promote");
        Assert.NotNull(form.QuerySelector("#force"));

        var rejected = await Post(admin, form, $"/models/{other}/promote", ("reason", "risk accepted"));
        Assert.Equal(HttpStatusCode.Conflict, rejected.StatusCode);
        var rejectedForm = await TitanicSite.ParsePage(rejected);
        Assert.Equal("risk accepted", rejectedForm.Text("#reason"));

        await Post(admin, rejectedForm, $"/models/{other}/promote", ("reason", "risk accepted"), ("force", "true"));
        Assert.Equal(other, await Champion());
        Assert.StartsWith("forced risk accepted", (await site.Get("/models/aliases?alias=champion")).Rows("#alias-moves")[0][5], StringComparison.Ordinal);

        await Execute($"update model_versions set gate = jsonb_set(gate, '{{verdict}}', '\"PROMOTE\"') where version = {other}");
        await Post(admin, await Page(admin, $"/models/{champion}/rollback"), $"/models/{champion}/rollback", ("reason", "restored"));
    }

    [Fact]
    public async Task Shows_a_concurrent_edit_before_it_is_overwritten()
    {
        using var admin = await site.NewAdminClient();
        var outdatedForm = await Page(admin, "/models/1/edit");
        var currentForm = await Page(admin, "/models/1/edit");
        await Post(admin, currentForm, "/models/1/edit", ("description", "yours"), ("tags", "stage = canary\r\nteam = deck"));

        var rejected = await Post(admin, outdatedForm, "/models/1/edit", ("description", "mine"), ("tags", ""));

        Assert.Equal(HttpStatusCode.Conflict, rejected.StatusCode);
        var page = await TitanicSite.ParsePage(rejected);
        Assert.Contains("yours Tags: stage = canary, team = deck", page.Text("#now"), StringComparison.Ordinal);
        Assert.Equal("mine", page.Text("#description"));
        await Post(admin, page, "/models/1/edit", ("description", "mine"), ("tags", "stage = <b>"));
        Assert.Equal("mine", (await site.Get("/models/1")).Text(".lead"));
        Assert.Equal(["Version 1"], (await site.Get("/models?tag=stage%3D%3Cb%3E")).QuerySelectorAll("#model-versions th a[href^='/models/']").Select(PageReading.NormalizedText));
    }

    [Fact]
    public async Task Redirects_a_visitor_to_the_sign_in_page()
    {
        foreach (var path in (string[])["/models/1/promote", "/models/1/rollback", "/models/1/challenge", "/models/1/edit"])
        {
            var response = await site.Client.GetAsync(path, Cancellation);
            Assert.Equal((HttpStatusCode.Redirect, "/login"), (response.StatusCode, response.Headers.Location!.AbsolutePath));
        }
        var page = await site.Get("/models/1");
        Assert.Null(page.QuerySelector("#alias-actions"));
    }

    [Fact]
    public async Task Filters_versions_and_rejects_an_invalid_filter()
    {
        var champion = await Champion();
        var page = await site.Get("/models?alias=champion");
        Assert.Equal([$"/models/{champion}"], page.QuerySelectorAll("#model-versions th a").Select(link => link.GetAttribute("href")).Where(href => !href!.Contains('?', StringComparison.Ordinal)));
        Assert.NotNull(page.QuerySelector("#filter[open]"));

        Assert.Contains("No version matches", (await site.Get("/models?search=no+such+words")).Text("main"), StringComparison.Ordinal);
        Assert.Contains("There is no verdict", (await site.Get("/models?verdict=maybe", HttpStatusCode.BadRequest)).Text("#verdict-error"), StringComparison.Ordinal);
        Assert.Contains("There is no alias", (await site.Get("/models/aliases?alias=latest", HttpStatusCode.BadRequest)).Text("#alias-problem"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promotes_a_version_without_JavaScript()
    {
        var (champion, other) = await ChampionAndOther();
        using var admin = await site.NewAdminClient();
        var version = await admin.GetPage($"/models/{other}");
        var form = await admin.GetPage(version.QuerySelector("#alias-actions a")!.GetAttribute("href")!);

        var promoted = await admin.SubmitForm(form, "main form", ("reason", "without JavaScript"));

        Assert.Equal($"/models/{other}#aliases", promoted.Headers.Location!.OriginalString);
        Assert.Equal(other, await Champion());
        await Post(admin, await Page(admin, $"/models/{champion}/rollback"), $"/models/{champion}/rollback", ("reason", "restored"));
    }

    private async Task<(int Champion, int Other)> ChampionAndOther()
    {
        var champion = await Champion();
        return (champion, champion == 1 ? 2 : 1);
    }

    private Task<int> Champion() => site.Database.QueryScalar<int>($"""select version as "Value" from alias_assignments where alias = 'champion' and ended_at is null""");

    private async Task Execute(string sql)
    {
        await using var command = site.Database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task<IDocument> Page(HttpClient client, string path) => await TitanicSite.ParsePage(await client.GetAsync(path, Cancellation));

    /// <summary>Posts the form of the page: its hidden fields and <paramref name="fields"/>.</summary>
    private static Task<HttpResponseMessage> Post(HttpClient client, IDocument page, string path, params (string Name, string Value)[] fields)
    {
        var hidden = page.QuerySelectorAll("main form input[type=hidden]").Select(input => KeyValuePair.Create(input.GetAttribute("name")!, input.GetAttribute("value") ?? ""));
        return client.PostAsync(path, new FormUrlEncodedContent([.. hidden, .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]), Cancellation);
    }
}
