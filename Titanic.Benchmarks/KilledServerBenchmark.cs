using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;

namespace Titanic.Benchmarks;

/// <summary>
/// Kills the product's process with SIGKILL at random times while it serves many clients: every prediction that a client has received must
/// be stored, and no request may be stored twice.
/// </summary>
internal static class KilledServerBenchmark
{
    private const int Seed = 1912, Clients = 32;

    public static async Task Measure(bool isQuick)
    {
        var kills = isQuick ? 3 : 20;
        await using var server = await BenchmarkServer.Start();
        await using var database = await server.CreateDatabase();
        var random = new Random(Seed);
        var acknowledged = new ConcurrentBag<long>();
        var sent = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            using var product = await ProductSite.Start(
                database, ("Logging__LogLevel__Default", "None"), ("Access__RateLimits__PredictingPerSecond", "1000000"), ("Access__RateLimits__PredictingBurst", "1000000"));
            var clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => SendUntilKilled(product.Client, acknowledged, () => Interlocked.Increment(ref sent))));
            await Task.Delay((int)(200 + 1800 * random.NextDouble()));
            product.Kill();
            await clients;
        }
        long[] received = [.. acknowledged];
        var stored = await database.Scalar<long>($"select count(*) from predictions where prediction_id = any ('{{{string.Join(',', received)}}}')");
        Console.WriteLine($"# {kills} kills, {received.Length} predictions received by {Clients} clients, {await database.Scalar<long>("select count(*) from predictions")} stored");
        BenchmarkResult.AtMost("serving-kills-lost", received.Length - stored, "predictions", 0);
        BenchmarkResult.AtMost("serving-kills-twice", received.Length - received.Distinct().Count() + await database.Scalar<long>("select count(*) - count(distinct fare) from predictions"), "predictions", 0);
    }

    /// <summary>Each request has a unique fare, which reveals a second row for the same request.</summary>
    private static async Task SendUntilKilled(HttpClient client, ConcurrentBag<long> acknowledged, Func<int> next)
    {
        try
        {
            while (true)
            {
                var number = next();
                using var response = await client.PostAsJsonAsync("/api/predictions", new { pclass = 1 + number % 3, sex = "male", fare = number / 100.0 % 10_000 });
                response.EnsureSuccessStatusCode();
                acknowledged.Add((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64());
            }
        }
        catch (Exception end) when (end is HttpRequestException { StatusCode: null } or IOException)
        {
            // the process has been killed
        }
    }
}
