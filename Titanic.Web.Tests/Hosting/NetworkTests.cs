using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Titanic.Web.Hosting;
using Titanic.Web.Tests.Pages;

namespace Titanic.Web.Tests.Hosting;

/// <summary>Requests through a reverse proxy, to names of this site and to others. The test's own connection is that of the proxy.</summary>
public sealed class NetworkTests(NetworkTests.ProxiedSite site) : IClassFixture<NetworkTests.ProxiedSite>, IDisposable
{
    private const string Name = "titanic.example", Https = "X-Forwarded-Proto: https";

    private readonly HttpClient _client = NewClient(site);

    public sealed class ProxiedSite(TestPostgres postgres) : TitanicSite(
        postgres, ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"), ("Titanic:PathBase", "/titanic"),
        ("Network:KnownProxies", "127.0.0.1, ::1"), ("AllowedHosts", $"{Name};*.ship.example"), ("Access:RateLimits:WritingPerMinute", "3"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Limits_the_address_that_a_known_proxy_forwards()
    {
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await Send(HttpMethod.Post, "/api/runs/range", Name, "X-Forwarded-For: 203.0.113.7")).StatusCode);

        // the first address is what the client itself wrote
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Send(HttpMethod.Post, "/api/runs/range", Name, "X-Forwarded-For: 198.51.100.1, 203.0.113.7")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Send(HttpMethod.Post, "/api/runs/range", Name, "X-Forwarded-For: 203.0.113.8")).StatusCode);
    }

    [Fact]
    public async Task Sends_HSTS_under_HTTPS_only_and_not_to_loopback_names()
    {
        Assert.Equal(["max-age=31536000"], (await Send(HttpMethod.Get, "/login", Name, Https)).Headers.GetValues("Strict-Transport-Security"));
        Assert.Equal(["max-age=31536000"], (await Send(HttpMethod.Get, "/api/models", Name, Https)).Headers.GetValues("Strict-Transport-Security"));
        Assert.False((await Send(HttpMethod.Get, "/login", Name)).Headers.Contains("Strict-Transport-Security"));
        Assert.False((await Send(HttpMethod.Get, "/login", "localhost", Https)).Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Redirects_to_the_scheme_that_the_proxy_forwards()
    {
        using var response = await Send(HttpMethod.Get, "/features/upload", Name, Https);

        Assert.StartsWith($"https://{Name}/login", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_HTTPS_cookies_are_secure_and_bound_to_the_host()
    {
        using var form = await Send(HttpMethod.Get, "/login", Name, Https);
        var antiforgery = CookieOf(form, "__Host-titanic-csrf");
        Assert.Contains("; path=/;", antiforgery + ";", StringComparison.Ordinal);
        Assert.Contains("; secure", antiforgery, StringComparison.Ordinal);
        Assert.DoesNotContain("domain=", antiforgery, StringComparison.Ordinal);

        using var signedIn = await SignIn(form, antiforgery);
        var session = CookieOf(signedIn, "__Host-titanic");
        Assert.Contains("; path=/;", session + ";", StringComparison.Ordinal);
        Assert.Contains("; secure", session, StringComparison.Ordinal);
        Assert.Contains("; httponly", session, StringComparison.Ordinal);

        using var page = await Send(HttpMethod.Get, "/features/upload", Name, Https, $"Cookie: other=1; {Pair(session)}");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        // a site of a subdomain can set a cookie without the prefix
        using var forged = await Send(HttpMethod.Get, "/features/upload", Name, Https, $"Cookie: {Pair(session)["__Host-".Length..]}");
        Assert.Equal(HttpStatusCode.Redirect, forged.StatusCode);
    }

    [Fact]
    public async Task Below_a_path_base_cookies_are_secure_and_keep_the_path()
    {
        using var form = await Send(HttpMethod.Get, "/titanic/login", Name, Https);

        var cookie = CookieOf(form, "__Secure-titanic-csrf");
        Assert.Contains("; path=/titanic;", cookie + ";", StringComparison.Ordinal);
        Assert.Contains("; secure", cookie, StringComparison.Ordinal);
        using var signedIn = await SignIn(form, cookie, "/titanic/login");
        using var page = await Send(HttpMethod.Get, "/titanic/features/upload", Name, Https, $"Cookie: {Pair(CookieOf(signedIn, "__Secure-titanic"))}");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task Under_HTTP_cookies_have_no_prefix()
    {
        using var form = await Send(HttpMethod.Get, "/login", "localhost");

        Assert.DoesNotContain("secure", CookieOf(form, "titanic-csrf"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("[::1]:8080")]
    [InlineData(Name)]
    [InlineData("TITANIC.example:443")]
    [InlineData("deck.ship.example")]
    public async Task Accepts_loopback_and_configured_hosts(string host) =>
        Assert.Equal(HttpStatusCode.OK, (await Send(HttpMethod.Get, "/login", host)).StatusCode);

    [Theory]
    [InlineData("evil.example")]
    [InlineData("192.168.1.5:8080")]
    [InlineData("localhost.evil.example")]
    [InlineData("ship.example")]
    public async Task Rejects_other_hosts_with_the_setting_that_allows_them(string host)
    {
        var message = $"The host of the request is \"{host}\"; it must be localhost, 127.0.0.1, [::1] or a name in the setting AllowedHosts of the server.";
        foreach (var path in (string[])["/", "/css/site.css", "/titanic/monitoring"])
        {
            using var page = await Send(HttpMethod.Get, path, host);
            Assert.Equal((HttpStatusCode.BadRequest, message), (page.StatusCode, await page.Content.ReadAsStringAsync(Cancellation)));
        }
        using var api = await Send(HttpMethod.Get, "/api/models", host);
        using var problem = JsonDocument.Parse(await api.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal((HttpStatusCode.BadRequest, message), (api.StatusCode, problem.RootElement.GetProperty("detail").GetString()));
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    public async Task Probes_and_scrapers_can_use_any_host(string path) =>
        Assert.Equal(HttpStatusCode.OK, (await Send(HttpMethod.Get, path, "10.1.2.3:8080")).StatusCode);

    [Fact]
    public void Rejects_invalid_settings_with_the_values_allowed()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("AllowedHosts", "titanic.example;https://a.example;b.example:80;::1;*.c.example;[::1]")]).Build();

        var result = new NetworkOptions.NetworkOptionsValidator(configuration).Validate(null, new() { KnownProxies = "10.0.0.0/8, proxy,::1" });

        const string allowed = "it must be a host name or an address without scheme and port, *.example.com, or *.";
        Assert.Equal(
            [
                "Network:KnownProxies is \"proxy\"; it must be an address or a network such as 10.1.0.0/16.", $"AllowedHosts is \"https://a.example\"; {allowed}",
                $"AllowedHosts is \"b.example:80\"; {allowed}", $"AllowedHosts is \"::1\"; {allowed}",
            ],
            result.Failures);
    }

    internal static HttpClient NewClient(TitanicSite site) =>
        new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = site.BaseAddress };

    internal static async Task<HttpResponseMessage> Send(HttpClient client, HttpRequestMessage request, string host, params string[] headers)
    {
        request.Headers.Host = host;
        foreach (var (name, value) in headers.Select(header => header.Split(": ", 2)).Select(parts => (parts[0], parts[1])))
            request.Headers.Add(name, value);
        return await client.SendAsync(request, Cancellation);
    }

    private Task<HttpResponseMessage> Send(HttpMethod method, string path, string host, params string[] headers) =>
        Send(_client, new(method, path), host, headers);

    private async Task<HttpResponseMessage> SignIn(HttpResponseMessage form, string antiforgery, string path = "/login")
    {
        var token = (await TitanicSite.ParsePage(form)).QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(
                [new("Email", TitanicSite.AdminEmail), new("Password", TitanicSite.AdminPassword), new("__RequestVerificationToken", token)]),
        };
        var response = await Send(_client, request, Name, Https, $"X-Forwarded-For: 203.0.113.{path.Length}", $"Cookie: {Pair(antiforgery)}");
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        return response;
    }

    private static string CookieOf(HttpResponseMessage response, string name) =>
        Assert.Single(response.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith($"{name}=", StringComparison.Ordinal) && !cookie.StartsWith($"{name}=;", StringComparison.Ordinal));

    private static string Pair(string cookie) => cookie.Split(';')[0];
}

/// <summary>Without <c>Network:KnownProxies</c>, or from another sender, forwarded headers have no effect.</summary>
public sealed class UnknownProxyTests(UnknownProxyTests.UnproxiedSite site) : IClassFixture<UnknownProxyTests.UnproxiedSite>
{
    public sealed class UnproxiedSite(TestPostgres postgres) : TitanicSite(
        postgres, ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"), ("Network:KnownProxies", "10.0.0.0/8"), ("AllowedHosts", "*"),
        ("Access:RateLimits:WritingPerMinute", "3"));

    [Fact]
    public async Task Ignores_the_forwarded_scheme_and_address()
    {
        using var client = NetworkTests.NewClient(site);
        using var form = await NetworkTests.Send(client, new(HttpMethod.Get, "/login"), "any.example", "X-Forwarded-Proto: https", "X-Forwarded-For: 203.0.113.1");
        Assert.Equal(HttpStatusCode.OK, form.StatusCode);
        Assert.False(form.Headers.Contains("Strict-Transport-Security"));
        Assert.All(form.Headers.GetValues("Set-Cookie"), cookie => Assert.False(cookie.StartsWith("__", StringComparison.Ordinal)));

        for (var i = 0; i < 4; i++)
        {
            using var response = await NetworkTests.Send(client, new(HttpMethod.Post, "/api/runs/range"), "any.example", $"X-Forwarded-For: 203.0.113.{i}");
            Assert.Equal(i < 3 ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, response.StatusCode);
        }
    }
}

/// <summary>Without settings.</summary>
[Collection(SharedSites.Name)]
public sealed class DefaultNetworkTests(EmptySite site)
{
    [Fact]
    public async Task Trusts_no_proxy_and_no_other_host()
    {
        using var client = NetworkTests.NewClient(site);
        using var form = await NetworkTests.Send(client, new(HttpMethod.Get, "/login"), "localhost", "X-Forwarded-Proto: https");
        Assert.All(form.Headers.GetValues("Set-Cookie"), cookie => Assert.False(cookie.StartsWith("__", StringComparison.Ordinal)));

        using var rejected = await NetworkTests.Send(client, new(HttpMethod.Get, "/login"), "titanic.example");
        Assert.Equal(HttpStatusCode.BadRequest, rejected.StatusCode);
    }
}
