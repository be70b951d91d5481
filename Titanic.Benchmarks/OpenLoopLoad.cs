using System.Diagnostics;
using System.Net.Sockets;

namespace Titanic.Benchmarks;

/// <summary>
/// An open-loop load: requests are due at fixed instants, whether or not earlier ones are answered. The latency of a request counts from
/// the instant at which it was due, which avoids coordinated omission: a stalled server also delays the requests that could not be sent
/// meanwhile. Requests that are not sent within twice the planned duration count as errors.
/// </summary>
internal static class OpenLoopLoad
{
    /// <summary>
    /// Number of connections. A request finds its connection free unless the previous response takes longer than this many intervals.
    /// </summary>
    private const int Connections = 64;

    public static async Task<Latencies> Run(Uri address, int requestsPerSecond, int seconds)
    {
        var start = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 10);
        var count = requestsPerSecond * seconds;
        var connections = await Task.WhenAll(Enumerable.Range(0, Connections).Select(first => SendOnSchedule(address, start, requestsPerSecond, first, count)));
        return new Latencies(
            [.. connections.SelectMany(connection => connection.Milliseconds).Order()], connections.Sum(connection => connection.Errors));
    }

    private static async Task<(List<double> Milliseconds, long Errors)> SendOnSchedule(Uri address, long start, int requestsPerSecond, int first, int count)
    {
        using var line = await RawHttpConnection.Connect(address);
        var (times, errors) = (new List<double>(), 0L);
        var deadline = start + (2 * Stopwatch.Frequency * count / requestsPerSecond);
        for (var i = first; i < count; i += Connections)
        {
            var due = start + (long)(Stopwatch.Frequency * (double)i / requestsPerSecond);
            if (due - Stopwatch.GetTimestamp() is > 0 and var ticks)
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(ticks * 1000.0 / Stopwatch.Frequency))); // a late timer counts as latency, too
            if (Stopwatch.GetTimestamp() > deadline || await SendOne(line, address, i) is not { } status)
                return (times, errors + ((count - i + Connections - 1) / Connections)); // all remaining requests of this connection
            errors += status == 200 ? 0 : 1;
            times.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
        }
        return (times, errors);
    }

    /// <returns>The status code; null if the connection was closed.</returns>
    private static async Task<int?> SendOne(RawHttpConnection line, Uri address, int number)
    {
        try
        {
            return await line.Send(PredictionRequests.Post(address, number));
        }
        catch (SocketException)
        {
            return null;
        }
    }
}

/// <summary>The result of an open-loop load.</summary>
/// <param name="Milliseconds">The latency of each response, ascending.</param>
/// <param name="Errors">Number of requests without a response or with a status other than 200.</param>
internal sealed record Latencies(IReadOnlyList<double> Milliseconds, long Errors)
{
    /// <summary>The nearest-rank percentile in milliseconds.</summary>
    /// <param name="share">0 to 1, such as 0.99.</param>
    public double Percentile(double share) => Milliseconds[(int)Math.Min(Math.Ceiling(share * Milliseconds.Count), Milliseconds.Count) - 1];
}
