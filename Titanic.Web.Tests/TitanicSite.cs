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
/// The complete product on a free port of this machine, with its own database. Tests that only read or predict share a site
/// (<c>[Collection&lt;FullSiteCollection&gt;]</c>, <c>[Collection&lt;ModelSiteCollection&gt;]</c>, <c>[Collection&lt;EmptySiteCollection&gt;]</c>); tests that
/// change what other tests read use their own (<c>IClassFixture</c>).
/// </summary>
public abstract class TitanicSite(TestPostgres postgres, params (string Name, string Value)[] settings) : IAsyncLifetime
{
    public const string AdminEmail = "captain@titanic.local";
    public const string AdminPassword = "full steam ahead 1912";

    /// <summary>Only 29 February: during a test run the schedule starts no pipeline.</summary>
    public const string Schedule = "0 0 29 2 *";

    private App? _app;

    public TestDatabase Database { get; private set; } = null!;

    /// <summary>The site's address, such as <c>http://127.0.0.1:41234</c>.</summary>
    public Uri BaseAddress { get; private set; } = null!;

    /// <summary>A client without cookies that does not follow redirects.</summary>
    public HttpClient Client { get; private set; } = null!;

    public IServiceProvider Services => _app!.Services;

    /// <summary>
    /// Whether several test classes start such a site. Then the first start is executed once per test run, and each site gets a copy of the
    /// resulting database.
    /// </summary>
    protected virtual bool IsPooled => false;

    /// <summary>Replaces services of the product, such as its clock. Default: none.</summary>
    protected virtual void ConfigureServices(IServiceCollection services)
    {
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Database = await CreateDatabase();
        _app = Start(Database);
        BaseAddress = _app.ClientOptions.BaseAddress;
        Client = NewClient();
        await UntilReady(Client);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (_app is not null) await _app.DisposeAsync();
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A database with the initial content of such a site, for tests that need its rows but no site.</summary>
    public Task<TestDatabase> CreateDatabase() =>
        IsPooled ? postgres.CreateSeededDatabase(string.Join(' ', settings), RunFirstStart) : postgres.CreateDatabase();

    /// <summary>A client that keeps cookies and does not follow redirects.</summary>
    public HttpClient NewClient() =>
        new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = BaseAddress };

    /// <summary>A client that is signed in as administrator.</summary>
    public Task<HttpClient> NewAdminClient() => NewSignedInClient(AdminEmail, AdminPassword);

    /// <summary>A client that is signed in to an account.</summary>
    public async Task<HttpClient> NewSignedInClient(string email, string password)
    {
        var client = NewClient();
        var form = await ParsePage(await client.GetAsync("/login", Cancellation));
        var token = form.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        var response = await client.PostAsync("/login", new FormUrlEncodedContent(
            [new("Email", email), new("Password", password), new("__RequestVerificationToken", token)]), Cancellation);
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        return client;
    }

    /// <summary>Gets and parses the page at an address; the response must have the status.</summary>
    public async Task<IDocument> Get(string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        var response = await Client.GetAsync(path, Cancellation);
        Assert.Equal(status, response.StatusCode);
        return await ParsePage(response);
    }

    public static async Task<IDocument> ParsePage(HttpResponseMessage response) =>
        await new HtmlParser().ParseDocumentAsync(await response.Content.ReadAsStringAsync(Cancellation), Cancellation);

    private async Task RunFirstStart(TestDatabase database)
    {
        await using var app = Start(database);
        using var client = new HttpClient { BaseAddress = app.ClientOptions.BaseAddress };
        await UntilReady(client);
    }

    private App Start(TestDatabase database)
    {
        var app = new App([
            ("ConnectionStrings:Titanic", database.ConnectionString), ("Titanic:Admin:Email", AdminEmail),
            ("Titanic:Admin:Password", AdminPassword), .. PipelineNames.All.Select(pipeline => ($"Schedule:{pipeline}", Schedule)),
            ("Access:RateLimits:PredictingPerSecond", "0"), ("Access:RateLimits:WritingPerMinute", "0"),
            ("Serving:LogTimeout", "00:00:30"), // so that a busy machine is not treated as an unavailable database
            .. settings,
        ], ConfigureServices);
        app.UseKestrel(0);
        app.StartServer();
        return app;
    }

    private static Task UntilReady(HttpClient client) => Eventually.True(
        async () => await (await client.GetAsync("/health/ready", Cancellation)).Content.ReadAsStringAsync(Cancellation) == "Ready", "the first start is complete");

    /// <summary>
    /// Configures contexts by connection string instead of by data source: Entity Framework then builds its services and model, and
    /// compiles its queries, once for all sites of a run.
    /// </summary>
    private static void UseSharedContexts(IServiceCollection services) => services
        .RemoveAll<IDbContextOptionsConfiguration<TitanicDb>>()
        .RemoveAll<DbContextOptions<TitanicDb>>()
        .AddDbContext<TitanicDb>((provider, options) => options
            .UseNpgsql(provider.GetRequiredService<DatabaseReadiness>().ConnectionString).UseSnakeCaseNamingConvention());

    private sealed class App((string Name, string Value)[] settings, Action<IServiceCollection> configureServices) : WebApplicationFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Development");
            foreach (var (name, value) in settings) builder.UseSetting(name, value);
            builder.ConfigureTestServices(UseSharedContexts).ConfigureTestServices(configureServices);
        }
    }
}

/// <summary>
/// A site with the bundled list, trained models and three days of the stream. It is also available under <see cref="PathBase"/>.
/// </summary>
public sealed class FullSite(TestPostgres postgres) : TitanicSite(postgres, ("Bootstrap:SimulateDays", "3"), ("Titanic:PathBase", PathBase))
{
    public const string PathBase = "/titanic";

    protected override bool IsPooled => true;
}

/// <summary>A site with the bundled list and one model, without stream days.</summary>
public sealed class ModelSite(TestPostgres postgres) : TitanicSite(postgres, [("Bootstrap:SimulateDays", "0"), .. TestWorkflow.FastTrainingSettings])
{
    protected override bool IsPooled => true;
}

/// <summary>A site without passengers, models and runs.</summary>
public sealed class EmptySite(TestPostgres postgres) : TitanicSite(postgres, ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"))
{
    protected override bool IsPooled => true;
}

/// <summary>The test classes of this collection share one site and run one after another.</summary>
[CollectionDefinition]
public sealed class FullSiteCollection : ICollectionFixture<FullSite>;

/// <summary>The test classes of this collection share one site and run one after another.</summary>
[CollectionDefinition]
public sealed class ModelSiteCollection : ICollectionFixture<ModelSite>;

/// <summary>The test classes of this collection share one site and run one after another.</summary>
[CollectionDefinition]
public sealed class EmptySiteCollection : ICollectionFixture<EmptySite>;
