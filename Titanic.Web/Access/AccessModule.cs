using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>
/// Authentication and authorization: accounts, sign-in, API keys, policies, rate limits, cross-origin requests and the audit log. Nothing here uses the
/// database while services are built or the server starts, because the server accepts requests before its database exists.
/// </summary>
public static class AccessModule
{
    /// <summary>The name of the authentication cookie.</summary>
    internal const string CookieName = "titanic";

    private const string SecondFactorCookieName = "titanic-second-factor";

    /// <summary>The property of a sign-in with the time at which its session began, which renewals of the cookie keep.</summary>
    private const string SessionBegin = ".begin";

    private const string PolicyScheme = "titanic";

    /// <summary>
    /// Requires a registered <see cref="TitanicDb"/>. Call it after <c>AddRazorPages</c>, see <see cref="StoreKeysInDatabase"/>.
    /// </summary>
    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>()
            .AddOptions<AccessOptions>().Bind(configuration.GetSection(AccessOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AdminOptions>, AdminOptionsValidator>()
            .AddOptions<AdminOptions>().Bind(configuration.GetSection(AdminOptions.Section)).ValidateOnStart();

        services.TryAddSingleton(TimeProvider.System);
        services.AddScoped<AuditLog>().AddScoped<ApiKeys>().AddSingleton<ApiKeyUse>()
            .AddScoped<Accounts>().AddScoped<AdminAccount>().AddScoped<OwnAccount>().AddScoped<SecondFactor>()
            .AddScoped<SignIn>().AddScoped<SignInThrottle>().AddSingleton<SignInRateLimit>();
        AddIdentity(services);
        AddAuthentication(services);
        AddPolicies(services);
        AddAntiforgery(services);
        services.AddRateLimits(configuration);
        services.AddCrossOrigin(configuration);
        StoreKeysInDatabase(services);
        return services;
    }

    /// <summary>
    /// Adds cross-origin requests, authentication, rate limits and authorization. A request with a cookie or a key requires the database, so the start page must
    /// come before this middleware.
    /// </summary>
    public static WebApplication UseAccess(this WebApplication app)
    {
        app.UseCrossOrigin();
        app.UseAuthentication();
        app.UseRateLimiter(); // before authorization, so that requests with invalid keys also count
        app.UseAuthorization();
        return app;
    }

    /// <summary>Maps <c>POST /logout</c>; the sign-in page is <c>Pages/Login</c>.</summary>
    public static WebApplication MapAccess(this WebApplication app)
    {
        app.MapPost("/logout", async (SignIn signIn, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        {
            await signIn.SignOut(user, cancellationToken);
            return Results.LocalRedirect("~/");
        }).RequireAntiforgeryForCookies().ExcludeFromDescription();
        return app;
    }

    private static void AddIdentity(IServiceCollection services)
    {
        services.AddScoped<IPasswordValidator<IdentityUser>, PasswordRules>(); // before AddIdentityCore, which then does not add its own rules
        services.AddIdentityCore<IdentityUser>()
            .AddRoles<IdentityRole>()
            .AddEntityFrameworkStores<TitanicDb>()
            .AddSignInManager()
            .AddTokenProvider<AuthenticatorTokenProvider<IdentityUser>>(TokenOptions.DefaultAuthenticatorProvider);
        // A cookie stays valid after its sign-out. Validating the security stamp on every request invalidates a copied cookie.
        services.Configure<SecurityStampValidatorOptions>(stamp => stamp.ValidationInterval = TimeSpan.Zero);
    }

    private static void AddAuthentication(IServiceCollection services)
    {
        var authentication = services.AddAuthentication(PolicyScheme)
            .AddPolicyScheme(PolicyScheme, null, policy => policy.ForwardDefaultSelector = SchemeFor)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.Scheme, null)
            .AddScheme<AuthenticationSchemeOptions, AnonymousAuthentication>(AnonymousAuthentication.Scheme, null);
        authentication.AddTwoFactorUserIdCookie().Configure(cookie => cookie.Cookie.Name = SecondFactorCookieName); // between password and code
        authentication.AddTwoFactorRememberMeCookie(); // never issued, but Identity deletes it when it rejects a cookie with an old stamp
        authentication.AddApplicationCookie().Configure<IOptions<AccessOptions>>((cookie, access) =>
        {
            cookie.Cookie.Name = CookieName;
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.LoginPath = "/login";
            cookie.LogoutPath = "/logout";
            cookie.ExpireTimeSpan = access.Value.SessionTime;
            cookie.Events.OnRedirectToLogin = AuthChallenge.RequireSignIn;
            cookie.Events.OnRedirectToAccessDenied = AuthChallenge.DenyAccess;
            cookie.Events.OnSigningIn = signingIn =>
            {
                signingIn.Properties.Items.TryAdd(SessionBegin, IsoTimestampOf(signingIn.Options));
                return Task.CompletedTask;
            };
            cookie.Events.OnValidatePrincipal = validation => ValidateSession(validation, access.Value.SessionLifetime);
        });
    }

    /// <summary>Ends a session that has reached its lifetime, or whose account was changed since.</summary>
    private static async Task ValidateSession(CookieValidatePrincipalContext validation, TimeSpan lifetime)
    {
        var now = TimeOf(validation.Options);
        if (validation.Properties.Items.TryGetValue(SessionBegin, out var text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var begin) && begin + lifetime > now)
        {
            await SecurityStampValidator.ValidatePrincipalAsync(validation);
            return;
        }
        validation.RejectPrincipal(); // also a session of an earlier version, whose begin is not known
        await validation.HttpContext.SignOutAsync(IdentityConstants.ApplicationScheme);
    }

    private static DateTimeOffset TimeOf(CookieAuthenticationOptions cookie) => (cookie.TimeProvider ?? TimeProvider.System).GetUtcNow();

    private static string IsoTimestampOf(CookieAuthenticationOptions cookie) => TimeOf(cookie).ToString("O", CultureInfo.InvariantCulture);

    /// <summary>
    /// A request with an API key is authenticated by the key only: its cookie neither adds permissions nor requires an antiforgery token.
    /// The error page is anonymous, because the database with the accounts may be the cause of the error.
    /// </summary>
    private static string SchemeFor(HttpContext context) => context.Features.Get<IExceptionHandlerFeature>() is not null
        ? AnonymousAuthentication.Scheme
        : context.Request.Headers.ContainsKey(ApiKeyAuthentication.Header) ? ApiKeyAuthentication.Scheme : IdentityConstants.ApplicationScheme;

    private static void AddPolicies(IServiceCollection services)
    {
        var authorization = services.AddAuthorizationBuilder();
        foreach (var policy in AccessPolicies.All)
            authorization.AddPolicy(policy, rule => rule.RequireAuthenticatedUser().RequireAssertion(context => AccessPolicies.Allows(policy, context.User)));
        RestrictReading(authorization);
    }

    /// <summary>
    /// With <c>Access:Read</c> signed-in, every endpoint that declares no policy and is not anonymous requires an account or a key. The setting is read
    /// with each request, so that an invalid one is reported as the others are.
    /// </summary>
    private static void RestrictReading(AuthorizationBuilder authorization) => authorization.SetFallbackPolicy(
        new AuthorizationPolicyBuilder().RequireAssertion(context => context.User.Identity is { IsAuthenticated: true }
            || context.Resource is not HttpContext http || !http.RequestServices.GetRequiredService<IOptions<AccessOptions>>().Value.RequiresSignIn).Build());

    private static void AddAntiforgery(IServiceCollection services) => services.AddAntiforgery(antiforgery =>
    {
        antiforgery.HeaderName = CookieAntiforgery.Header;
        antiforgery.Cookie.Name = CookieAntiforgery.CookieName;
        antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        antiforgery.SuppressXFrameOptionsHeader = true; // the security headers set the stricter DENY
    });

    /// <summary>
    /// Stores the Data Protection keys in the database, because several web processes share cookies and tokens. Data Protection's hosted
    /// service, which loads the keys when the server starts, is removed: there may be no database yet; the first request that requires the
    /// keys loads them. <c>AddRazorPages</c> registers that service too, so it must be called earlier.
    /// </summary>
    private static void StoreKeysInDatabase(IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("Titanic").PersistKeysToDbContext<TitanicDb>();
        var dataProtection = typeof(DataProtectionServiceCollectionExtensions).Assembly;
        foreach (var loader in services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.Assembly == dataProtection).ToList())
            services.Remove(loader);
    }
}
