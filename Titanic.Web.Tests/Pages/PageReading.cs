using System.Net;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Microsoft.EntityFrameworkCore;

namespace Titanic.Web.Tests.Pages;

/// <summary>What pages say, what a reader without scripts can do with them, and what the database says to the same question.</summary>
internal static class PageReading
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The page at an address as this client sees it, which must answer with this status.</summary>
    public static async Task<IDocument> Open(this HttpClient client, string path, HttpStatusCode status = HttpStatusCode.OK) =>
        await (await client.GetAsync(path, Cancellation)).Document(status);

    /// <summary>The page of a response, with its address, which relative links and forms without an action refer to.</summary>
    public static async Task<IDocument> Document(this HttpResponseMessage response, HttpStatusCode status = HttpStatusCode.OK)
    {
        var html = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(status, response.StatusCode);
        return await BrowsingContext.New(Configuration.Default)
            .OpenAsync(page => page.Content(html).Address(response.RequestMessage!.RequestUri!), Cancellation);
    }

    /// <summary>The page that a redirect leads to.</summary>
    public static async Task<IDocument> Follow(this HttpClient client, HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        return await client.Open(response.Headers.Location!.OriginalString);
    }

    /// <summary>
    /// Sends a form as a browser without scripts does: to its action (without one, to the page's address), by its method and encoding,
    /// with what stands in its fields but for those that the reader fills in, ticks, chooses or presses.
    /// </summary>
    public static Task<HttpResponseMessage> Submit(this HttpClient client, IDocument page, string form, params (string Name, string Value)[] filled) =>
        client.Submit(page, form, file: null, filled);

    /// <inheritdoc cref="Submit(HttpClient, IDocument, string, ValueTuple{string, string}[])"/>
    /// <param name="file">The content of the file that is chosen in the form's field "file".</param>
    public static async Task<HttpResponseMessage> Submit(this HttpClient client, IDocument page, string form, byte[]? file, params (string Name, string Value)[] filled)
    {
        var sent = page.QuerySelector(form) as IHtmlFormElement ?? throw new Xunit.Sdk.XunitException($"There is no form {form} on {page.Url}.");
        Assert.All(filled, field => Assert.Contains(sent.Elements, element => element.GetAttribute("name") == field.Name));
        var fields = Fields(sent, filled).ToList();
        var address = new Uri(new Uri(page.Url), sent.GetAttribute("action") ?? page.Url);
        if (sent.Method != "post")
            return await client.GetAsync($"{address.AbsolutePath}?{string.Join('&', fields.Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"))}", Cancellation);
        if (sent.Enctype != "multipart/form-data")
            return await client.PostAsync(address, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))), Cancellation);
        using var parts = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
            parts.Add(new StringContent(value), name);
        if (file is not null)
            parts.Add(new ByteArrayContent(file), "file", "list.csv");
        return await client.PostAsync(address, parts, Cancellation);
    }

    /// <summary>What a browser sends, in the order of the page: what the reader has filled in, and else what stands there.</summary>
    private static IEnumerable<(string Name, string Value)> Fields(IHtmlFormElement form, (string Name, string Value)[] filled)
    {
        foreach (var field in form.Elements.Where(field => !field.HasAttribute("disabled")).GroupBy(field => field.GetAttribute("name")).Where(field => !string.IsNullOrEmpty(field.Key)))
        {
            var standing = field.Where(Counts).Select(element => (Name: field.Key!, Value: element switch
            {
                IHtmlTextAreaElement text => text.Value,
                IHtmlSelectElement choice => choice.Value ?? "",
                _ => ((IHtmlInputElement)element).Value,
            }));
            foreach (var sent in filled.Any(other => other.Name == field.Key) ? filled.Where(other => other.Name == field.Key) : standing)
                yield return sent;
        }

        static bool Counts(IElement element) => element is IHtmlTextAreaElement or IHtmlSelectElement
            or IHtmlInputElement { Type: not ("checkbox" or "radio" or "submit" or "button" or "file") } or IHtmlInputElement { Type: "checkbox" or "radio", IsChecked: true };
    }

    /// <summary>The text of the one element that fits, blanks run together.</summary>
    public static string Text(this IParentNode page, string selector) => page.QuerySelector(selector) is { } found
        ? found.Said()
        : throw new Xunit.Sdk.XunitException($"Nothing on the page fits {selector}.");

    public static string Said(this INode element) =>
        string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>A table's body as texts, row by row, row headings included.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(this IParentNode page, string table) =>
        [.. page.QuerySelectorAll($"{table} tbody tr").Select(row => (IReadOnlyList<string>)[.. row.Children.Select(Said)])];

    /// <summary>The first column of the first row of a question in SQL.</summary>
    public static async Task<T> Ask<T>(this TestDatabase database, FormattableString sql)
    {
        await using var db = database.NewContext();
        return (await db.Database.SqlQuery<T>(sql).ToListAsync(Cancellation))[0];
    }
}
