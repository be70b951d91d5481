using NetEscapades.AspNetCore.SecurityHeaders;
using Scalar.AspNetCore;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>
/// The document as a page, at <see cref="Path"/>: every operation with its examples, to be tried at once. All of it comes from this process;
/// nothing is fetched from, or told to, anybody else.
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
        page.DefaultFonts = false; // they would come from another site
        page.Telemetry = false;
        page.ShowDeveloperTools = DeveloperToolsVisibility.Never;
        page.HideClientButton = true; // leads to another site
        page.Agent = new ScalarAgentOptions { Disabled = true };
        page.Mcp = new ScalarMcpOptions { Disabled = true };
        page.ShowOperationId = true;
        page.HeaderContent = $"""<nav aria-label="Site"><a class="to-site" href="{context.Request.PathBase}/">Back to Titanic</a></nav>""";
        page.CustomCss = ".to-site { display: inline-block; padding: .75rem 1.5rem; color: var(--scalar-color-1); }";
    });
}
