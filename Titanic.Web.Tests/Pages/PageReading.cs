using AngleSharp.Dom;
using Microsoft.EntityFrameworkCore;

namespace Titanic.Web.Tests.Pages;

/// <summary>What pages say, and what the database says to the same question.</summary>
internal static class PageReading
{
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
        return (await db.Database.SqlQuery<T>(sql).ToListAsync(TestContext.Current.CancellationToken))[0];
    }
}
