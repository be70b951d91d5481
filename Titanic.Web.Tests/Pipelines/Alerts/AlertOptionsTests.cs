using Titanic.Web.Pipelines.Alerts;

namespace Titanic.Web.Tests.Pipelines.Alerts;

public sealed class AlertOptionsTests
{
    private static readonly string _secret = "whsec_" + Convert.ToBase64String(new byte[24]);

    [Fact]
    public void Defaults_are_valid() => Assert.Empty(Failures(new AlertOptions()));

    [Theory]
    [InlineData("https://hooks.example.com/a", "hooks.example.com")]
    [InlineData("https://HOOKS.example.com/a", "other.org, hooks.example.com")]
    [InlineData("http://a.b.example.com:8080/a", "*.example.com")]
    public void Accepts_receivers_with_an_allowed_host(string url, string allowed) =>
        Assert.Empty(Failures(new AlertOptions { Webhooks = [new() { Url = url, Secret = _secret }], AllowedHosts = allowed }));

    [Theory]
    [InlineData("", "Alerts:Webhooks:0:Url is not valid; it must be an http or https URL without user name.")]
    [InlineData("ftp://hooks.example.com", "Alerts:Webhooks:0:Url is not valid; it must be an http or https URL without user name.")]
    [InlineData("https://user:password@hooks.example.com", "Alerts:Webhooks:0:Url is not valid; it must be an http or https URL without user name.")]
    [InlineData("https://example.com/token", "Alerts:Webhooks:0:Url has the host \"example.com\"; it must be one of Alerts:AllowedHosts.")]
    [InlineData("https://badexample.com/token", "Alerts:Webhooks:0:Url has the host \"badexample.com\"; it must be one of Alerts:AllowedHosts.")]
    public void Rejects_other_receivers(string url, string message) =>
        Assert.Equal(message, Assert.Single(Failures(new AlertOptions { Webhooks = [new() { Url = url, Secret = _secret }], AllowedHosts = "*.example.com" })));

    [Theory]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("whsec_not base64 at all, but long enough")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Rejects_a_secret_without_showing_it(string secret)
    {
        var failure = Assert.Single(Failures(new AlertOptions { Webhooks = [new() { Url = "https://a.example.com", Secret = secret }], AllowedHosts = "a.example.com" }));

        Assert.Equal("Alerts:Webhooks:0:Secret is not valid; it must be whsec_ followed by 24 to 64 random bytes in base64.", failure);
    }

    [Fact]
    public void Names_a_limit_out_of_range() => Assert.Equal(
        "Alerts:StalledQueueAfter is 00:00:10; it must be between 00:01:00 and 7.00:00:00.",
        Assert.Single(Failures(new AlertOptions { StalledQueueAfter = TimeSpan.FromSeconds(10) })));

    /// <summary>The messages without the prefix of the framework.</summary>
    private static List<string> Failures(AlertOptions options) => new AlertOptionsValidator().Validate(null, options) is { Failed: true, Failures: var failures }
        ? [.. failures.Select(failure => failure[failure.IndexOf("Alerts:", StringComparison.Ordinal)..])]
        : [];
}
