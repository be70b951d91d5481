using System.Diagnostics;
using System.Net.Sockets;

namespace Titanic.Benchmarks;

/// <summary>
/// So many connections, each of which asks anew as soon as it is answered: how much a server gets done at most. By wrk (Debian's package
/// <c>wrk</c>), which needs the least of the cores; where that is missing, by <see cref="HttpLine"/>.
/// </summary>
internal static class ClosedLoop
{
    private const int Connections = 64;

    public static async Task<Throughput> Run(Uri address, int seconds)
    {
        if (await Wrk(address, Connections, seconds) is { } measured)
            return measured;
        Console.WriteLine("# the load is made by the benchmark itself, which takes more of the cores than wrk would");
        return await Lines(address, seconds);
    }

    /// <returns>Requests a second, each with so many questions; null where wrk is missing, which is said.</returns>
    public static async Task<Throughput?> Wrk(Uri address, int connections, int seconds, params string[] questionsInARequest)
    {
        string[] arguments = ["-t", "1", "-c", $"{connections}", "-d", $"{seconds}s", "--timeout", "10s", "-s", Path.Combine(Peer.Folder, "questions.lua"), $"{address}"];
        if (await Peer.Run("wrk", [.. arguments, .. questionsInARequest]) is not { } printed)
            return null;
        double Value(string name) => printed[name].Last();
        return new Throughput(Value("requests") / Value("seconds"), (long)Value("errors"));
    }

    private static async Task<Throughput> Lines(Uri address, int seconds)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(line => AskUntil(address, line, start, TimeSpan.FromSeconds(seconds))));
        return new Throughput(counts.Sum(count => count.Requests) / Stopwatch.GetElapsedTime(start).TotalSeconds, counts.Sum(count => count.Errors));
    }

    private static async Task<(long Requests, long Errors)> AskUntil(Uri address, int number, long start, TimeSpan end)
    {
        var questions = Enumerable.Range(0, 600).Select(i => Questions.Post(address, i)).ToList();
        using var line = await HttpLine.Connect(address);
        var (requests, errors) = (0L, 0L);
        try
        {
            for (; Stopwatch.GetElapsedTime(start) < end; requests++)
                errors += await line.Ask(questions[(int)((number + requests) % questions.Count)]) == 200 ? 0 : 1;
        }
        catch (SocketException)
        {
            errors++;
        }
        return (requests, errors);
    }
}

/// <param name="RequestsPerSecond">All, wrong ones too.</param>
/// <param name="Errors">Requests without an answer, or with another status than 200.</param>
internal sealed record Throughput(double RequestsPerSecond, long Errors);
