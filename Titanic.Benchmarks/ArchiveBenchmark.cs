using System.Diagnostics;
using Titanic.Web.Lifecycle.Archives;
using Titanic.Web.Tests.Lifecycle.Archives;

namespace Titanic.Benchmarks;

/// <summary>
/// Verifies corrupt and forged archives of a model version: how many are detected, and the largest memory use and time of one verification.
/// </summary>
internal static class ArchiveBenchmark
{
    private const double MaximumMegabytes = 16, MaximumMilliseconds = 2000;

    public static Task Measure(bool isQuick)
    {
        Measure("damaged", isQuick ? 10_000 : 300_000, (trials, archives) => trials.MutateArchives(seed: 1912, archives));
        Measure("forged", isQuick ? 2_000 : 50_000, (trials, archives) => trials.MutateFiles(seed: 1912, archives));
        MeasureBits(isQuick ? 13 : 1);
        return Task.CompletedTask;
    }

    private static void Measure(string kind, int archives, Action<ArchiveFuzzer, int> run)
    {
        var trials = new ArchiveFuzzer();
        var started = Stopwatch.GetTimestamp();
        run(trials, archives);
        Console.WriteLine(
            $"{archives} {kind} archives in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s: {trials.Rejected} rejected, {trials.Accepted} accepted and equal to the original");
        foreach (var surprise in trials.UnexpectedResults.Take(10))
            Console.WriteLine(surprise);
        BenchmarkResult.AtMost($"archives-{kind}-surprises", trials.UnexpectedResults.Count, $"of-{archives}", 0);
        BenchmarkResult.AtMost($"archives-{kind}-memory", trials.MaximumMemoryInBytes / 1e6, "MB", MaximumMegabytes);
        BenchmarkResult.AtMost($"archives-{kind}-slowest", trials.MaximumDuration.TotalMilliseconds, "ms", MaximumMilliseconds);
    }

    /// <summary>
    /// Flips every <paramref name="step"/>-th bit of an archive, one at a time, and counts the flips that the verification accepts.
    /// </summary>
    private static void MeasureBits(int step)
    {
        var archive = SampleArchive.Create();
        var (tried, accepted) = (0, 0);
        for (var bit = 0; bit < archive.Length * 8; bit += step)
        {
            archive[bit / 8] ^= (byte)(1 << bit % 8);
            tried++;
            accepted += ArchiveVerification.Check(new MemoryStream(archive, writable: false)).IsValid ? 1 : 0;
            archive[bit / 8] ^= (byte)(1 << bit % 8);
        }
        BenchmarkResult.AtMost("archives-single-bits-unnoticed", accepted, $"of-{tried}", 0);
    }
}
