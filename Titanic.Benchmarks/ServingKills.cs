using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Titanic.Web.FeatureStore;

namespace Titanic.Benchmarks;

/// <summary>
/// The product's process, killed with SIGKILL at random moments while many ask it: every answer that somebody has got must be in the table, and
/// no question may be there twice.
/// </summary>
internal static class ServingKills
{
    private const int Seed = 1912, Askers = 32;
    private static readonly TimeSpan _longestStart = TimeSpan.FromMinutes(2);

    public static async Task Measure(BenchmarkServer server, int kills)
    {
        await using var database = await server.CreateDatabase();
        var random = new Random(Seed);
        var acknowledged = new ConcurrentBag<long>();
        var asked = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{FreePort()}") };
            using var product = Serve(database, client.BaseAddress);
            await UntilReady(client, product);
            var asking = Task.WhenAll(Enumerable.Range(0, Askers).Select(_ => AskUntilItIsKilled(client, acknowledged, () => Interlocked.Increment(ref asked))));
            await Task.Delay((int)(200 + 1800 * random.NextDouble()));
            product.Kill(); // SIGKILL on Unix
            await product.WaitForExitAsync();
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

    private static async Task UntilReady(HttpClient client, Process product)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < _longestStart && !product.HasExited)
        {
            try
            {
                using var ready = await client.GetAsync("/health/ready");
                if (ready.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // it does not listen yet
            }
            await Task.Delay(20);
        }
        throw new TimeoutException($"The product is not ready after {_longestStart.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s.");
    }

    private static Process Serve(BenchmarkDatabase database, Uri address) => Process.Start(new ProcessStartInfo(
        "dotnet", [typeof(Ingestion).Assembly.Location, "--urls", address.ToString()])
    {
        Environment = { ["ConnectionStrings__Titanic"] = database.ConnectionString, ["Bootstrap__SimulateDays"] = "0", ["Logging__LogLevel__Default"] = "None" },
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
