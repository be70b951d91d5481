using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting;

/// <summary>The product with an empty state folder: several processes one after another, as a user starts them.</summary>
public sealed class FirstStartTests : IDisposable
{
    private readonly TestFolder _state = TestFolder.Create();
    private readonly int _port = ProductProcess.FreePort();
    private readonly HttpClient _client;

    public FirstStartTests() => _client = new HttpClient { BaseAddress = new Uri($"http://localhost:{_port}") };

    [Fact]
    public async Task Completes_the_first_start_and_survives_kill_and_restart()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using (var first = Serve())
        {
            // The first page is served before the database is ready and shows that the site is starting.
            var startPage = await first.WaitForResponse(_client, "/", HttpStatusCode.OK);
            Assert.Contains("starting", startPage, StringComparison.OrdinalIgnoreCase);

            await first.WaitUntilReady(_client);
            Assert.DoesNotContain(first.Output, line => line.Contains(" ERR ") || line.Contains(" WRN "));
            Assert.Single(first.Output, line => line.Contains("Administrator: admin@titanic.local, password: "));

            // The first 20 predictions are those of two simulated days of ten passengers each.
            var prediction = await Predict(cancellation);
            Assert.Equal(21, prediction.GetProperty("id").GetInt64());
            Assert.True(prediction.GetProperty("survived").GetBoolean());

            // A second process uses the same server while the site runs.
            var (exitCode, output, errors) = await ProductProcess.Run(_state.Path, "run", "inference");
            Assert.True(exitCode == 0, errors);
            Assert.Equal(["inference", "run"], output.Split(' ').Take(2));
            Assert.Contains("No new passengers", output, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', output);
            first.Kill();
        }
        using (var second = Serve())
        {
            await second.WaitUntilReady(_client);
            Assert.Equal(JsonValueKind.True, (await Predict(cancellation)).GetProperty("survived").ValueKind);
            Assert.DoesNotContain(second.Output, line => line.Contains("password"));

            // If the database server is killed, it is restarted, and the site recovers.
            await Eventually.True(() => second.Output.Any(line => line.Contains("Processing the queues")), "the start is complete");
            ServerProcesses.KillPostmaster(_state);
            await Eventually.True(() => second.Output.Any(line => line.Contains("The database responds again")), "the database is available again");
            await second.WaitForResponse(_client, "/predictions", HttpStatusCode.OK);
            Assert.True((await Predict(cancellation)).GetProperty("survived").GetBoolean());
            Assert.Equal(0, await second.Stop());
        }
        using (var third = Serve())
        {
            await third.WaitUntilReady(_client);
            Assert.Equal(0, await third.Stop());
            Assert.False(File.Exists(_state.PathTo("data/postmaster.pid")), "The last process must stop the database server.");
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _state.Dispose();
    }

    private ProductProcess Serve() => ProductProcess.Start(_state.Path, "--urls", $"http://localhost:{_port}", "--Bootstrap:SimulateDays=2", "--Serving:LogTimeout=00:00:10");

    private async Task<JsonElement> Predict(CancellationToken cancellation)
    {
        using var response = await _client.PostAsJsonAsync("/api/predictions", new { pclass = 1, sex = "female", age = 29, fare = 100 }, cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>(cancellation);
    }
}
