namespace Titanic.Web.Tests.Browser;

public sealed class ChromiumSearchTests
{
    [Fact]
    public async Task Names_the_setting_when_the_configured_browser_cannot_be_launched()
    {
        using var playwright = await Microsoft.Playwright.Playwright.CreateAsync();
        var missing = Path.Combine(AppContext.BaseDirectory, "no-such-browser");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ChromiumSearch.Launch(playwright, missing));

        Assert.Contains($"set {ChromiumSearch.PathVariable}", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"- {ChromiumSearch.PathVariable}={missing}: ", failure.Message, StringComparison.Ordinal);
    }
}
