using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>
/// Who may do what: the administrator's sign-in, API keys, policies and the audit log. Nothing here touches the database while services
/// are built or the server starts, because the server answers before its database exists.
/// </summary>
public static class AccessModule
{
    /// <summary>Of the sign-in.</summary>
    internal const string CookieName = "titanic";

    private const string EitherScheme = "titanic";

    /// <summary>Needs a registered <see cref="TitanicDb"/>. Call it after <c>AddRazorPages</c>, see <see cref="KeepKeysInDatabase"/>.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidation>()
            .AddOptions<AccessOptions>().Bind(configuration.GetSection(AccessOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AdminOptions>, AdminOptionsValidation>()
            .AddOptions<AdminOptions>().Bind(configuration.GetSection(AdminOptions.Section)).ValidateOnStart();

        services.TryAddSingleton(TimeProvider.System);
        services.AddScoped<AuditLog>().AddScoped<ApiKeys>().AddScoped<AdminAccount>().AddScoped<SignIn>().AddSingleton<SignInRateLimit>();
        AddIdentity(services);
        AddAuthentication(services);
        AddPolicies(services);
        AddAntiforgery(services);
        services.AddRateLimits(configuration);
        KeepKeysInDatabase(services);
        return services;
    }

    /// <summary>Reads who is asking, and counts how often. It needs the database for whoever shows a cookie or a key, so a start page must stand before it.</summary>
    public static WebApplication UseAccess(this WebApplication app)
    {
        app.UseWhen(ShowsWhoAsks, known => known.UseAuthentication());
        // Else WebApplication, which does not see into the branch, puts one more in front of everything, out of the error pages' reach.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
        app.UseRateLimiter(); // before the policies: whoever tries keys is counted too
        app.UseAuthorization();
        return app;
    }

    /// <summary>
    /// Who shows neither cookie nor key is nobody, which takes no looking up. And a page that tells of a failure must not ask the database, which
    /// may be what failed, who is reading it.
    /// </summary>
    private static bool ShowsWhoAsks(HttpContext context) =>
        (context.Request.Headers.Cookie.Count > 0 || context.Request.Headers.ContainsKey(ApiKeyAuthentication.Header))
        && context.Features.Get<IExceptionHandlerFeature>() is null;

    /// <summary>Maps <c>POST /logout</c>; the sign-in page is <c>Pages/Login</c>.</summary>
    public static WebApplication MapAccess(this WebApplication app)
    {
        app.MapPost("/logout", async (SignIn signIn, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        {
            await signIn.End(user, cancellationToken);
            return Results.LocalRedirect("/");
        }).RequireAntiforgeryForCookies().ExcludeFromDescription();
        return app;
    }

    private static void AddIdentity(IServiceCollection services)
    {
        services.AddIdentityCore<IdentityUser>(identity => PasswordRule.Apply(identity.Password))
            .AddRoles<IdentityRole>()
            .AddEntityFrameworkStores<TitanicDb>()
            .AddSignInManager();
        services.AddOptions<IdentityOptions>().Configure<IOptions<AccessOptions>>((identity, access) =>
        {
            identity.Lockout.MaxFailedAccessAttempts = access.Value.LockoutFailures;
            identity.Lockout.DefaultLockoutTimeSpan = access.Value.LockoutTime;
        });
        // A cookie alone outlives its sign-out. Asking for the stamp on every request is what makes a replayed one worthless.
        services.Configure<SecurityStampValidatorOptions>(stamp => stamp.ValidationInterval = TimeSpan.Zero);
    }

    private static void AddAuthentication(IServiceCollection services)
    {
        // A request that names a key is judged by that key alone: a cookie beside it neither helps it nor asks for an antiforgery token.
        var authentication = services.AddAuthentication(EitherScheme)
            .AddPolicyScheme(EitherScheme, null, either => either.ForwardDefaultSelector = context =>
                context.Request.Headers.ContainsKey(ApiKeyAuthentication.Header)
                    ? ApiKeyAuthentication.Scheme
                    : IdentityConstants.ApplicationScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.Scheme, null);
        authentication.AddTwoFactorRememberMeCookie(); // never given out, but Identity clears it when it refuses a stale cookie
        authentication.AddApplicationCookie().Configure<IOptions<AccessOptions>>((cookie, access) =>
        {
            cookie.Cookie.Name = CookieName;
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.LoginPath = "/login";
            cookie.LogoutPath = "/logout";
            cookie.ExpireTimeSpan = access.Value.SessionTime;
            cookie.Events.OnRedirectToLogin = Refusal.AskToSignIn;
            cookie.Events.OnRedirectToAccessDenied = Refusal.Forbid;
        });
    }

    private static void AddPolicies(IServiceCollection services) => services.AddAuthorizationBuilder()
        .AddPolicy(AccessPolicies.Admin, policy => policy.RequireRole(AccessPolicies.AdminRole))
        .AddPolicy(AccessPolicies.Operator, policy => RequireAdminOrKey(policy, AccessPolicies.Operator))
        .AddPolicy(AccessPolicies.Ingest, policy => RequireAdminOrKey(policy, AccessPolicies.Ingest));

    private static void RequireAdminOrKey(AuthorizationPolicyBuilder policy, string name) => policy
        .RequireAuthenticatedUser()
        .RequireAssertion(asked => asked.User.IsInRole(AccessPolicies.AdminRole)
            || asked.User.HasClaim(ApiKeyAuthentication.ScopeClaim, AccessPolicies.ScopeOf(name).ToString()!));

    private static void AddAntiforgery(IServiceCollection services) => services.AddAntiforgery(antiforgery =>
    {
        antiforgery.HeaderName = CookieAntiforgery.Header;
        antiforgery.Cookie.Name = CookieAntiforgery.CookieName;
        antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        antiforgery.SuppressXFrameOptionsHeader = true; // the site's own header is stricter: DENY
    });

    /// <summary>
    /// Several web processes share cookies and tokens, so the keys live in the database. The framework's hosted service that loads them
    /// while the server starts is taken out: at that moment there may be no database yet; the first request that needs them loads them.
    /// <c>AddRazorPages</c> and others would put that service in again, so they come before.
    /// </summary>
    private static void KeepKeysInDatabase(IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("Titanic").PersistKeysToDbContext<TitanicDb>();
        foreach (var preload in services.Where(s => s.ImplementationType?.Name == "DataProtectionHostedService").ToList())
            services.Remove(preload);
    }
}
