using System.Net;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.AspNetCore.Mvc.Razor.Compilation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NetEscapades.AspNetCore.SecurityHeaders;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Hosting;

namespace Titanic.Web.Tests.Access;

/// <summary>
/// A small site over HTTP: the access module, the security headers and the sign-in page, with its own database and a few test endpoints.
/// The administrator is <see cref="Email"/> with <see cref="Password"/>.
/// </summary>
internal sealed class AccessApp : IAsyncDisposable
{
    public const string Email = "captain@titanic.local";
    public const string Password = "full steam ahead 1912";
    private readonly TestDatabase database;
    private readonly WebApplication app;

    private AccessApp(TestDatabase database, WebApplication app)
    {
        this.database = database;
        this.app = app;
    }

    public static async Task<AccessApp> Start(
        TestPostgres postgres,
        Action<WebApplication>? map = null,
        Action<IServiceCollection>? add = null,
        bool withAdministrator = true,
        params (string Key, string Value)[] settings)
    {
        var database = await postgres.CreateDatabase();
        var started = new AccessApp(database, Build(database.ConnectionString, map, add, settings));
        await started.app.StartAsync(Visitor.Cancelled);
        if (withAdministrator) await started.InScope<AdminAccount, string?>(admin => admin.EnsureCreated(Visitor.Cancelled));
        return started;
    }

    /// <summary>Builds the site without an administrator and without starting it; its database need not exist.</summary>
    public static WebApplication Build(
        string connectionString,
        Action<WebApplication>? map = null,
        Action<IServiceCollection>? add = null,
        params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(AccessModule).Assembly.GetName().Name,
            EnvironmentName = "Development", // scopes are validated
        });
        builder.Configuration.Sources.Clear(); // no settings of this machine
        builder.Configuration.AddInMemoryCollection(
        [
            new("ConnectionStrings:Titanic", connectionString), new("Titanic:Admin:Email", Email), new("Titanic:Admin:Password", Password),
        ]);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddDbContext<TitanicDb>(db => db.UseNpgsql(connectionString).UseSnakeCaseNamingConvention());
        builder.Services.AddRazorPages().ConfigureApplicationPartManager(parts => parts.FeatureProviders.Add(new SignInPageOnly()));
        builder.Services.AddSecurityHeaders();
        add?.Invoke(builder.Services);
        builder.Services.AddAccess(builder.Configuration);

        var app = builder.Build();
        app.Use((context, next) =>
        {
            if (context.Request.Headers[Visitor.AddressHeader] is [{ } address])
                context.Connection.RemoteIpAddress = IPAddress.Parse(address);
            return next();
        });
        app.UseTitanicSecurityHeaders();
        app.UseAccess();
        app.MapAccess();
        app.MapRazorPages();
        app.MapGet("/", () => "home");
        app.MapGet("/token", (IAntiforgery antiforgery, HttpContext context) => antiforgery.GetAndStoreTokens(context).RequestToken);
        app.MapGet("/bridge", () => "the bridge").RequireAuthorization(AccessPolicies.Operator);
        app.MapGet("/api/bridge", () => "the bridge").RequireAuthorization(AccessPolicies.Operator);
        app.MapPost("/api/operate", () => "operated").RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies();
        app.MapPost("/api/ingest", () => "ingested").RequireAuthorization(AccessPolicies.Ingest).RequireAntiforgeryForCookies();
        app.MapGet("/nonce", (HttpContext context) => context.GetNonce());
        app.MapGet("/hangfire/stand-in", () => "the dashboard");
        map?.Invoke(app);
        return app;
    }

    /// <summary>Calls <paramref name="work"/> with a service of a new scope.</summary>
    public async Task<TResult> InScope<TService, TResult>(Func<TService, Task<TResult>> work) where TService : notnull
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>Adds an account with a password.</summary>
    public Task<string?> AddAccount(string email, string role, string password) =>
        InScope<Accounts, string?>(accounts => accounts.Add(email, role, password, "test", Visitor.Cancelled));

    /// <summary>A new client that keeps cookies and does not follow redirects.</summary>
    /// <param name="address">The address from which it seems to come; null: its own.</param>
    public Visitor NewVisitor(string? address = null) => new(new Uri(app.Urls.First()), address);

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await database.DisposeAsync();
    }

    /// <summary>Removes the other pages and the layout, which require the services of the whole site.</summary>
    private sealed class SignInPageOnly : IApplicationFeatureProvider<ViewsFeature>
    {
        public void PopulateFeature(IEnumerable<ApplicationPart> parts, ViewsFeature feature)
        {
            foreach (var other in feature.ViewDescriptors.Where(view => view.RelativePath is not ("/Pages/Login.cshtml" or "/Pages/LoginCode.cshtml")).ToList())
                feature.ViewDescriptors.Remove(other);
        }
    }
}
