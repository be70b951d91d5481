using System.Globalization;
using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages;

/// <summary>The tag <c>utc-time</c> and its script.</summary>
[Collection<FullSiteCollection>]
public sealed class UtcTimeTests(FullSite full, TestBrowser browser)
{
    private const string Path = "/predictions/1";

    [Fact]
    public async Task The_server_writes_UTC_only()
    {
        var time = (await full.Get(Path)).QuerySelector("main time.utc-time")!;

        var stored = DateTimeOffset.Parse(time.GetAttribute("datetime")!, CultureInfo.InvariantCulture);
        Assert.Equal(stored.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture), time.TextContent);
        Assert.Null(time.GetAttribute("title"));
    }

    [Theory]
    [InlineData(20, "(just now)")]
    [InlineData(200, "(3\u00a0min ago)")]
    [InlineData(86_400, "(1\u00a0day ago)")]
    [InlineData(-7_300, "(in 2\u00a0h)")]
    public async Task The_script_adds_relative_and_local_time(int secondsAgo, string relative)
    {
        var time = (await full.Get(Path)).QuerySelector("main time.utc-time")!;
        var now = DateTimeOffset.Parse(time.GetAttribute("datetime")!, CultureInfo.InvariantCulture).AddSeconds(secondsAgo);
        var page = await browser.NewPage(full.BaseAddress);
        await page.Clock.SetFixedTimeAsync(now.UtcDateTime);

        await page.GotoAsync(Path);

        var shown = page.Locator("main time.utc-time").First;
        await Assertions.Expect(shown.Locator(".relative-time")).ToHaveTextAsync(relative);
        await Assertions.Expect(shown).ToHaveAttributeAsync("title", new System.Text.RegularExpressions.Regex("^Your local time: .+"));
        await page.CloseAsync();
    }

    /// <summary>Scheduled times are shown in UTC and, beside it, in the viewer's time zone.</summary>
    [Fact]
    public async Task The_script_shows_the_local_time_beside_a_scheduled_time()
    {
        var page = await browser.NewPage(full.BaseAddress);
        await page.GotoAsync("/pipelines/schedules/feature");

        var next = page.Locator("#schedule-facts time[data-local]").First;
        var zone = await page.EvaluateAsync<string>("() => new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' }).formatToParts(new Date()).find(part => part.type === 'timeZoneName').value");
        await Assertions.Expect(next).ToContainTextAsync("-02-29 00:00 UTC");
        await Assertions.Expect(next.Locator(".local-time")).ToContainTextAsync(zone);
        await page.CloseAsync();
    }
}
