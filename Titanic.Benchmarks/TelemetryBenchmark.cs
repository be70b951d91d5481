using System.Globalization;
using MathNet.Numerics.Distributions;

namespace Titanic.Benchmarks;

/// <summary>
/// Cost of the metrics: requests per second of <c>POST /api/predictions</c> with telemetry as by default, scraped every second, relative to
/// the same build with <c>OTEL_SDK_DISABLED</c>. Many short rounds in turn, in the order ABBA, so that other load on the machine and slow
/// changes of its speed affect both servers alike.
/// </summary>
internal static class TelemetryBenchmark
{
    private const double LargestCost = 0.03;

    /// <summary>Requests, not seconds: on a busy machine, few seconds leave the hot path in code that is not optimized.</summary>
    private const int RequestsToWarmUp = 40_000;

    public static async Task Measure(bool isQuick)
    {
        await using var server = await BenchmarkServer.Start();
        await using var database = await server.CreateDatabase();
        await using (await BenchmarkProduct.Start(database))
        {
            // imports the bundled list and trains a champion; serving needs no further step of the first start
        }
        await database.Execute("insert into setup_progress (setup_progress_id, step, steps_done, steps_total, started_at, finished_at) values (1, 'Set up', 0, 0, now(), now())");
        foreach (var log in (string[])["durable", "off"])
            await Compare(database, log, starts: isQuick ? 2 : 10, pairs: isQuick ? 3 : 4);
    }

    /// <summary>
    /// Starts several processes of each kind, because the compiler optimizes each by what it has executed: two of one kind differ, too. One
    /// pair of processes gives one ratio.
    /// </summary>
    private static async Task Compare(BenchmarkDatabase database, string log, int starts, int pairs)
    {
        var (throughput, processorTime, errors) = (new List<double>(), new List<double>(), 0L);
        for (var start = 0; start < starts; start++)
        {
            var rounds = await CompareProcesses(database, log, pairs);
            throughput.Add(BenchmarkResult.Median(rounds.ConvertAll(round => round.With.Load.RequestsPerSecond / round.Without.Load.RequestsPerSecond)));
            processorTime.Add(BenchmarkResult.Median(rounds.ConvertAll(round => round.With.MicrosecondsPerRequest / round.Without.MicrosecondsPerRequest)));
            errors += rounds.Sum(round => round.With.Load.Errors + round.Without.Load.Errors);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"# {log}: {rounds[^1].With} with, {rounds[^1].Without} without telemetry, ratios {throughput[^1]:0.000} and {processorTime[^1]:0.000}"));
        }
        Print($"{log}, requests/s", throughput);
        Print($"{log}, CPU time of the product per request", processorTime);
        BenchmarkResult.AtMost($"telemetry-cost-{log}", 1 - BenchmarkResult.Median(throughput), "of requests/s", LargestCost);
        BenchmarkResult.AtMost($"telemetry-errors-{log}", errors, "requests", 0);
    }

    private static async Task<List<(LoadedRound With, LoadedRound Without)>> CompareProcesses(BenchmarkDatabase database, string log, int pairs)
    {
        const int seconds = 2;
        using var measured = await StartProduct(database, log, isDisabled: false);
        using var silent = await StartProduct(database, log, isDisabled: true);
        using var stop = new CancellationTokenSource();
        var scrapes = ScrapeUntil(measured, stop.Token);
        foreach (var site in (ListeningProcess[])[measured, silent])
        {
            for (var requests = 0.0; requests < RequestsToWarmUp;)
                requests += (await ClosedLoopLoad.Run(site.Address, seconds)).RequestsPerSecond * seconds;
        }
        var rounds = new List<(LoadedRound, LoadedRound)>();
        for (var pair = 0; pair < pairs; pair++)
        {
            var isMeasuredFirst = pair % 2 == 0;
            var first = await Load(isMeasuredFirst ? measured : silent, seconds);
            var second = await Load(isMeasuredFirst ? silent : measured, seconds);
            rounds.Add(isMeasuredFirst ? (first, second) : (second, first));
        }
        await stop.CancelAsync();
        if (await scrapes == 0)
            throw new InvalidOperationException("The metrics were not read.");
        return rounds;
    }

    private static async Task<LoadedRound> Load(ListeningProcess site, int seconds)
    {
        var before = site.ProcessorTime;
        var load = await ClosedLoopLoad.Run(site.Address, seconds);
        return new LoadedRound(load, (site.ProcessorTime - before).TotalMicroseconds / (load.RequestsPerSecond * seconds));
    }

    private static void Print(string name, List<double> ratios)
    {
        var (low, high) = MedianInterval(ratios);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"# {name}: median of the paired ratios {BenchmarkResult.Median(ratios):0.000} (95% interval {low:0.000} to {high:0.000})"));
    }

    private static Task<ListeningProcess> StartProduct(BenchmarkDatabase database, string log, bool isDisabled) => ProductSite.Start(
        database, ("Serving__Log", log), ("OTEL_SDK_DISABLED", isDisabled ? "true" : "false"),
        ("Access__RateLimits__PredictingPerSecond", "1000000"), ("Access__RateLimits__PredictingBurst", "1000000"));

    /// <summary>Reads the metrics every second, more often than a usual Prometheus (15 s); returns the number of scrapes.</summary>
    private static async Task<int> ScrapeUntil(ListeningProcess site, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var scrapes = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                await site.Client.GetStringAsync("/metrics", stop);
                scrapes++;
            }
        }
        catch (OperationCanceledException)
        {
            // the end of the measurement
        }
        return scrapes;
    }

    /// <summary>
    /// At least 95% interval of the median without assumptions about the distribution: the order statistics x(k) and x(n + 1 − k) with the largest k
    /// for which P(X &lt; k) &lt;= 0.025, X ~ Binomial(n, ½) (sign test).
    /// </summary>
    private static (double Low, double High) MedianInterval(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        var k = 1;
        while (Binomial.CDF(0.5, sorted.Length, k) <= 0.025)
            k++;
        return (sorted[k - 1], sorted[^k]);
    }

    /// <summary>A round of one server.</summary>
    /// <param name="MicrosecondsPerRequest">CPU time of the product, which other load on the machine affects less than the throughput.</param>
    private sealed record LoadedRound(Throughput Load, double MicrosecondsPerRequest)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Load.RequestsPerSecond:0} requests/s, {MicrosecondsPerRequest:0} µs");
    }
}
