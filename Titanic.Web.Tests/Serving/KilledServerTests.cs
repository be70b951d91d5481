using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Tests.Hosting;

namespace Titanic.Web.Tests.Serving;

/// <summary>
/// Runs the product as a process and kills it with SIGKILL under load: every prediction that it returned is stored, and none twice.
/// </summary>
public sealed class KilledServerTests(TestPostgres postgres)
{
    private const int Clients = 8, PredictionsBeforeKill = 300;

    private static readonly int _kills = Repetitions.Of(developer: 1, continuousIntegration: 2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Loses_and_duplicates_no_acknowledged_prediction_when_the_process_is_killed()
    {
        await using var database = await postgres.CreateDatabase();
        var acknowledged = new ConcurrentBag<long>();
        var sent = 0;
        for (var kill = 0; kill < _kills; kill++)
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ProductProcess.FreePort()}") };
            using var server = ProductProcess.StartOn(
                database,
                [
                    ("Bootstrap__SimulateDays", "0"), ("Training__Selection__Enabled", "false"),
                    ("Access__RateLimits__PredictingPerSecond", "1000000"), ("Access__RateLimits__PredictingBurst", "1000000"),
                ],
                "--urls", client.BaseAddress.ToString());
            await server.WaitUntilReady(client);
            var until = acknowledged.Count + PredictionsBeforeKill;
            var sending = Task.WhenAll(Enumerable.Range(0, Clients)
                .Select(_ => SendUntilKilled(client, acknowledged, () => Interlocked.Increment(ref sent))));
            await Eventually.True(() => acknowledged.Count >= until, "predictions are returned");
            server.Kill();
            await sending;
        }

        long[] ids = [.. acknowledged];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        await using var command = database.DataSource.CreateCommand(
            "select count(*), (select count(*) - count(distinct fare) from predictions) from predictions where prediction_id = any ($1)");
        command.Parameters.Add(new() { Value = ids });
        await using var counts = await command.ExecuteReaderAsync(Cancellation);
        await counts.ReadAsync(Cancellation);
        Assert.Equal((ids.Length, 0), (counts.GetInt64(0), counts.GetInt64(1)));
    }

    /// <summary>Each request has a unique fare, so that a second row for it is detected.</summary>
    private static async Task SendUntilKilled(HttpClient client, ConcurrentBag<long> acknowledged, Func<int> next)
    {
        try
        {
            while (true)
            {
                var input = new { pclass = 3, sex = "male", fare = decimal.Parse($"{next()}e-2", NumberStyles.Float, CultureInfo.InvariantCulture) };
                using var response = await client.PostAsJsonAsync("/api/predictions", input, Cancellation);
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                    continue; // not acknowledged: the rows were not stored in time
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                acknowledged.Add((await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("id").GetInt64());
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            // the process was killed
        }
    }
}
