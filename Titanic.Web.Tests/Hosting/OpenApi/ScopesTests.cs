using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>
/// Every endpoint that writes, called by every kind of client. The requests refer to resources that do not exist and so change little.
/// </summary>
[Collection<OneContractSite>]
public sealed class ScopesTests(ContractSite site)
{
    /// <summary>The public operations that are not GET: predictions, verification, which writes nothing, and feedback.</summary>
    private static readonly string[] _public = ["predict", "verifyPrediction", "sendFeedback"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_operation_that_writes_requires_a_scope_unless_it_is_public()
    {
        var writing = (await Contract.Load(site)).Operations.Where(operation => operation.Method != "GET" && operation.Path.StartsWith("/api/", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(writing);
        Assert.All(writing, operation => Assert.True(operation.Scope is not null || _public.Contains(operation.Id), $"{operation} requires no key."));
        Assert.All(writing.Where(operation => operation.Path.StartsWith("/api/passengers", StringComparison.Ordinal) || operation.Path == "/api/outcomes"), operation => Assert.Equal("ingest", operation.Scope));
    }

    [Fact]
    public async Task Only_a_key_of_the_right_scope_or_the_administrator_with_the_antiforgery_token_is_authorized()
    {
        var contract = await Contract.Load(site);
        var keys = new Dictionary<string, string>
        {
            ["ingest"] = await site.NewKey(ApiKeyScope.Ingest),
            ["operate"] = await site.NewKey(ApiKeyScope.Operate),
            ["predict"] = await site.NewKey(ApiKeyScope.Predict),
        };
        var revoked = new Dictionary<string, string> { ["ingest"] = await site.NewRevokedKey(ApiKeyScope.Ingest), ["operate"] = await site.NewRevokedKey(ApiKeyScope.Operate) };
        using var admin = await site.NewAdminClient();
        var token = (await TitanicSite.ParsePage(await admin.GetAsync("/pipelines", Cancellation))).QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;

        foreach (var operation in contract.Operations.Where(operation => operation.Scope is not null))
        {
            var scope = operation.Scope!;
            var other = scope == "ingest" ? "operate" : "ingest";
            Assert.Equal((401, "Sign in at /login, or send an API key in X-Api-Key."), await Send(operation, site.Client));
            Assert.Equal((401, "The key in X-Api-Key is unknown or revoked, or the account that created it is disabled."), await Send(operation, site.Client, (ApiKeyAuthentication.Header, revoked[scope])));
            foreach (var wrong in new[] { other, "predict" })
            {
                var (status, detail) = await Send(operation, site.Client, (ApiKeyAuthentication.Header, keys[wrong]));
                Assert.Equal(403, status);
                Assert.StartsWith($"This request requires an API key of scope {scope}; the API key ", detail, StringComparison.Ordinal);
                Assert.EndsWith($"has scope {wrong}.", detail, StringComparison.Ordinal);
            }
            Assert.True(IsAuthorized(await Send(operation, site.Client, (ApiKeyAuthentication.Header, keys[scope]))), $"{operation} does not authorize a key of scope {scope}.");
            if (operation.Method != "GET") // GET requires no token: another site cannot read the response
            {
                Assert.Equal(
                    (400, "The antiforgery token is missing or not valid. Reload the page, or send the page's token in the header X-CSRF-TOKEN."),
                    await Send(operation, admin));
            }
            Assert.True(IsAuthorized(await Send(operation, admin, (CookieAntiforgery.Header, token))), $"{operation} does not authorize the administrator.");
        }
    }

    private static bool IsAuthorized((int Status, string Detail) response) =>
        response.Status is not (401 or 403) && !response.Detail.Contains("antiforgery", StringComparison.Ordinal);

    private static async Task<(int Status, string Detail)> Send(Operation operation, HttpClient client, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(operation.Method), operation.PathWith(parameter =>
            parameter["schema"]!["type"]?.GetValue<string>() == "integer" ? "0" : "nobody"));
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (operation.Bodies is { } bodies)
        {
            var (type, content) = bodies.First();
            var example = content!["examples"]?.AsObject().First().Value!["value"]!.ToJsonString() ?? "nothing";
            request.Content = new StringContent(example, Encoding.UTF8, new MediaTypeHeaderValue(type));
        }
        using var response = await client.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        if (response.IsSuccessStatusCode)
            return ((int)response.StatusCode, "");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return ((int)response.StatusCode, JsonSerializer.Deserialize<JsonObject>(text)!["detail"]!.GetValue<string>());
    }
}
