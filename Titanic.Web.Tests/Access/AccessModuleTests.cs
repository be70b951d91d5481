using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Tests.Access;

public sealed class AccessModuleTests(TestPostgres postgres)
{
    [Fact]
    public async Task Returns_401_to_API_clients_and_redirects_browsers_to_the_sign_in_page()
    {
        await using var app = await AccessApp.Start(postgres);
        using var visitor = app.NewVisitor();

        var page = await visitor.Get("/bridge", ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"));
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Equal("/login?ReturnUrl=%2Fbridge", page.Headers.Location?.PathAndQuery);

        foreach (var response in new[] { await visitor.Get("/api/bridge"), await visitor.Get("/bridge", ("Accept", "application/json")) })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            var problem = await response.Content.ReadFromJsonAsync<ProblemDetails>(Visitor.Cancelled);
            Assert.Equal("Sign in at /login, or send an API key in X-Api-Key.", problem?.Detail);
        }
    }

    [Fact]
    public async Task Serves_requests_without_a_database()
    {
        // Nothing listens on port 1, so every use of the database fails.
        await using var site = AccessApp.Build("Host=127.0.0.1;Port=1;Username=nobody;Database=nothing;Timeout=1");
        await site.StartAsync(Visitor.Cancelled);
        using var visitor = new Visitor(new Uri(site.Urls.First()));

        Assert.Equal("home", await (await visitor.Get("/")).Content.ReadAsStringAsync(Visitor.Cancelled));
        Assert.DoesNotContain(
            site.Services.GetServices<IHostedService>(), service => service.GetType().Name == "DataProtectionHostedService");
    }

    [Theory]
    [InlineData("Titanic:Admin:Password", "aaaaaaaaaaaaaaa", "Titanic:Admin:Password has 15 characters, 1 of them distinct; it must have 12 to 128 characters, at least 5 of them distinct.")]
    [InlineData("Titanic:Admin:Password", "short", "Titanic:Admin:Password has 5 characters")]
    [InlineData("Titanic:Admin:Email", "captain", "Titanic:Admin:Email is \"captain\"; it must be an email address.")]
    [InlineData("Access:SignInAttempts", "0", "Access:SignInAttempts is 0; it must be between 1 and 1,000.")]
    [InlineData("Titanic:Admin:Password", "qwertyuiop123456", "Titanic:Admin:Password is easy to guess")]
    [InlineData("Titanic:Admin:Password", "the ship of Captain Smith", "Titanic:Admin:Password contains the address of the account")]
    [InlineData("Access:SessionLifetime", "00:00:00", "Access:SessionLifetime is 00:00:00; it must be between 00:00:01 and 365.00:00:00.")]
    public async Task An_invalid_setting_stops_the_start_with_a_message(string setting, string value, string message)
    {
        await using var site = AccessApp.Build("Host=127.0.0.1;Port=1", settings: (setting, value));

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => site.StartAsync(Visitor.Cancelled));
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }
}
