using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests;

/// <summary>
/// The whole product as it starts for a user, on a free port of this machine and a database of its own. Tests that only read, or only predict,
/// share one (<c>[Collection&lt;OneFullSite&gt;]</c>, <c>[Collection&lt;OneModelSite&gt;]</c>, <c>[Collection&lt;OneEmptySite&gt;]</c>); tests that
/// change what others see have theirs (<c>IClassFixture</c>).
/// </summary>
public abstract class TitanicSite(TestPostgres postgres, params (string Name, string Value)[] settings) : IAsyncLifetime
{
    public const string AdminEmail = "captain@titanic.local";
    public const string AdminPassword = "full steam ahead 1912";

    /// <summary>Only on leap days: nothing happens in a site that no test has asked for, whenever the tests run.</summary>
    public const string Schedule = "0 0 29 2 *";

    private App? _app;

    public TestDatabase Database { get; private set; } = null!;

    /// <summary>Such as <c>http://127.0.0.1:41234</c>.</summary>
    public Uri BaseAddress { get; private set; } = null!;

    /// <summary>A visitor without cookies who sees every redirect.</summary>
    public HttpClient Client { get; private set; } = null!;

    public IServiceProvider Services => _app!.Services;

    /// <summary>Whether many test classes begin with such a site: its first start is then made once a run, and each gets a copy of what it left.</summary>
    protected virtual bool IsCopied => false;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Database = await CreateDatabase();
        _app = Start(Database);
        BaseAddress = _app.ClientOptions.BaseAddress;
        Client = NewClient();
        await UntilSetUp(Client);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (_app is not null) await _app.DisposeAsync();
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A database as such a site begins with, for tests that need its rows but no site.</summary>
    public Task<TestDatabase> CreateDatabase() =>
        IsCopied ? postgres.CreateDatabaseAfter(string.Join(' ', settings), FirstStart) : postgres.CreateDatabase();

    /// <summary>A browser's session over HTTP: it keeps cookies and sees every redirect.</summary>
    public HttpClient NewClient() =>
        new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = BaseAddress };

    /// <summary>A session of the signed-in administrator.</summary>
    public async Task<HttpClient> NewAdminClient()
    {
        var client = NewClient();
        var form = await Page(await client.GetAsync("/login", Cancelled));
        var token = form.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        var answer = await client.PostAsync("/login", new FormUrlEncodedContent(
            [new("Email", AdminEmail), new("Password", AdminPassword), new("__RequestVerificationToken", token)]), Cancelled);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return client;
    }

    /// <summary>The page at this address, which must answer with this status.</summary>
    public async Task<IDocument> Get(string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        var answer = await Client.GetAsync(path, Cancelled);
        Assert.Equal(status, answer.StatusCode);
        return await Page(answer);
    }

    public static async Task<IDocument> Page(HttpResponseMessage answer) =>
        await new HtmlParser().ParseDocumentAsync(await answer.Content.ReadAsStringAsync(Cancelled), Cancelled);

    private async Task FirstStart(TestDatabase database)
    {
        await using var app = Start(database);
        using var client = new HttpClient { BaseAddress = app.ClientOptions.BaseAddress };
        await UntilSetUp(client);
    }

    private App Start(TestDatabase database)
    {
        var app = new App([
            ("ConnectionStrings:Titanic", database.ConnectionString), ("Titanic:Admin:Email", AdminEmail),
            ("Titanic:Admin:Password", AdminPassword), .. PipelineNames.InOrder.Select(pipeline => ($"Schedule:{pipeline}", Schedule)),
            ("Access:RateLimits:PredictingPerSecond", "0"), ("Access:RateLimits:WritingPerMinute", "0"),
            ("Serving:LogTimeout", "00:00:30"), // a busy machine is not a database that is away
            .. settings,
        ]);
        app.UseKestrel(0);
        app.StartServer();
        return app;
    }

    private static Task UntilSetUp(HttpClient client) => Eventually.True(
        async () => await (await client.GetAsync("/health/ready", Cancelled)).Content.ReadAsStringAsync(Cancelled) == "Ready", "the first start is complete");

    /// <summary>
    /// Contexts by connection string instead of by data source: Entity Framework builds its services and its model, and compiles its queries, once
    /// for all sites of a run instead of once each.
    /// </summary>
    private static void UseSharedContexts(IServiceCollection services) => services
        .RemoveAll<IDbContextOptionsConfiguration<TitanicDb>>()
        .RemoveAll<DbContextOptions<TitanicDb>>()
        .AddDbContext<TitanicDb>((provider, options) => options
            .UseNpgsql(provider.GetRequiredService<DatabaseGate>().ConnectionString).UseSnakeCaseNamingConvention());

    private sealed class App((string Name, string Value)[] settings) : WebApplicationFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Development");
            foreach (var (name, value) in settings) builder.UseSetting(name, value);
            builder.ConfigureTestServices(UseSharedContexts);
        }
    }
}

/// <summary>A site with the shipped list, trained models and three days of the stream. It answers below <see cref="PathBase"/> as well.</summary>
public sealed class FullSite(TestPostgres postgres) : TitanicSite(postgres, ("Bootstrap:SimulateDays", "3"), ("Titanic:PathBase", PathBase))
{
    public const string PathBase = "/titanic";

    protected override bool IsCopied => true;
}

/// <summary>A site with the shipped list and one model, and no stream.</summary>
public sealed class ModelSite(TestPostgres postgres) : TitanicSite(postgres, [("Bootstrap:SimulateDays", "0"), .. TestWorkflow.QuickTraining])
{
    protected override bool IsCopied => true;
}

/// <summary>A site in which nothing has happened yet: no list, no model, no run.</summary>
public sealed class EmptySite(TestPostgres postgres) : TitanicSite(postgres, ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"))
{
    protected override bool IsCopied => true;
}

/// <summary>The classes of this collection share one site, one after another.</summary>
[CollectionDefinition]
public sealed class OneFullSite : ICollectionFixture<FullSite>;

/// <summary>The classes of this collection share one site, one after another.</summary>
[CollectionDefinition]
public sealed class OneModelSite : ICollectionFixture<ModelSite>;

/// <summary>The classes of this collection share one site, one after another.</summary>
[CollectionDefinition]
public sealed class OneEmptySite : ICollectionFixture<EmptySite>;
