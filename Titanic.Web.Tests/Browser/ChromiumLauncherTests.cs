namespace Titanic.Web.Tests.Browser;

public sealed class ChromiumLauncherTests
{
    [Fact]
    public async Task Names_the_setting_when_the_configured_browser_cannot_be_launched()
    {
        using var playwright = await Microsoft.Playwright.Playwright.CreateAsync();
        var missing = Path.Combine(AppContext.BaseDirectory, "no-such-browser");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ChromiumLauncher.Launch(playwright, missing));

        Assert.Contains($"set {ChromiumLauncher.PathVariable}", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"- {ChromiumLauncher.PathVariable}={missing}: ", failure.Message, StringComparison.Ordinal);
    }
}
