using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Access;

/// <summary>An HTTP client with its own cookies, like a browser, that does not follow redirects.</summary>
internal sealed class Visitor : IDisposable
{
    /// <summary>The header whose value <see cref="AccessApp"/> takes as the address of the client.</summary>
    public const string AddressHeader = "X-Test-Address";

    private readonly HttpClient http;

    public Visitor(Uri site, string? address = null)
    {
        http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = Cookies }) { BaseAddress = site };
        if (address is not null)
            http.DefaultRequestHeaders.Add(AddressHeader, address);
    }

    public CookieContainer Cookies { get; } = new();

    public Uri Site => http.BaseAddress!;

    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public Task<HttpResponseMessage> Get(string path, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Get, path, null, headers);

    public Task<HttpResponseMessage> Post(string path, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Post, path, null, headers);

    public async Task<HttpResponseMessage> SignIn(
        string email = AccessApp.Email, string password = AccessApp.Password, string path = "/login")
    {
        var token = (await Page(await Get(path))).QuerySelector("input[name=__RequestVerificationToken]")?.GetAttribute("value");
        // There is no form if the visitor is already signed in, because the page redirects.
        return await Send(HttpMethod.Post, path, new FormUrlEncodedContent(
        [
            new("Email", email), new("Password", password), new("__RequestVerificationToken", token ?? ""),
        ]));
    }

    /// <summary>Fetches a token for this visitor and sends it in the header, as the site's scripts do.</summary>
    public async Task<HttpResponseMessage> PostWithToken(string path)
    {
        var token = await http.GetStringAsync("/token", Cancelled);
        return await Post(path, (CookieAntiforgery.Header, token));
    }

    public async Task<HttpResponseMessage> Send(
        HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return await http.SendAsync(request, Cancelled);
    }

    public static async Task<IDocument> Page(HttpResponseMessage response) =>
        await new HtmlParser().ParseDocumentAsync(await response.Content.ReadAsStringAsync(Cancelled), Cancelled);

    /// <summary>The error message of the sign-in page; null if there is none.</summary>
    public static async Task<string?> Message(HttpResponseMessage response) =>
        (await Page(response)).QuerySelector("[role=alert]")?.TextContent.Trim();

    public void Dispose() => http.Dispose();
}
