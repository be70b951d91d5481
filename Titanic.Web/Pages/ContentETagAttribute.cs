using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.Net.Http.Headers;

namespace Titanic.Web.Pages;

/// <summary>
/// Adds a weak ETag of the content of a page, its element main, and responds with 304 to a conditional request of the script
/// <c>auto-refresh.js</c> if the content is unchanged. Browsers do not store the page, because header and footer are not part of the tag.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ContentETagAttribute : Attribute, IAsyncResultFilter
{
    private const string Start = "<main ", End = "</main>";

    public async Task OnResultExecutionAsync(ResultExecutingContext context, ResultExecutionDelegate next)
    {
        var response = context.HttpContext.Response;
        var body = response.Body;
        using var page = new MemoryStream();
        response.Body = page;
        try
        {
            await next();
        }
        finally
        {
            response.Body = body;
        }
        if (response.StatusCode == StatusCodes.Status200OK)
        {
            var tag = TagOf(page);
            response.Headers.ETag = tag.ToString();
            response.Headers.CacheControl = "no-store";
            if (context.HttpContext.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false)))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                response.Headers.ContentType = default;
                return;
            }
        }
        page.Position = 0;
        await page.CopyToAsync(body, context.HttpContext.RequestAborted);
    }

    private static EntityTagHeaderValue TagOf(MemoryStream page)
    {
        var bytes = page.GetBuffer().AsSpan(0, (int)page.Length);
        var (start, end) = (bytes.IndexOf(Encoding.UTF8.GetBytes(Start)), bytes.LastIndexOf(Encoding.UTF8.GetBytes(End)));
        return new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(start >= 0 && end > start ? bytes[start..end] : bytes))[..32]}\"", isWeak: true);
    }
}
