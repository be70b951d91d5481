using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Pages.Models;

/// <summary>The alarm after one bit of the champion's stored artifact was flipped.</summary>
public sealed class ChampionAlarmTests(FullSite site) : IClassFixture<FullSite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_page_shows_the_alarm_while_the_site_stays_ready_and_predicts()
    {
        var champion = await site.Database.QueryScalar<int>($"""select version as "Value" from alias_assignments where alias = 'champion' and ended_at is null""");
        await using (var corrupt = site.Database.DataSource.CreateCommand(
            $"update model_versions set artifact = set_byte(artifact, 40, get_byte(artifact, 40) # 1) where version = {champion}; select pg_notify('titanic_champion', '{champion}')"))
            await corrupt.ExecuteNonQueryAsync(Cancellation);
        var serving = site.Services.GetRequiredService<ChampionCache>();
        await Eventually.True(() => serving.Alarm is not null, "the corrupt artifact is detected");

        foreach (var path in (string[])["/", "/models", $"/models/{champion}", "/monitoring"])
            Assert.Contains($"version {champion} has SHA-256", (await site.Get(path)).Text("#champion-alarm"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await site.Client.GetAsync("/health/ready", Cancellation)).StatusCode);
        var response = await site.Client.PostAsync(
            "/api/predictions", new StringContent("""{"pclass": 1, "sex": "female", "age": 29, "fare": 100}""", Encoding.UTF8, "application/json"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains($"\"modelVersion\":{champion}", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        var verified = await site.Client.GetStringAsync($"/api/models/{champion}?verify=true", Cancellation);
        Assert.Contains(
            "\"verification\":{\"isSound\":false,\"problem\":\"The artifact of titanic_knn version", verified, StringComparison.Ordinal);
        using var admin = await site.NewAdminClient();
        var page = await TitanicSite.ParsePage(await admin.GetAsync($"/models/{champion}/challenge", Cancellation));
        Assert.Contains("it is corrupt", page.Text("#move-damage"), StringComparison.Ordinal);
    }
}
