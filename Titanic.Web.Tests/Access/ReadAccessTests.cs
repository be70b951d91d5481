using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Access;

/// <summary>A site whose data only accounts and API keys can read.</summary>
public sealed class ReadAccessTests(ReadAccessTests.ClosedSite site) : IClassFixture<ReadAccessTests.ClosedSite>
{
    public sealed class ClosedSite(TestPostgres postgres)
        : TitanicSite(postgres, ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"), ("Access:Read", "signed-in"), ("Access:SignInAttempts", "1000"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/monitoring")]
    [InlineData("/models")]
    [InlineData("/models/compare")]
    [InlineData("/features")]
    [InlineData("/features/passengers")]
    [InlineData("/pipelines")]
    [InlineData("/runs")]
    [InlineData("/predictions")]
    [InlineData("/alerts")]
    [InlineData("/scalar/")]
    [InlineData("/no/such/page")]
    public async Task Pages_lead_visitors_to_the_sign_in_and_are_shown_to_accounts(string path)
    {
        using var response = await site.Client.GetAsync(path, Cancellation);
        Assert.Equal((HttpStatusCode.Redirect, "/login"), (response.StatusCode, response.Headers.Location!.AbsolutePath));

        using var admin = await site.NewAdminClient();
        Assert.Equal(path == "/no/such/page" ? HttpStatusCode.NotFound : HttpStatusCode.OK, (await admin.GetAsync(path, Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("/api/models")]
    [InlineData("/api/runs")]
    [InlineData("/api/commits")]
    [InlineData("/api/monitoring/performance")]
    [InlineData("/v2")]
    [InlineData("/version")]
    public async Task The_API_requires_a_key_of_any_scope(string path)
    {
        await using var scope = site.Services.CreateAsyncScope();
        var key = await scope.ServiceProvider.GetRequiredService<ApiKeys>().Create($"reader of {path}", ApiKeyScope.Predict, "test", Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { ApiKeyAuthentication.Header, key } } };

        Assert.Equal(HttpStatusCode.Unauthorized, (await site.Client.GetAsync(path, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await site.Client.SendAsync(request, Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Predicting_requires_a_key()
    {
        foreach (var path in (string[])["/api/predictions", "/invocations", "/v2/models/titanic_knn/infer"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await site.Client.PostAsJsonAsync(path, new { pclass = 1, sex = "female" }, Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/v2/health/live")]
    [InlineData("/metrics")]
    [InlineData("/css/site.css")]
    [InlineData("/favicon.svg")]
    public async Task The_sign_in_health_metrics_and_static_files_stay_public(string path) =>
        Assert.Equal(HttpStatusCode.OK, (await site.Client.GetAsync(path, Cancellation)).StatusCode);

    [Fact]
    public void No_other_endpoint_is_anonymous() => Assert.Equal(
        ["/error", "/health", "/health/live", "/health/ready", "/login", "/login/code", "/metrics", "/ping", "/v2/health/live", "/v2/health/ready"],
        site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null && endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
            .Select(endpoint => $"/{endpoint.RoutePattern.RawText!.Trim('/').ToLowerInvariant()}").Where(path => !path.Contains("{**", StringComparison.Ordinal) && !Path.HasExtension(path)) // files
            .Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_stored_response_is_not_sent_to_visitors()
    {
        using var admin = await site.NewAdminClient();
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/openapi/v1.json", Cancellation)).StatusCode);

        using var response = await site.Client.GetAsync("/openapi/v1.json", Cancellation);

        Assert.NotEqual(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task The_sign_in_page_shows_no_state_of_the_site()
    {
        var page = await site.Get("/login");

        Assert.DoesNotContain("hampion", page.QuerySelector("footer")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_another_value()
    {
        var result = new AccessOptionsValidator().Validate(null, new AccessOptions { Read = "everyone" });

        Assert.Equal(["Access:Read is \"everyone\"; it must be public or signed-in."], result.Failures);
    }
}
