using Microsoft.AspNetCore.StaticAssets;
using Titanic.Web.Access;

namespace Titanic.Web.Hosting;

/// <summary>
/// Security headers of pages: scripts and styles only from this site, no framing by other sites, and no caching of responses to signed-in
/// users. Pages have no inline handlers or styles; an inline script requires <c>HttpContext.GetNonce()</c>. API responses have
/// <see cref="ApiSecurityHeaders"/>.
/// </summary>
public static class SecurityHeaders
{
    private const string Dashboard = "dashboard", ApiReference = "reference";

    public static IServiceCollection AddSecurityHeaders(this IServiceCollection services)
    {
        services.AddSecurityHeaderPolicies()
            .SetDefaultPolicy(headers => AddCommonHeaders(headers).AddContentSecurityPolicy(csp =>
            {
                csp.AddScriptSrc().Self().WithNonce();
                AllowSelfOnly(csp);
            }))
            // Hangfire's dashboard uses inline scripts and styles. Only the administrator can open it.
            .AddPolicy(Dashboard, headers => AddCommonHeaders(headers).AddContentSecurityPolicy(csp =>
            {
                csp.AddScriptSrc().Self().UnsafeInline();
                csp.AddStyleSrc().Self().UnsafeInline();
                csp.AddFontSrc().Self().Data();
                AllowSelfOnly(csp);
            }))
            // The API reference page creates style sheets at run time; its scripts are files and one inline script with the nonce.
            .AddPolicy(ApiReference, headers => AddCommonHeaders(headers).AddContentSecurityPolicy(csp =>
            {
                csp.AddScriptSrc().Self().WithNonce();
                csp.AddStyleSrc().Self().UnsafeInline();
                csp.AddFontSrc().Self().Data();
                AllowSelfOnly(csp);
            }));
        return services;
    }

    /// <summary>Must be the first middleware, so that every response has the headers, including errors and static files.</summary>
    public static WebApplication UseTitanicSecurityHeaders(this WebApplication app)
    {
        app.UseWhen(IsDashboard, branch => branch.UseSecurityHeaders(Dashboard));
        app.UseWhen(IsReference, branch => branch.UseSecurityHeaders(ApiReference));
        app.UseWhen(IsApi, branch => branch.Use(ApiSecurityHeaders.Apply));
        app.UseWhen(context => !IsDashboard(context) && !IsReference(context) && !IsApi(context), branch => branch.UseSecurityHeaders());
        app.Use(RejectTrace);
        app.Use(PreventCaching);
        return app;
    }

    private static HeaderPolicyCollection AddCommonHeaders(HeaderPolicyCollection headers) => headers
        .AddContentTypeOptionsNoSniff()
        .AddFrameOptionsDeny()
        .AddReferrerPolicyStrictOriginWhenCrossOrigin()
        .AddCrossOriginOpenerPolicy(opener => opener.SameOrigin()) // a page that opened this one, or was opened by it, cannot control it
        .AddPermissionsPolicyWithDefaultSecureDirectives();

    private static void AllowSelfOnly(CspBuilder csp)
    {
        csp.AddDefaultSrc().Self();
        csp.AddImgSrc().Self().Data();
        csp.AddObjectSrc().None();
        csp.AddBaseUri().Self();
        csp.AddFormAction().Self();
        csp.AddFrameAncestors().None();
    }

    private static bool IsApi(HttpContext context) => AuthChallenge.IsApiPath(context.Request.Path);

    private static bool IsDashboard(HttpContext context) => context.Request.Path.StartsWithSegments("/hangfire");

    private static bool IsReference(HttpContext context) => context.Request.Path.StartsWithSegments(OpenApi.ApiPage.Path);

    /// <summary>Rejects TRACE, which would echo the cookies and keys of the request.</summary>
    private static Task RejectTrace(HttpContext context, RequestDelegate next)
    {
        if (!HttpMethods.IsTrace(context.Request.Method)) return next(context);
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = string.Join(", ", RequestMethods.AllowedAt(context));
        return Task.CompletedTask;
    }

    /// <summary>Prevents caching of responses to signed-in users, except static assets, which are the same for all users.</summary>
    private static Task PreventCaching(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(PreventCaching, context);
        return next(context);
    }

    private static Task PreventCaching(object state)
    {
        var context = (HttpContext)state;
        var isPersonal = context.User.Identity is { IsAuthenticated: true } || context.Request.Path.StartsWithSegments("/login");
        if (isPersonal && context.GetEndpoint()?.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
            context.Response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}
