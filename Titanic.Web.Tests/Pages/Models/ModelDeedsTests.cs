using System.Net;
using AngleSharp.Dom;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Pages.Models;

/// <summary>Promoting, rolling back and describing on the pages, each with its confirmation.</summary>
public sealed class ModelDeedsTests(FullSite site) : IClassFixture<FullSite>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_what_will_change_before_anything_does_and_then_does_it()
    {
        using var admin = await site.NewAdminClient();
        var (champion, other) = await ChampionAndOther();
        var newest = (await Page(admin, $"/models/{other}")).QuerySelectorAll("#deeds a").Select(link => link.GetAttribute("href")).ToList();
        Assert.Contains($"/models/{other}/edit", newest);

        var form = await Page(admin, $"/models/{other}/promote");
        Assert.Equal(["champion", $"version {champion}", $"version {other}"], form.Rows("#changes")[0]);
        Assert.Contains("PROMOTE", form.Text("main"), StringComparison.Ordinal);
        Assert.Equal(champion, await Champion());

        var answer = await Post(admin, form, $"/models/{other}/promote", ("reason", "<i>better</i> with ties"));
        Assert.Equal($"/models/{other}#aliases", answer.Headers.Location!.OriginalString);
        Assert.Equal(other, await Champion());
        var history = (await Page(admin, $"/models/{other}")).Rows("#alias-moves")[0];
        Assert.Equal(("champion", "now", TitanicSite.AdminEmail, "<i>better</i> with ties"), (history[0], history[3], history[4], history[5]));

        var back = await Page(admin, $"/models/{champion}/rollback");
        await Post(admin, back, $"/models/{champion}/rollback", ("reason", "seen enough"));
        Assert.Equal(champion, await Champion());
        await using var db = site.Database.NewContext();
        var deeds = await db.Set<AuditEntry>().Where(e => e.What == "alias moved" && e.Who == TitanicSite.AdminEmail).OrderBy(e => e.Id).Select(e => e.Details).ToListAsync(Cancelled);
        Assert.Contains($"champion: version {champion} to version {other}", deeds[^2], StringComparison.Ordinal);
        Assert.Contains($"Rolled back from version {other}: seen enough", deeds[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_a_reason_comes_back_with_what_was_typed_and_moves_nothing()
    {
        using var admin = await site.NewAdminClient();
        var (champion, other) = await ChampionAndOther();
        var form = await Page(admin, $"/models/{other}/promote");

        var answer = await Post(admin, form, $"/models/{other}/promote", ("reason", " "));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("The reason is missing; it must have 1 to 500 characters.", (await TitanicSite.Page(answer)).Text("#move-problem"));
        Assert.Equal(champion, await Champion());
    }

    [Fact]
    public async Task A_version_that_the_gate_held_needs_a_tick_to_be_forced()
    {
        using var admin = await site.NewAdminClient();
        var (champion, other) = await ChampionAndOther();
        await Execute($"update model_versions set gate = jsonb_set(gate, '{{verdict}}', '\"HOLD\"') where version = {other}");
        var form = await Page(admin, $"/models/{other}/promote");
        Assert.NotNull(form.QuerySelector("#force"));

        var refused = await Post(admin, form, $"/models/{other}/promote", ("reason", "I want it"));
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        var again = await TitanicSite.Page(refused);
        Assert.Equal("I want it", again.Text("#reason"));

        await Post(admin, again, $"/models/{other}/promote", ("reason", "I want it"), ("force", "true"));
        Assert.Equal(other, await Champion());
        Assert.StartsWith("forced I want it", (await site.Get("/models/aliases?alias=champion")).Rows("#alias-moves")[0][5], StringComparison.Ordinal);

        await Execute($"update model_versions set gate = jsonb_set(gate, '{{verdict}}', '\"PROMOTE\"') where version = {other}");
        await Post(admin, await Page(admin, $"/models/{champion}/rollback"), $"/models/{champion}/rollback", ("reason", "as it was"));
    }

    [Fact]
    public async Task An_editor_of_outdated_words_sees_the_new_ones_before_replacing_them()
    {
        using var admin = await site.NewAdminClient();
        var mine = await Page(admin, "/models/1/edit");
        var yours = await Page(admin, "/models/1/edit");
        await Post(admin, yours, "/models/1/edit", ("description", "yours"), ("tags", "stage = canary\r\nteam = deck"));

        var refused = await Post(admin, mine, "/models/1/edit", ("description", "mine"), ("tags", ""));

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        var page = await TitanicSite.Page(refused);
        Assert.Contains("yours Tags: stage = canary, team = deck", page.Text("#now"), StringComparison.Ordinal);
        Assert.Equal("mine", page.Text("#description"));
        await Post(admin, page, "/models/1/edit", ("description", "mine"), ("tags", "stage = <b>"));
        Assert.Equal("mine", (await site.Get("/models/1")).Text(".lead"));
        Assert.Equal(["Version 1"], (await site.Get("/models?tag=stage%3D%3Cb%3E")).QuerySelectorAll("#model-versions th a[href^='/models/']").Select(PageReading.Said));
    }

    [Fact]
    public async Task A_visitor_is_led_to_the_sign_in_page()
    {
        foreach (var path in (string[])["/models/1/promote", "/models/1/rollback", "/models/1/challenge", "/models/1/edit"])
        {
            var answer = await site.Client.GetAsync(path, Cancelled);
            Assert.Equal((HttpStatusCode.Redirect, "/login"), (answer.StatusCode, answer.Headers.Location!.AbsolutePath));
        }
        var page = await site.Get("/models/1");
        Assert.Null(page.QuerySelector("#deeds"));
    }

    [Fact]
    public async Task Filters_and_says_what_is_wrong_with_a_filter()
    {
        var champion = await Champion();
        var page = await site.Get("/models?alias=champion");
        Assert.Equal([$"/models/{champion}"], page.QuerySelectorAll("#model-versions th a").Select(link => link.GetAttribute("href")).Where(href => !href!.Contains('?', StringComparison.Ordinal)));
        Assert.NotNull(page.QuerySelector("#filter[open]"));

        Assert.Contains("Nothing fits", (await site.Get("/models?search=no+such+words")).Text("main"), StringComparison.Ordinal);
        Assert.Contains("There is no verdict", (await site.Get("/models?verdict=maybe", HttpStatusCode.BadRequest)).Text("#verdict-error"), StringComparison.Ordinal);
        Assert.Contains("There is no alias", (await site.Get("/models/aliases?alias=latest", HttpStatusCode.BadRequest)).Text("#alias-problem"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_is_promoted_by_its_page_without_scripts()
    {
        var (champion, other) = await ChampionAndOther();
        using var admin = await site.NewAdminClient();
        var version = await admin.Open($"/models/{other}");
        var form = await admin.Open(version.QuerySelector("#deeds a")!.GetAttribute("href")!);

        var promoted = await admin.Submit(form, "main form", ("reason", "without scripts"));

        Assert.Equal($"/models/{other}#aliases", promoted.Headers.Location!.OriginalString);
        Assert.Equal(other, await Champion());
        await Post(admin, await Page(admin, $"/models/{champion}/rollback"), $"/models/{champion}/rollback", ("reason", "as it was"));
    }

    private async Task<(int Champion, int Other)> ChampionAndOther()
    {
        var champion = await Champion();
        return (champion, champion == 1 ? 2 : 1);
    }

    private Task<int> Champion() => site.Database.Ask<int>($"""select version as "Value" from alias_assignments where alias = 'champion' and ended_at is null""");

    private async Task Execute(string sql)
    {
        await using var command = site.Database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    private static async Task<IDocument> Page(HttpClient client, string path) => await TitanicSite.Page(await client.GetAsync(path, Cancelled));

    /// <summary>Sends the page's form: its hidden fields, and those that a person fills in.</summary>
    private static Task<HttpResponseMessage> Post(HttpClient client, IDocument page, string path, params (string Name, string Value)[] fields)
    {
        var hidden = page.QuerySelectorAll("main form input[type=hidden]").Select(input => KeyValuePair.Create(input.GetAttribute("name")!, input.GetAttribute("value") ?? ""));
        return client.PostAsync(path, new FormUrlEncodedContent([.. hidden, .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]), Cancelled);
    }
}
