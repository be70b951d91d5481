using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;

namespace Titanic.Benchmarks;

/// <summary>
/// The product's process, killed with SIGKILL at random moments while many ask it: every answer that somebody has got must be in the table, and
/// no question may be there twice.
/// </summary>
internal static class ServingKills
{
    private const int Seed = 1912, Askers = 32;

    public static async Task Measure(bool isQuick)
    {
        var kills = isQuick ? 3 : 20;
        await using var server = await BenchmarkServer.Start();
        await using var database = await server.CreateDatabase();
        var random = new Random(Seed);
        var acknowledged = new ConcurrentBag<long>();
        var asked = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            using var product = await ProductSite.Start(
                database, ("Logging__LogLevel__Default", "None"), ("Access__RateLimits__PredictingPerSecond", "1000000"), ("Access__RateLimits__PredictingBurst", "1000000"));
            var asking = Task.WhenAll(Enumerable.Range(0, Askers).Select(_ => AskUntilItIsKilled(product.Client, acknowledged, () => Interlocked.Increment(ref asked))));
            await Task.Delay((int)(200 + 1800 * random.NextDouble()));
            product.Kill();
            await asking;
        }
        long[] given = [.. acknowledged];
        var stored = await database.Scalar<long>($"select count(*) from predictions where prediction_id = any ('{{{string.Join(',', given)}}}')");
        Console.WriteLine($"# {kills} kills, {given.Length} answers given to {Askers} askers, {await database.Scalar<long>("select count(*) from predictions")} stored");
        Figure.AtMost("serving-kills-lost", given.Length - stored, "answers", 0);
        Figure.AtMost("serving-kills-twice", given.Length - given.Distinct().Count() + await database.Scalar<long>("select count(*) - count(distinct fare) from predictions"), "answers", 0);
    }

    /// <summary>Each question has a fare of its own, by which a second row for it would be seen.</summary>
    private static async Task AskUntilItIsKilled(HttpClient client, ConcurrentBag<long> acknowledged, Func<int> next)
    {
        try
        {
            while (true)
            {
                var number = next();
                using var answer = await client.PostAsJsonAsync("/api/predictions", new { pclass = 1 + number % 3, sex = "male", fare = number / 100.0 % 10_000 });
                answer.EnsureSuccessStatusCode();
                acknowledged.Add((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64());
            }
        }
        catch (Exception end) when (end is HttpRequestException { StatusCode: null } or IOException)
        {
            // the process has been killed
        }
    }
}
