using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;
using Titanic.Web.Pages;
using Titanic.Web.Tests.Repository;

namespace Titanic.Web.Tests.Access;

/// <summary>
/// The table in docs/security.md, tested: every role sends every request that is not public. The requests refer to resources that do not
/// exist and so change little.
/// </summary>
[Collection<AccountsSiteCollection>]
public sealed partial class AccessMatrixTests(AccountsSite site)
{
    private const string NotSignedIn = "not signed in";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_document_lists_every_request_that_is_not_public()
    {
        var (_, requests) = ReadDocument();
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var endpoint in site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            foreach (var (method, policy) in await PoliciesOf(endpoint))
                found.Add($"{policy}: {method} {PathOf(endpoint)}");
        }

        var listed = requests.Select(request => $"{request.Permission}: {request.Method} {request.Path}").ToList();
        Assert.True(found.SetEquals(listed), $"Missing:\n{string.Join('\n', found.Except(listed))}\nSuperfluous:\n{string.Join('\n', listed.Except(found))}");
    }

    [Theory]
    [InlineData(NotSignedIn)]
    [InlineData(AccountRoles.Viewer)]
    [InlineData(AccountRoles.Operator)]
    [InlineData(AccountRoles.Admin)]
    public async Task A_role_is_allowed_the_requests_of_the_document_and_no_others(string role)
    {
        var (allowed, requests) = ReadDocument();
        var email = role == NotSignedIn ? null : await site.AddAccount(role);
        var failures = new List<string>();
        foreach (var (permission, method, path) in requests)
        {
            foreach (var handler in await HandlersOf(method, path))
            {
                using var client = email is null ? site.NewClient() : await site.NewSignedInClient(email, AccountsSite.Password);
                using var response = await Send(client, method, WithoutParameters(path) + handler);
                var isAllowed = allowed[(role, permission)];
                var isExpected = isAllowed ? !IsDenied(response)
                    : role != NotSignedIn ? response.StatusCode == HttpStatusCode.Forbidden
                    : path.StartsWith("/api/", StringComparison.Ordinal) ? response.StatusCode == HttpStatusCode.Unauthorized
                    : IsRedirectToSignIn(response);
                if (!isExpected)
                    failures.Add($"{method} {path}{handler}: {response.StatusCode} {response.Headers.Location}; {role} {(isAllowed ? "is" : "is not")} allowed");
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Theory]
    [InlineData(ApiKeyScope.Predict)]
    [InlineData(ApiKeyScope.Ingest)]
    [InlineData(ApiKeyScope.Operate)]
    public async Task A_key_is_allowed_the_requests_of_the_document_and_no_others(ApiKeyScope scope)
    {
        var (allowed, requests) = ReadDocument();
        string key = "";
        await site.InScope<ApiKeys>(async keys => key = await keys.Create($"{Guid.NewGuid():N}", scope, "a test", Cancellation));
        var failures = new List<string>();
        foreach (var (permission, method, path) in requests.Where(request => request.Path.StartsWith("/api/", StringComparison.Ordinal) || request.Permission is AccessPolicies.Admin or AccessPolicies.SignedIn))
        {
            if (method == "POST" && !path.StartsWith("/api/", StringComparison.Ordinal))
                continue; // forms require a token, which a key does not have
            using var client = site.NewClient();
            client.DefaultRequestHeaders.Add(ApiKeyAuthentication.Header, key);
            using var response = await Send(client, method, WithoutParameters(path));
            var isAllowed = allowed[($"key `{scope.ToString().ToLowerInvariant()}`", permission)];
            if (isAllowed ? IsDenied(response) : response.StatusCode != HttpStatusCode.Forbidden)
                failures.Add($"{method} {path}: {response.StatusCode}; the key {(isAllowed ? "is" : "is not")} allowed");
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static bool IsDenied(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden || IsRedirectToSignIn(response);

    private static bool IsRedirectToSignIn(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.Redirect && response.Headers.Location!.ToString().Contains("/login?ReturnUrl=", StringComparison.OrdinalIgnoreCase);

    private static async Task<HttpResponseMessage> Send(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method != "GET")
        {
            request.Content = new StringContent("{}", Encoding.UTF8, path switch
            {
                "/api/models/archives" => "application/zip",
                "/api/passengers/preview" => "text/csv",
                _ => "application/json", // another type than the endpoint's would be refused before the permission is checked
            });
            var form = await TitanicSite.ParsePage(await client.GetAsync("/login", Cancellation) is { StatusCode: HttpStatusCode.OK } signIn ? signIn : await client.GetAsync("/account", Cancellation));
            if (form.QuerySelector("input[name=__RequestVerificationToken]")?.GetAttribute("value") is { } token)
                request.Headers.Add(CookieAntiforgery.Header, token);
        }
        return await client.SendAsync(request, Cancellation);
    }

    /// <summary>The query strings of the handlers of a page; one empty one for other requests.</summary>
    private async Task<IReadOnlyList<string>> HandlersOf(string method, string path)
    {
        if (method == "GET" || path.StartsWith("/api/", StringComparison.Ordinal))
            return [""];
        foreach (var endpoint in site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (PathOf(endpoint) == path && await LoadPage(endpoint) is { } page)
                return [.. PostHandlersOf(page).Select(handler => handler.Name is null ? "" : $"?handler={handler.Name}")];
        }
        return [""];
    }

    private async Task<IEnumerable<(string Method, string Policy)>> PoliciesOf(RouteEndpoint endpoint)
    {
        if (await LoadPage(endpoint) is not { } page)
        {
            return endpoint.Metadata.GetMetadata<IAuthorizeData>()?.Policy is { } policy
                ? (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(method => (method, policy))
                : [];
        }
        var methods = PostHandlersOf(page).Count > 0 ? (string[])["GET", "POST"] : ["GET"];
        if (page.ModelTypeInfo?.GetCustomAttribute<AuthorizeAttribute>()?.Policy is { } ofPage)
            return methods.Select(method => (method, ofPage));
        if (methods is ["GET"] || !page.ModelTypeInfo!.IsSubclassOf(typeof(OperatorPageModel)))
            return [];
        // Without a request, because the policy of a page's actions is the same for all.
        var model = RuntimeHelpers.GetUninitializedObject(page.ModelTypeInfo);
        return Read<bool>(model, "AllowsPublicPost") ? [] : [("POST", Read<string>(model, "Policy"))];
    }

    private static IReadOnlyList<HandlerMethodDescriptor> PostHandlersOf(CompiledPageActionDescriptor page) =>
        [.. page.HandlerMethods.Where(handler => handler.HttpMethod.Equals("POST", StringComparison.OrdinalIgnoreCase))];

    private static T Read<T>(object model, string property) => (T)typeof(OperatorPageModel)
        .GetProperty(property, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(model)!;

    private async Task<CompiledPageActionDescriptor?> LoadPage(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<PageActionDescriptor>() is { } page
        ? await site.Services.GetRequiredService<PageLoader>().LoadAsync(page, endpoint.Metadata)
        : null;

    /// <summary>A path of a resource that does not exist; a path with another value of operation or handler would have no endpoint.</summary>
    private static string WithoutParameters(string path) => Parameter().Replace(
        path.Replace("{operation}", "promote", StringComparison.Ordinal).Replace("{handler}", "", StringComparison.Ordinal), "0");

    /// <summary>The route without constraints and the rest of a path: <c>/models/{version}</c>.</summary>
    private static string PathOf(RouteEndpoint endpoint) =>
        "/" + Constraint().Replace(endpoint.RoutePattern.RawText!.Replace("/{**path}", "", StringComparison.Ordinal), "}").Trim('/');

    private static (IReadOnlyDictionary<(string Caller, string Permission), bool> Allowed, IReadOnlyList<(string Permission, string Method, string Path)> Requests) ReadDocument()
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "security.md"));
        var rows = MatrixRow().Matches(text).Select(row => row.Groups["cells"].Value.Split('|', StringSplitOptions.TrimEntries)).ToList();
        var allowed = rows.Skip(1).SelectMany(row => rows[0].Skip(1).Zip(row.Skip(1), (caller, cell) => (Key: (caller, row[0].Trim('`')), IsAllowed: cell == "yes")))
            .ToDictionary(cell => cell.Key, cell => cell.IsAllowed);
        var requests = RequestRow().Matches(text).SelectMany(row => Request().Matches(row.Groups["requests"].Value)
            .Select(request => (row.Groups["permission"].Value, request.Groups["method"].Value, request.Groups["path"].Value)));
        return (allowed, [.. requests]);
    }

    [GeneratedRegex(@"\{\*?\w+\??\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@":[^}]+\}")]
    private static partial Regex Constraint();

    [GeneratedRegex(@"^\| (?<cells>Permission \| not signed in \|.*|`[a-z-]+` \| (yes|no) \|.*) \|$", RegexOptions.Multiline)]
    private static partial Regex MatrixRow();

    [GeneratedRegex(@"^- `(?<permission>[a-z-]+)`: (?<requests>.*)$", RegexOptions.Multiline)]
    private static partial Regex RequestRow();

    [GeneratedRegex(@"`(?<method>[A-Z]+) (?<path>/[^`]*)`")]
    private static partial Regex Request();
}
