using System.Diagnostics;
using Titanic.Web.Lifecycle.Archives;
using Titanic.Web.Tests.Lifecycle.Archives;

namespace Titanic.Benchmarks;

/// <summary>What damaged and forged archives of a version do to whoever checks them.</summary>
internal static class ArchiveFigures
{
    private const double MostMegabytes = 16, MostMilliseconds = 2000;

    public static Task Measure(bool isQuick)
    {
        Measure("damaged", isQuick ? 10_000 : 300_000, (trials, archives) => trials.Damage(seed: 1912, archives));
        Measure("forged", isQuick ? 2_000 : 50_000, (trials, archives) => trials.Forge(seed: 1912, archives));
        MeasureBits(isQuick ? 13 : 1);
        return Task.CompletedTask;
    }

    private static void Measure(string kind, int archives, Action<ArchiveTrials, int> run)
    {
        var trials = new ArchiveTrials();
        var started = Stopwatch.GetTimestamp();
        run(trials, archives);
        Console.WriteLine($"{archives} {kind} archives in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s: {trials.Refused} were refused, {trials.Accepted} hold and are the same");
        foreach (var surprise in trials.Surprises.Take(10))
            Console.WriteLine(surprise);
        Figure.AtMost($"archives-{kind}-surprises", trials.Surprises.Count, $"of-{archives}", 0);
        Figure.AtMost($"archives-{kind}-memory", trials.MostMemoryInBytes / 1e6, "MB", MostMegabytes);
        Figure.AtMost($"archives-{kind}-slowest", trials.Slowest.TotalMilliseconds, "ms", MostMilliseconds);
    }

    /// <summary>Every single bit of an archive, turned round alone.</summary>
    private static void MeasureBits(int step)
    {
        var archive = SampleArchive.Make();
        var (tried, held) = (0, 0);
        for (var bit = 0; bit < archive.Length * 8; bit += step)
        {
            archive[bit / 8] ^= (byte)(1 << bit % 8);
            tried++;
            held += ArchiveVerification.Check(new MemoryStream(archive, writable: false)).Holds ? 1 : 0;
            archive[bit / 8] ^= (byte)(1 << bit % 8);
        }
        Figure.AtMost("archives-single-bits-unnoticed", held, $"of-{tried}", 0);
    }
}
