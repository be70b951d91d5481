using System.Diagnostics;
using System.Globalization;

namespace Titanic.Benchmarks;

/// <summary>
/// The product as a user starts it: <c>dotnet run --project Titanic.Web</c> with an empty state folder, stopped, and started again.
/// Packages are restored and the build is up to date before; run it from the repository's root, with port 5000 free.
/// </summary>
internal static class PipelinesFigures
{
    private const string Site = "http://localhost:5000";

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    public static async Task Measure(bool isQuick)
    {
        var state = Path.Combine(Environment.GetEnvironmentVariable("TITANIC_BENCHMARK_STATE") ?? Path.GetTempPath(), $"titanic-benchmark-{Environment.ProcessId}");
        try
        {
            var first = await StartAndStop(state);
            Figure.AtMost("first-start-first-page-after-process-start", first.FirstPage, "s", 3);
            Figure.AtMost("first-start-ready", first.Ready, "s", 30);
            Figure.AtMost("first-start-complete-with-simulated-month", first.Complete, "s", 30);
            var again = new List<double>();
            for (var run = 0; run < (isQuick ? 1 : 5); run++)
                again.Add((await StartAndStop(state)).Ready);
            again.Sort();
            Figure.AtMost("second-start-ready", again[again.Count / 2], "s", 4);
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
            await Until($"{Site}/", site, start);
            using var product = Process.GetProcessById(int.Parse(ChildOf(site), CultureInfo.InvariantCulture));
            var firstPage = (DateTime.Now - product.StartTime).TotalSeconds;
            await Until($"{Site}/health/ready", site, start);
            var ready = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await Until($"{Site}/health/ready", site, start, "Ready");
            return (firstPage, ready, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        finally
        {
            using var request = Process.Start("kill", ["-TERM", ChildOf(site)]);
            await site.WaitForExitAsync();
        }
    }

    /// <summary>Waits until the address answers with 200.</summary>
    /// <param name="text">And with exactly this text; null for any.</param>
    private static async Task Until(string address, Process site, long start, string? text = null)
    {
        using var client = new HttpClient();
        while (Stopwatch.GetElapsedTime(start) < _patience)
        {
            if (site.HasExited)
                throw new InvalidOperationException($"The site ended with code {site.ExitCode} before {address} answered.");
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
        throw new TimeoutException($"{address} did not answer within {_patience.TotalSeconds} s.");
    }

    /// <summary><c>dotnet run</c> waits for its child and passes no signal on.</summary>
    private static string ChildOf(Process parent) =>
        File.ReadAllText($"/proc/{parent.Id}/task/{parent.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
}
