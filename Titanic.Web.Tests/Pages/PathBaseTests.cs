using System.Net;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Titanic.Web.Tests.Pages;

/// <summary>
/// The site below a path base, as behind a reverse proxy that serves several sites: no URL of a page leaves the path base.
/// </summary>
[Collection<FullSiteCollection>]
public sealed partial class PathBaseTests(FullSite site)
{
    /// <summary>Maximum number of requested URLs of the same shape, for example of commit pages.</summary>
    private static readonly int _visitsPerShape = Repetitions.Of(developer: 1, continuousIntegration: 2);

    private static readonly string[] _addressAttributes = ["href", "src", "action", "formaction", "data-address", "data-api", "data-page"];

    /// <summary>Pages without links to them; their own tests request them.</summary>
    private static readonly string[] _unlinkedPages = ["/Error", "/Login", "/LoginCode", "/Setup"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Signing_out_leads_to_the_start_page_below_the_path_base()
    {
        using var admin = await site.NewAdminClient();
        var page = await TitanicSite.ParsePage(await admin.GetAsync($"{FullSite.PathBase}/", Cancellation));
        var token = page.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;

        using var response = await admin.PostAsync(
            $"{FullSite.PathBase}/logout", new FormUrlEncodedContent([new("__RequestVerificationToken", token)]), Cancellation);

        Assert.Equal($"{FullSite.PathBase}/", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task No_link_form_script_or_style_leaves_the_path_base()
    {
        using var admin = await site.NewAdminClient();
        var visited = new Dictionary<string, int>();
        var files = new HashSet<string>();
        var addresses = new Queue<string>(
        [
            $"{FullSite.PathBase}/", $"{FullSite.PathBase}/?pclass=1&sex=female&age=29&fare=100", $"{FullSite.PathBase}/?age=abc", $"{FullSite.PathBase}/nowhere",
            $"{FullSite.PathBase}/features/upload?run=0", $"{FullSite.PathBase}/models/compare?a=1&b=champion",
            $"{FullSite.PathBase}/alerts/1",
        ]);
        while (addresses.TryDequeue(out var address))
        {
            using var response = await admin.GetAsync(address, Cancellation);
            if (response.Headers.Location is { } location)
            {
                var target = new Uri(new Uri(site.BaseAddress, address), location).PathAndQuery;
                Assert.True(target.StartsWith($"{FullSite.PathBase}/", StringComparison.Ordinal), $"{address} redirects to {location}, outside of the path base.");
                if (IsNew(visited, target))
                    addresses.Enqueue(target);
                continue;
            }
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.NotFound, $"{address} returned {response.StatusCode}.");
            if (response.Content.Headers.ContentType?.MediaType != "text/html")
                continue;
            foreach (var (element, link) in Addresses(await TitanicSite.ParsePage(response)))
            {
                Assert.True(link == FullSite.PathBase || link.StartsWith($"{FullSite.PathBase}/", StringComparison.Ordinal), $"{address} links to {link}, outside of the path base.");
                if (element.LocalName is "link" or "script" or "img")
                    files.Add(link);
                else if (element.LocalName == "a" && !element.HasAttribute("download") && element.GetAttribute("rel") != "nofollow" && IsNew(visited, link))
                    addresses.Enqueue(link);
            }
        }

        foreach (var file in files)
        {
            using var response = await admin.GetAsync(file, Cancellation);
            Assert.True(response.IsSuccessStatusCode, $"{file} returned {response.StatusCode}.");
        }
        Assert.Empty(PagesWithout(visited.Keys));
    }

    [Fact]
    public async Task Sign_in_redirects_to_a_page_below_the_path_base()
    {
        using var client = site.NewClient();
        using var challenge = await client.GetAsync($"{FullSite.PathBase}/features/upload", Cancellation);
        var form = challenge.Headers.Location!.PathAndQuery;
        Assert.StartsWith($"{FullSite.PathBase}/login?", form, StringComparison.Ordinal);

        var page = await TitanicSite.ParsePage(await client.GetAsync(form, Cancellation));
        var token = page.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        using var signedIn = await client.PostAsync(form, new FormUrlEncodedContent(
            [new("Email", TitanicSite.AdminEmail), new("Password", TitanicSite.AdminPassword), new("__RequestVerificationToken", token)]), Cancellation);

        Assert.Equal($"{FullSite.PathBase}/features/upload", signedIn.Headers.Location?.OriginalString);
    }

    /// <summary>The URLs of this site on a page, without their fragments.</summary>
    private static IEnumerable<(IElement Element, string Address)> Addresses(IDocument page) =>
        from element in page.All
        from attribute in _addressAttributes
        let address = element.GetAttribute(attribute)
        where address is ['/', ..]
        select (element, address.Split('#')[0]);

    private static bool IsNew(Dictionary<string, int> visited, string address)
    {
        var shape = Number().Replace(address, "N");
        visited[shape] = visited.GetValueOrDefault(shape) + 1;
        return visited[shape] <= _visitsPerShape && !address.Contains("?pclass=", StringComparison.Ordinal) && !address.StartsWith($"{FullSite.PathBase}/hangfire", StringComparison.Ordinal);
    }

    /// <summary>The pages whose route matches none of the visited URLs.</summary>
    private IEnumerable<string> PagesWithout(IReadOnlyCollection<string> shapes) =>
        from page in ((IActionDescriptorCollectionProvider)site.Services.GetService(typeof(IActionDescriptorCollectionProvider))!).ActionDescriptors.Items.OfType<PageActionDescriptor>()
        where !_unlinkedPages.Contains(page.ViewEnginePath)
        let route = RouteParameter().Replace($"{FullSite.PathBase}/{page.AttributeRouteInfo!.Template}".TrimEnd('/'), parameter => parameter.Value.EndsWith("?}", StringComparison.Ordinal) ? "(/[^/]+)?" : "/[^/]+")
        where !shapes.Any(shape => Regex.IsMatch(shape.Split('?')[0].TrimEnd('/'), $"^{route}$"))
        select page.ViewEnginePath;

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"/\{[^/]*\}")]
    private static partial Regex RouteParameter();
}
