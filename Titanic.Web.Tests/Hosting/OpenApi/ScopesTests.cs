using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>Every endpoint that writes, held against everybody who might try. What is asked for does not exist, so that whoever gets in changes little.</summary>
[Collection<OneContractSite>]
public sealed class ScopesTests(ContractSite site)
{
    /// <summary>What writes and needs no right: asking is public, checking an answer writes nothing, and people may say what they think.</summary>
    private static readonly string[] _public = ["predict", "verifyPrediction", "sendFeedback"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_writes_needs_a_right_unless_it_is_named_here()
    {
        var writing = (await Contract.Of(site)).Operations.Where(operation => operation.Method != "GET" && operation.Path.StartsWith("/api/", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(writing);
        Assert.All(writing, operation => Assert.True(operation.Scope is not null || _public.Contains(operation.Id), $"{operation} needs no key."));
        Assert.All(writing.Where(operation => operation.Path.StartsWith("/api/passengers", StringComparison.Ordinal) || operation.Path == "/api/outcomes"), operation => Assert.Equal("ingest", operation.Scope));
    }

    [Fact]
    public async Task Only_a_key_of_the_right_scope_or_the_administrator_with_the_token_of_the_page_gets_in()
    {
        var contract = await Contract.Of(site);
        var keys = new Dictionary<string, string>
        {
            ["ingest"] = await site.NewKey(ApiKeyScope.Ingest), ["operate"] = await site.NewKey(ApiKeyScope.Operate), ["predict"] = await site.NewKey(ApiKeyScope.Predict),
        };
        var revoked = new Dictionary<string, string> { ["ingest"] = await site.NewRevokedKey(ApiKeyScope.Ingest), ["operate"] = await site.NewRevokedKey(ApiKeyScope.Operate) };
        using var admin = await site.NewAdminClient();
        var token = (await TitanicSite.Page(await admin.GetAsync("/pipelines", Cancellation))).QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;

        foreach (var operation in contract.Operations.Where(operation => operation.Scope is not null))
        {
            var scope = operation.Scope!;
            var other = scope == "ingest" ? "operate" : "ingest";
            Assert.Equal((401, "Sign in at /login, or send an API key in X-Api-Key."), await Ask(operation, site.Client));
            Assert.Equal((401, "The key in X-Api-Key is unknown or revoked."), await Ask(operation, site.Client, (ApiKeyAuthentication.Header, revoked[scope])));
            foreach (var wrong in new[] { other, "predict" })
            {
                var (status, detail) = await Ask(operation, site.Client, (ApiKeyAuthentication.Header, keys[wrong]));
                Assert.Equal(403, status);
                Assert.StartsWith($"This needs a key of scope {scope}; the API key ", detail, StringComparison.Ordinal);
                Assert.EndsWith($"has scope {wrong}.", detail, StringComparison.Ordinal);
            }
            Assert.True(GotIn(await Ask(operation, site.Client, (ApiKeyAuthentication.Header, keys[scope]))), $"{operation} does not let in a key of scope {scope}.");
            if (operation.Method != "GET") // a page of ours may read; a page of others cannot see what it gets
                Assert.Equal((400, "The antiforgery token is missing or stale: reload the page, or send its token in X-CSRF-TOKEN."), await Ask(operation, admin));
            Assert.True(GotIn(await Ask(operation, admin, (CookieAntiforgery.Header, token))), $"{operation} does not let in the administrator.");
        }
    }

    private static bool GotIn((int Status, string Detail) answer) => answer.Status is not (401 or 403) && !answer.Detail.Contains("antiforgery", StringComparison.Ordinal);

    private static async Task<(int Status, string Detail)> Ask(Operation operation, HttpClient client, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(operation.Method), operation.PathWith(parameter =>
            parameter["schema"]!["type"]?.GetValue<string>() == "integer" ? "0" : "nobody"));
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (operation.Bodies is { } bodies)
        {
            var (type, told) = bodies.First();
            var example = told!["examples"]?.AsObject().First().Value!["value"]!.ToJsonString() ?? "nothing";
            request.Content = new StringContent(example, Encoding.UTF8, new MediaTypeHeaderValue(type));
        }
        using var answer = await client.SendAsync(request, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        if (answer.IsSuccessStatusCode)
            return ((int)answer.StatusCode, "");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return ((int)answer.StatusCode, JsonSerializer.Deserialize<JsonObject>(text)!["detail"]!.GetValue<string>());
    }
}
