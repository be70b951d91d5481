using System.Diagnostics;
using System.Net.Sockets;

namespace Titanic.Benchmarks;

/// <summary>
/// Requests that are due at fixed instants, whatever becomes of those before: how long people wait who do not wait for each other. A request's
/// time counts from the instant at which it was due, so a server that stalls cannot hide behind the questions that nobody could ask meanwhile.
/// What is not asked within twice the time is an error.
/// </summary>
internal static class OpenLoop
{
    /// <summary>Enough that a request finds its connection free unless an answer takes longer than so many intervals.</summary>
    private const int Connections = 64;

    public static async Task<Latencies> Run(Uri address, int requestsPerSecond, int seconds)
    {
        var start = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 10);
        var count = requestsPerSecond * seconds;
        var lines = await Task.WhenAll(Enumerable.Range(0, Connections).Select(first => AskInTime(address, start, requestsPerSecond, first, count)));
        return new Latencies([.. lines.SelectMany(line => line.Milliseconds).Order()], lines.Sum(line => line.Errors));
    }

    private static async Task<(List<double> Milliseconds, long Errors)> AskInTime(Uri address, long start, int requestsPerSecond, int first, int count)
    {
        using var line = await HttpLine.Connect(address);
        var (times, errors) = (new List<double>(), 0L);
        var giveUp = start + (2 * Stopwatch.Frequency * count / requestsPerSecond);
        for (var i = first; i < count; i += Connections)
        {
            var due = start + (long)(Stopwatch.Frequency * (double)i / requestsPerSecond);
            if (due - Stopwatch.GetTimestamp() is > 0 and var ticks)
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(ticks * 1000.0 / Stopwatch.Frequency))); // its own lateness counts, too
            if (Stopwatch.GetTimestamp() > giveUp || await Status(line, address, i) is not { } status)
                return (times, errors + ((count - i + Connections - 1) / Connections)); // all that this connection still had to ask
            errors += status == 200 ? 0 : 1;
            times.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
        }
        return (times, errors);
    }

    /// <returns>Null where the connection broke.</returns>
    private static async Task<int?> Status(HttpLine line, Uri address, int number)
    {
        try
        {
            return await line.Ask(Questions.Post(address, number));
        }
        catch (SocketException)
        {
            return null;
        }
    }
}

/// <param name="Milliseconds">Of every answer, ascending.</param>
/// <param name="Errors">Requests without an answer, or with another status than 200.</param>
internal sealed record Latencies(IReadOnlyList<double> Milliseconds, long Errors)
{
    /// <param name="share">Such as 0.99.</param>
    public double Percentile(double share) => Milliseconds[(int)Math.Min(Math.Ceiling(share * Milliseconds.Count), Milliseconds.Count) - 1];
}
