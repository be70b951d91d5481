using System.Net;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Titanic.Web.Tests.Pages;

/// <summary>The site below a path base, as behind a proxy that serves several sites: no page leads out of it.</summary>
[Collection<OneFullSite>]
public sealed partial class PathBaseTests(FullSite site)
{
    /// <summary>Addresses of one shape, such as those of all commits, are visited this often.</summary>
    private const int VisitsPerShape = 2;

    private static readonly string[] _addressAttributes = ["href", "src", "action", "formaction", "data-address", "data-api", "data-page"];

    /// <summary>Pages that nothing links to, and that their own tests visit.</summary>
    private static readonly string[] _unlinkedPages = ["/Error", "/Login", "/Setup"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

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
        ]);
        while (addresses.TryDequeue(out var address))
        {
            using var answer = await admin.GetAsync(address, Cancelled);
            if (answer.Headers.Location is { } location)
            {
                var target = new Uri(new Uri(site.BaseAddress, address), location).PathAndQuery;
                Assert.True(target.StartsWith($"{FullSite.PathBase}/", StringComparison.Ordinal), $"{address} redirects to {location}, out of the path base.");
                if (IsNew(visited, target))
                    addresses.Enqueue(target);
                continue;
            }
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.NotFound, $"{address} answered {answer.StatusCode}.");
            if (answer.Content.Headers.ContentType?.MediaType != "text/html")
                continue;
            foreach (var (element, link) in Addresses(await TitanicSite.Page(answer)))
            {
                Assert.True(link == FullSite.PathBase || link.StartsWith($"{FullSite.PathBase}/", StringComparison.Ordinal), $"{address} leads to {link}, out of the path base.");
                if (element.LocalName is "link" or "script" or "img")
                    files.Add(link);
                else if (element.LocalName == "a" && !element.HasAttribute("download") && element.GetAttribute("rel") != "nofollow" && IsNew(visited, link))
                    addresses.Enqueue(link);
            }
        }

        foreach (var file in files)
        {
            using var answer = await admin.GetAsync(file, Cancelled);
            Assert.True(answer.IsSuccessStatusCode, $"{file} answered {answer.StatusCode}.");
        }
        Assert.Empty(PagesWithout(visited.Keys));
    }

    [Fact]
    public async Task Sign_in_leads_back_to_a_page_below_the_path_base()
    {
        using var client = site.NewClient();
        using var refused = await client.GetAsync($"{FullSite.PathBase}/features/upload", Cancelled);
        var form = refused.Headers.Location!.PathAndQuery;
        Assert.StartsWith($"{FullSite.PathBase}/login?", form, StringComparison.Ordinal);

        var page = await TitanicSite.Page(await client.GetAsync(form, Cancelled));
        var token = page.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        using var signedIn = await client.PostAsync(form, new FormUrlEncodedContent(
            [new("Email", TitanicSite.AdminEmail), new("Password", TitanicSite.AdminPassword), new("__RequestVerificationToken", token)]), Cancelled);

        Assert.Equal($"{FullSite.PathBase}/features/upload", signedIn.Headers.Location?.OriginalString);
    }

    /// <summary>Those of this site; a part of the page itself is none.</summary>
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
        return visited[shape] <= VisitsPerShape && !address.Contains("?pclass=", StringComparison.Ordinal) && !address.StartsWith($"{FullSite.PathBase}/hangfire", StringComparison.Ordinal);
    }

    /// <summary>The pages of the site that no address is one of.</summary>
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
