using System.Diagnostics;
using System.Globalization;

namespace Titanic.Benchmarks;

/// <summary>
/// Startup time of the product as a user starts it, with <c>dotnet run --project Titanic.Web</c>: with an empty state folder, and again
/// after a stop. Restore packages and build before; run it in the repository's root with port 5000 free.
/// </summary>
internal static class StartupBenchmark
{
    private const string Site = "http://localhost:5000";

    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(3);

    public static async Task Measure(bool isQuick)
    {
        var state = Path.Combine(Environment.GetEnvironmentVariable("TITANIC_BENCHMARK_STATE") ?? Path.GetTempPath(), $"titanic-benchmark-{Environment.ProcessId}");
        try
        {
            var first = await StartAndStop(state);
            BenchmarkResult.AtMost("first-start-first-page-after-process-start", first.FirstPage, "s", 3);
            BenchmarkResult.AtMost("first-start-ready", first.Ready, "s", 30);
            BenchmarkResult.AtMost("first-start-complete-with-simulated-month", first.Complete, "s", 30);
            var again = new List<double>();
            for (var run = 0; run < (isQuick ? 1 : 5); run++)
                again.Add((await StartAndStop(state)).Ready);
            again.Sort();
            BenchmarkResult.AtMost("second-start-ready", again[again.Count / 2], "s", 4);
        }
        finally
        {
            if (Directory.Exists(state))
                Directory.Delete(state, recursive: true);
        }
    }

    private static async Task<(double FirstPage, double Ready, double Complete)> StartAndStop(string state)
    {
        var start = Stopwatch.GetTimestamp();
        using var site = Process.Start(new ProcessStartInfo("dotnet", ["run", "--project", "Titanic.Web"])
        {
            Environment = { ["Titanic__DataDirectory"] = state },
            RedirectStandardOutput = true,
        })!;
        site.OutputDataReceived += (_, _) => { };
        site.BeginOutputReadLine();
        try
        {
            await WaitForResponse($"{Site}/", site, start);
            using var product = Process.GetProcessById(int.Parse(ChildOf(site), CultureInfo.InvariantCulture));
            var firstPage = (DateTime.Now - product.StartTime).TotalSeconds;
            await WaitForResponse($"{Site}/health/ready", site, start);
            var ready = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await WaitForResponse($"{Site}/health/ready", site, start, "Ready");
            return (firstPage, ready, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        finally
        {
            using var request = Process.Start("kill", ["-TERM", ChildOf(site)]);
            await site.WaitForExitAsync();
        }
    }

    /// <summary>Waits until the address returns 200.</summary>
    /// <param name="text">The expected body; null for any body.</param>
    private static async Task WaitForResponse(string address, Process site, long start, string? text = null)
    {
        using var client = new HttpClient();
        while (Stopwatch.GetElapsedTime(start) < _timeout)
        {
            if (site.HasExited)
                throw new InvalidOperationException($"The site ended with exit code {site.ExitCode} before {address} responded.");
            try
            {
                using var response = await client.GetAsync(address);
                if (response.IsSuccessStatusCode && (text is null || text == await response.Content.ReadAsStringAsync()))
                    return;
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
        throw new TimeoutException($"{address} did not return the expected response within {_timeout.TotalSeconds} s.");
    }

    /// <summary>The process ID of the product: <c>dotnet run</c> starts it as a child process and does not forward signals.</summary>
    private static string ChildOf(Process parent) =>
        File.ReadAllText($"/proc/{parent.Id}/task/{parent.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
}
