using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Titanic.Benchmarks;

/// <summary>
/// The median latency of <c>POST /api/predictions</c> (durable, one request at a time) while 24 readers request a costly page or file again and again,
/// relative to the median without readers: the median ratio of pairs of short rounds of one process in the order ABBA, so that other load on
/// the machine affects both alike.
/// </summary>
internal static class ReadersBenchmark
{
    private const int Readers = 24;
    private const double LargestRatio = 2;

    /// <summary>Between two predictions, so that they are a client's and not a load.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);

    public static async Task Measure(bool isQuick)
    {
        await using var server = await BenchmarkServer.Start();
        await using var database = await server.CreateDatabase();
        var days = isQuick ? 2 : 5;
        using var site = await ProductSite.Start(database, ("Bootstrap__SimulateDays", $"{days}"));
        await WaitUntilComplete(site);
        var versions = Enumerable.Range(1, days + 1).ToList();
        (string Name, string[] Paths)[] reads =
        [
            // all pairs, so that the first comparison of each is computed while the predictions are measured
            ("compare", [.. from a in versions from b in versions select $"/models/compare?a={a}&b={b}"]),
            ("compare-api", [.. from a in versions from b in versions select $"/api/models/compare?a={a}&b={b}"]),
            ("archive", [.. versions.Select(version => $"/api/models/{version}/archive")]),
            ("export", [.. versions.Select(dataset => $"/api/training-datasets/{dataset}/rows")]),
        ];
        await Predict(site.Address, TimeSpan.FromSeconds(isQuick ? 2 : 10)); // warms up
        foreach (var (name, paths) in reads)
            await Compare(site, name, paths, pairs: isQuick ? 2 : 10, TimeSpan.FromSeconds(3));
    }

    private static async Task Compare(ListeningProcess site, string name, string[] paths, int pairs, TimeSpan duration)
    {
        var (without, with, statuses) = (new List<double>(), new List<double>(), new List<HttpStatusCode>());
        for (var pair = 0; pair < pairs; pair++)
        {
            var isIdleFirst = pair % 2 == 0;
            if (isIdleFirst)
                without.Add(BenchmarkResult.Median(await Predict(site.Address, duration)));
            with.Add(BenchmarkResult.Median(await PredictWithReaders(site, paths, duration, statuses)));
            if (!isIdleFirst)
                without.Add(BenchmarkResult.Median(await Predict(site.Address, duration)));
        }
        var ratio = BenchmarkResult.Median([.. with.Zip(without, (busy, idle) => busy / idle)]);
        var completed = statuses.Count(status => status == HttpStatusCode.OK);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"# {name}: median prediction without readers {BenchmarkResult.Median(without):0.0} ms, with {Readers} readers {BenchmarkResult.Median(with):0.0} ms; "
            + $"{completed / (pairs * duration.TotalSeconds):0.0} reads/s, {statuses.Count - completed} rejected{Describe(statuses)}"));
        BenchmarkResult.AtMost($"readers-{name}", ratio, "of the median without readers", LargestRatio);
    }

    private static string Describe(List<HttpStatusCode> statuses) => string.Concat(
        statuses.Where(status => status != HttpStatusCode.OK).GroupBy(status => status).Select(group => $" ({group.Count()} with status {(int)group.Key})"));

    private static async Task<List<double>> PredictWithReaders(ListeningProcess site, string[] paths, TimeSpan duration, List<HttpStatusCode> statuses)
    {
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, Readers).Select(reader => ReadUntil(site, paths, reader, stop.Token)).ToList();
        var times = await Predict(site.Address, duration);
        await stop.CancelAsync();
        foreach (var read in await Task.WhenAll(readers))
            statuses.AddRange(read);
        return times;
    }

    private static async Task<List<HttpStatusCode>> ReadUntil(ListeningProcess site, string[] paths, int reader, CancellationToken stop)
    {
        var statuses = new List<HttpStatusCode>();
        try
        {
            for (var i = reader; ; i++)
            {
                using var response = await site.Client.GetAsync(paths[i % paths.Length], stop);
                await response.Content.ReadAsByteArrayAsync(stop);
                statuses.Add(response.StatusCode);
            }
        }
        catch (OperationCanceledException)
        {
            return statuses;
        }
    }

    /// <summary>The latencies in milliseconds.</summary>
    private static async Task<List<double>> Predict(Uri address, TimeSpan duration)
    {
        using var line = await RawHttpConnection.Connect(address);
        var times = new List<double>();
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < duration; await Task.Delay(_pause))
        {
            var sent = Stopwatch.GetTimestamp();
            if (await line.Send(PredictionRequests.Post(address, times.Count)) is var status and not 200)
                throw new InvalidOperationException($"A prediction returned {status}.");
            times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }
        return times;
    }

    private static async Task WaitUntilComplete(ListeningProcess site)
    {
        while (await site.Client.GetStringAsync("/health/ready") != "Ready")
            await Task.Delay(TimeSpan.FromMilliseconds(200));
    }
}
