using System.Net;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Microsoft.EntityFrameworkCore;

namespace Titanic.Web.Tests.Pages;

/// <summary>Reads pages, submits forms as a browser without scripts does, and queries the database for expected values.</summary>
internal static class PageReading
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Requests a page and asserts its status.</summary>
    public static async Task<IDocument> GetPage(this HttpClient client, string path, HttpStatusCode status = HttpStatusCode.OK) =>
        await (await client.GetAsync(path, Cancellation)).ReadPage(status);

    /// <summary>Parses the page of a response. Relative links and forms without an action refer to its URL.</summary>
    public static async Task<IDocument> ReadPage(this HttpResponseMessage response, HttpStatusCode status = HttpStatusCode.OK)
    {
        var html = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(status, response.StatusCode);
        return await BrowsingContext.New(Configuration.Default)
            .OpenAsync(page => page.Content(html).Address(response.RequestMessage!.RequestUri!), Cancellation);
    }

    /// <summary>Requests the target of a redirect.</summary>
    public static async Task<IDocument> FollowRedirect(this HttpClient client, HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        return await client.GetPage(response.Headers.Location!.OriginalString);
    }

    /// <summary>
    /// Submits a form as a browser without scripts does: to its action (default: the URL of the page), with its method and encoding. Fields
    /// keep their values except for those in <paramref name="values"/>.
    /// </summary>
    public static Task<HttpResponseMessage> SubmitForm(this HttpClient client, IDocument page, string form, params (string Name, string Value)[] values) =>
        client.SubmitForm(page, form, file: null, values);

    /// <inheritdoc cref="SubmitForm(HttpClient, IDocument, string, ValueTuple{string, string}[])"/>
    /// <param name="file">The content of the file in the form's field "file"; null for no file.</param>
    public static async Task<HttpResponseMessage> SubmitForm(this HttpClient client, IDocument page, string form, byte[]? file, params (string Name, string Value)[] values)
    {
        var element = page.QuerySelector(form) as IHtmlFormElement ?? throw new Xunit.Sdk.XunitException($"The page {page.Url} has no form \"{form}\".");
        Assert.All(values, field => Assert.Contains(element.Elements, control => control.GetAttribute("name") == field.Name));
        var fields = Fields(element, values).ToList();
        var address = new Uri(new Uri(page.Url), element.GetAttribute("action") ?? page.Url);
        if (element.Method != "post")
            return await client.GetAsync($"{address.AbsolutePath}?{string.Join('&', fields.Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"))}", Cancellation);
        if (element.Enctype != "multipart/form-data")
            return await client.PostAsync(address, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))), Cancellation);
        using var parts = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
            parts.Add(new StringContent(value), name);
        if (file is not null)
            parts.Add(new ByteArrayContent(file), "file", "list.csv");
        return await client.PostAsync(address, parts, Cancellation);
    }

    /// <summary>The submitted fields in document order: filled values, otherwise the values on the page.</summary>
    private static IEnumerable<(string Name, string Value)> Fields(IHtmlFormElement form, (string Name, string Value)[] values)
    {
        foreach (var field in form.Elements.Where(field => !field.HasAttribute("disabled")).GroupBy(field => field.GetAttribute("name")).Where(field => !string.IsNullOrEmpty(field.Key)))
        {
            var current = field.Where(IsSubmitted).Select(element => (Name: field.Key!, Value: element switch
            {
                IHtmlTextAreaElement text => text.Value,
                IHtmlSelectElement choice => choice.Value ?? "",
                _ => ((IHtmlInputElement)element).Value,
            }));
            foreach (var submitted in values.Any(other => other.Name == field.Key) ? values.Where(other => other.Name == field.Key) : current)
                yield return submitted;
        }

        static bool IsSubmitted(IElement element) => element is IHtmlTextAreaElement or IHtmlSelectElement
            or IHtmlInputElement { Type: not ("checkbox" or "radio" or "submit" or "button" or "file") } or IHtmlInputElement { Type: "checkbox" or "radio", IsChecked: true };
    }

    /// <summary>The text of the first matching element, with white space collapsed.</summary>
    public static string Text(this IParentNode page, string selector) => page.QuerySelector(selector) is { } found
        ? found.NormalizedText()
        : throw new Xunit.Sdk.XunitException($"The page has no element \"{selector}\".");

    /// <summary>The text of a node, with white space collapsed.</summary>
    public static string NormalizedText(this INode element) =>
        string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The cell texts of a table body, row by row, including row headings.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(this IParentNode page, string table) =>
        [.. page.QuerySelectorAll($"{table} tbody tr").Select(row => (IReadOnlyList<string>)[.. row.Children.Select(NormalizedText)])];

    /// <summary>The first column of the first row of a SQL query.</summary>
    public static async Task<T> QueryScalar<T>(this TestDatabase database, FormattableString sql)
    {
        await using var db = database.NewContext();
        return (await db.Database.SqlQuery<T>(sql).ToListAsync(Cancellation))[0];
    }
}
