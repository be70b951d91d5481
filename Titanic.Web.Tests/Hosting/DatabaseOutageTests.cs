using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Titanic.Web.Hosting.EmbeddedPostgres;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting;

/// <summary>The product as a process with its embedded server, which is killed or stopped with SIGSTOP: the process stays and recovers.</summary>
public sealed class DatabaseOutageTests : IDisposable
{
    private const int Clients = 4, PredictionsBeforeKill = 100;

    private static readonly int _kills = Repetitions.Of(developer: 2, continuousIntegration: 5);

    private readonly TestFolder _state = TestFolder.Create();
    private readonly int _port = ProductProcess.FreePort();
    private readonly HttpClient _client;

    public DatabaseOutageTests() => _client = NewClient();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Recovers_from_kills_of_the_database_and_loses_no_acknowledged_prediction()
    {
        using var product = Serve();
        await product.WaitUntilReady(_client);
        var acknowledged = new ConcurrentBag<long>();
        using var stop = new CancellationTokenSource();
        var sending = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => SendUntil(stop.Token, acknowledged)));
        for (var kill = 0; kill < _kills; kill++)
        {
            var until = acknowledged.Count + PredictionsBeforeKill;
            await Eventually.True(() => acknowledged.Count >= until, "predictions are returned");
            if (kill % 2 == 0)
                ServerProcesses.KillPostmaster(_state);
            else
                await ServerProcesses.SignalAll(_state, "KILL");
        }
        var last = acknowledged.Count + PredictionsBeforeKill;
        await Eventually.True(() => acknowledged.Count >= last, "predictions are returned again");
        await stop.CancelAsync();
        await sending;
        await product.WaitForResponse(_client, "/health/ready", HttpStatusCode.OK, "Ready");

        long[] ids = [.. acknowledged];
        var credentials = Credentials.Read(_state.PathTo("credentials"));
        await using var database = NpgsqlDataSource.Create(
            PostmasterFile.Read(_state.PathTo("data"))!.ConnectionString(Credentials.App, credentials.AppPassword, AppDatabase.Name));
        await using var command = database.CreateCommand("select count(*) from predictions where prediction_id = any ($1)");
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = ids });
        Assert.Equal((long)ids.Length, await command.ExecuteScalarAsync(Cancellation));
        Assert.Contains($"titanic_postgres_restarts_total{{otel_scope_name=\"Titanic.Web\"}} {_kills}", await _client.GetStringAsync("/metrics", Cancellation), StringComparison.Ordinal);
        Assert.Equal(0, await product.Stop());
        Assert.False(File.Exists(_state.PathTo("data/postmaster.pid")));
    }

    [Fact]
    public async Task Responds_while_the_database_hangs_and_recovers_by_itself()
    {
        using var product = Serve();
        await product.WaitUntilReady(_client);
        var postmaster = ServerProcesses.Postmaster(_state);
        await ServerProcesses.SignalAll(_state, "STOP");
        try
        {
            // These requests are sent before the watcher has noticed anything. Each has a connection of its own, as in a browser.
            var responses = await Task.WhenAll(
                Get("/monitoring", "text/html"), Get("/?pclass=1&sex=female", "text/html"), Get("/api/runs"), Get("/health/ready"), Get("/api/models/champion"), Predict());

            Assert.All(responses, response => Assert.Equal(HttpStatusCode.ServiceUnavailable, response.Status));
            Assert.Contains("The database does not respond. The database server has not responded for 1.5 seconds.", responses[0].Body, StringComparison.Ordinal);
            Assert.Contains("You may reload this page", responses[0].Body, StringComparison.Ordinal);
            Assert.Contains("""<span class="badge text-bg-danger">database</span>""", responses[0].Body, StringComparison.Ordinal);
            Assert.NotNull(responses[0].RetryAfter);
            Assert.Equal("The database server has not responded for 1.5 seconds.", responses[3].Body);
            Assert.NotNull(responses[5].RetryAfter);

            // From now on, no request waits for the database.
            Assert.Equal(HttpStatusCode.OK, (await Get("/health/live")).Status);
            Assert.Equal(HttpStatusCode.OK, (await Get("/metrics")).Status);
            Assert.All(
                await Task.WhenAll(Get("/runs", "text/html"), Predict(), Get("/health/ready")),
                response => Assert.Equal(HttpStatusCode.ServiceUnavailable, response.Status));
            await AssertProtocolsReportUnavailableDatabase();
        }
        finally
        {
            await ServerProcesses.SignalAll(_state, "CONT");
        }

        await product.WaitForResponse(_client, "/health/ready", HttpStatusCode.OK, "Ready");
        await product.WaitForResponse(_client, "/monitoring", HttpStatusCode.OK);
        await Eventually.True(async () => (await Predict()).Status == HttpStatusCode.OK, "predictions are stored again");
        Assert.Equal(postmaster, ServerProcesses.Postmaster(_state));
        Assert.Equal(0, await product.Stop());
    }

    public void Dispose()
    {
        _client.Dispose();
        _state.Dispose();
    }

    private async Task AssertProtocolsReportUnavailableDatabase()
    {
        using var frame = await _client.PostAsJsonAsync("/invocations", new { inputs = new { pclass = new[] { 1 }, sex = new[] { "female" } } }, Cancellation);
        using var probe = await _client.GetAsync("/ping", Cancellation);
        using var ready = await _client.GetAsync("/v2/health/ready", Cancellation);

        Assert.All([frame, probe, ready], response => Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode));
        Assert.StartsWith("{\"error_code\":\"TEMPORARILY_UNAVAILABLE\",\"message\":\"No prediction was returned, because it could not be stored", await frame.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal("""{"error_code":"TEMPORARILY_UNAVAILABLE","message":"The database does not respond."}""", await probe.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("""{"live":true,"ready":false}""", await ready.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(TimeSpan.FromSeconds(1), frame.Headers.RetryAfter?.Delta);
    }

    private async Task<(HttpStatusCode Status, string Body, TimeSpan? RetryAfter)> Get(string path, string? accepted = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accepted is not null)
            request.Headers.Accept.ParseAdd(accepted);
        return await Send(request);
    }

    private Task<(HttpStatusCode Status, string Body, TimeSpan? RetryAfter)> Predict() =>
        Send(new HttpRequestMessage(HttpMethod.Post, "/api/predictions") { Content = JsonContent.Create(new { pclass = 1, sex = "female" }) });

    private async Task<(HttpStatusCode Status, string Body, TimeSpan? RetryAfter)> Send(HttpRequestMessage request)
    {
        using var response = await _client.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation), response.Headers.RetryAfter?.Delta);
    }

    private async Task SendUntil(CancellationToken stop, ConcurrentBag<long> acknowledged)
    {
        using var client = NewClient();
        while (!stop.IsCancellationRequested)
        {
            using var response = await client.PostAsJsonAsync("/api/predictions", new { pclass = 3, sex = "male" }, Cancellation);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                continue;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            acknowledged.Add((await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("id").GetInt64());
        }
    }

    private HttpClient NewClient() => new() { BaseAddress = new Uri($"http://localhost:{_port}") };

    private ProductProcess Serve() => ProductProcess.Start(
        _state.Path, "--urls", $"http://localhost:{_port}", "--Bootstrap:SimulateDays=0",
        "--Access:RateLimits:PredictingPerSecond=1000000", "--Access:RateLimits:PredictingBurst=1000000");
}
