using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

/// <summary>A web server on a free loopback port with valid and invalid responses for downloads.</summary>
public sealed class DatasetWebServer : IAsyncLifetime
{
    private WebApplication? _app;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _stalled = new();

    public string Address { get; private set; } = "";

    /// <summary>Called before <c>/to/URL</c> redirects to that URL.</summary>
    public Action? Redirecting { get; set; }

    /// <summary>
    /// The URL of a file with <paramref name="rows"/> rows. The first request of a test receives one half at once and the other half after
    /// <see cref="Resume"/>; later requests receive all rows at once.
    /// </summary>
    public string StalledOnceUrl(int rows) => $"{Address}/stalled-once/{TestContext.Current.Test!.UniqueID}/{rows}";

    /// <summary>Sends the other half of the file at <see cref="StalledOnceUrl"/>.</summary>
    public void Resume() => _stalled[TestContext.Current.Test!.UniqueID].TrySetResult();

    /// <summary>Creates the dataset source of the application with its HTTP client. This server has a loopback address, which the options must allow.</summary>
    public static DatasetSource SourceWith(PassengersOptions options, TimeProvider? clock = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(clock ?? TimeProvider.System);
        services.AddPassengers(new ConfigurationBuilder().Build());
        services.AddSingleton(Options.Create(options));
        return services.BuildServiceProvider().GetRequiredService<DatasetSource>();
    }

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.UseRouting();
        MapLists(_app);
        await _app.StartAsync();
        Address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    /// <summary>Aborts the response to /torn. Tests complete it after the client has received the headers.</summary>
    public TaskCompletionSource AbortDownload { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void MapLists(WebApplication app)
    {
        app.MapGet("/titanic.csv", (HttpContext http) => http.Response.Body.WriteAsync(new BundledDataset().ReadVerifiedBytes()).AsTask());
        app.MapGet("/to/{**url}", (HttpContext http, string url) =>
        {
            Redirecting?.Invoke();
            http.Response.Redirect(url);
        });
        app.MapGet("/page", (HttpContext http) => WritePageAsync(http, "text/html; charset=utf-8"));
        app.MapGet("/hidden-page", (HttpContext http) => WritePageAsync(http, "text/csv"));
        app.MapGet("/gone", (HttpContext http) => { http.Response.StatusCode = 410; });
        app.MapGet("/circle/{at:int}", (HttpContext http, int at) => http.Response.Redirect($"/circle/{(at + 1) % 3}"));
        app.MapGet("/far/{steps:int}", (HttpContext http, int steps) =>
            http.Response.Redirect(steps == 1 ? "/titanic.csv" : $"/far/{steps - 1}"));
        app.MapGet("/elsewhere", (HttpContext http) => http.Response.Redirect("file:///etc/passwd"));
        app.MapGet("/declared/{bytes:int}", async (HttpContext http, int bytes) =>
        {
            http.Response.ContentLength = bytes;
            await http.Response.Body.WriteAsync(new byte[bytes]);
        });
        app.MapGet("/undeclared/{bytes:int}", (HttpContext http, int bytes) => http.Response.Body.WriteAsync(new byte[bytes]).AsTask());
        app.MapGet("/torn", async (HttpContext http) =>
        {
            http.Response.ContentLength = 1000;
            await http.Response.WriteAsync(PassengerListResult.Header);
            await http.Response.Body.FlushAsync();
            await AbortDownload.Task;
            http.Abort();
        });
        app.MapGet("/silent", (HttpContext http) => WaitForClientAbort(http));
        app.MapGet("/stalled", async (HttpContext http) =>
        {
            await http.Response.WriteAsync(PassengerListResult.Header);
            await http.Response.Body.FlushAsync();
            await WaitForClientAbort(http);
        });
        app.MapGet("/stalled-once/{test}/{rows:int}", async (HttpContext http, string test, int rows) =>
        {
            var resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var isFirst = _stalled.TryAdd(test, resumed);
            foreach (var (number, line) in List(rows).Index())
            {
                if (isFirst && number == rows / 2)
                {
                    await http.Response.Body.FlushAsync();
                    await resumed.Task.WaitAsync(http.RequestAborted);
                }
                await http.Response.WriteAsync(line + "\n", http.RequestAborted);
            }
        });
    }

    private static IEnumerable<string> List(int rows) => Enumerable.Range(1, rows)
        .Select(id => string.Create(CultureInfo.InvariantCulture, $"{id},{id % 2},{1 + id % 3},Passenger {id},{(id % 3 == 0 ? "female" : "male")},{id % 80},{id % 500}"))
        .Prepend("PassengerId,Survived,Pclass,Name,Sex,Age,Fare");

    private static Task WritePageAsync(HttpContext http, string contentType)
    {
        http.Response.ContentType = contentType;
        return http.Response.WriteAsync("<html>");
    }

    private static async Task WaitForClientAbort(HttpContext http)
    {
        var left = new TaskCompletionSource();
        await using var registration = http.RequestAborted.Register(() => left.TrySetResult());
        await left.Task;
    }
}
