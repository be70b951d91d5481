using Microsoft.AspNetCore.Html;
using QRCoder;

namespace Titanic.Web.Pages;

/// <summary>
/// The QR code of an authenticator key as SVG in the page: an image of another address would be a second response with the key. It has no
/// styles, which the content security policy forbids, and a white background in both themes, because apps read dark on light.
/// </summary>
internal static class AuthenticatorQrCode
{
    public static IHtmlContent Render(string address)
    {
        using var generator = new QRCodeGenerator();
        using var code = generator.CreateQrCode(address, QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix; // with a margin of 4 modules, as readers require
        var dark = string.Concat(
            from y in Enumerable.Range(0, rows.Count)
            from x in Enumerable.Range(0, rows.Count)
            where rows[y][x]
            select FormattableString.Invariant($"M{x} {y}h1v1h-1z"));
        return new HtmlContentBuilder().AppendFormat(
            """
            <svg viewBox="0 0 {0} {0}" role="img" aria-label="QR code of the key" shape-rendering="crispEdges" focusable="false"><rect width="{0}" height="{0}" fill="#fff"/><path d="{1}" fill="#000"/></svg>
            """,
            rows.Count, dark);
    }
}
