using NetEscapades.AspNetCore.SecurityHeaders;
using Scalar.AspNetCore;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>
/// The API reference page at <see cref="Path"/>: every operation with its examples, which can be sent from the page. This process serves
/// all of its files; the page sends no request to another site.
/// </summary>
internal static class ApiPage
{
    public const string Path = "/scalar";

    public static void MapApiPage(this WebApplication app) => app.MapScalarApiReference(Path, (page, context) =>
    {
        page.Title = "API · Titanic";
        page.Favicon = $"{context.Request.PathBase}/favicon.svg";
        page.OpenApiRoutePattern = ApiDocument.Path;
        page.Nonce = context.GetNonce();
        page.DefaultFonts = false; // are loaded from another site
        page.Telemetry = false;
        page.ShowDeveloperTools = DeveloperToolsVisibility.Never;
        page.HideClientButton = true; // links to another site
        page.Agent = new ScalarAgentOptions { Disabled = true };
        page.Mcp = new ScalarMcpOptions { Disabled = true };
        page.ShowOperationId = true;
        page.HeaderContent = $"""<nav aria-label="Site"><a class="to-site" href="{context.Request.PathBase}/">Back to Titanic</a></nav>""";
        page.CustomCss = ".to-site { display: inline-block; padding: .75rem 1.5rem; color: var(--scalar-color-1); }";
    });
}
